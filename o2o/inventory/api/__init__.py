"""HTTP of stock, a file for each kind of work."""
