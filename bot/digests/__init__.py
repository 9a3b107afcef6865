"""Subscriptions, daily digests and live cards."""
