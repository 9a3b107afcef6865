"""Sending a recording to Kickscale."""
