"""Meetings and calls: found, filtered, shared, delivered."""
