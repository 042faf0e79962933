"""HTTP of the stores, a file for each kind of work."""
