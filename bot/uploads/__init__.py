"""Recordings shared in Slack, or on disk, that become calls in Kickscale."""
