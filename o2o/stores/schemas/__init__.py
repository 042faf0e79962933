"""Wire shapes of the stores, a file for each of its api."""
