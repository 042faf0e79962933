"""HTTP of dispatch, a file for each who asks."""
