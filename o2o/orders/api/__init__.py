"""HTTP of the hall, a file for each who asks."""
