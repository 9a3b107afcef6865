"""Statistics, and the customers that are known."""
