"""经营分析: what the ledgers say when they are laid side by side. Reads everything, changes nothing."""
