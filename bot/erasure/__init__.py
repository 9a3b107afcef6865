"""Deletes what the bot posted and kept about a subject."""
