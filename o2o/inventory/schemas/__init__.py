"""Wire shapes of stock."""
