"""What each screen reads, shaped for it. Read-only; may look into any table; keeps no truth of its own."""
