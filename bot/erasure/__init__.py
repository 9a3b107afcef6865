"""Deletes what the bot posted and stored about a subject."""
