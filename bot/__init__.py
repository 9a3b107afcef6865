"""Kickscale in Slack."""
