"""What clerks and head office read about stock, a file for each kind of work."""
