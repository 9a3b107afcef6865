"""Bolt listeners."""
