"""Digests, live cards and subscriptions."""
