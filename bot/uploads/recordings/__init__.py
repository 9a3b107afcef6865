"""Recordings: what their first bytes, their tags and their names tell."""
