"""Kickscale in Slack."""

__version__ = "0.2.0"
"""Read from here, also by the build: an install by `requirements.txt` has no package metadata."""
