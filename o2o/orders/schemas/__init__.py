"""Wire shapes of the hall, a file for each of its api."""
