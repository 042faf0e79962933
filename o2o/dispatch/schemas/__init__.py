"""Wire shapes of dispatch, a file for each of its api."""
