"""Blocks, limits and formats that every message uses."""
