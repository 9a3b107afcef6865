"""The status message."""
