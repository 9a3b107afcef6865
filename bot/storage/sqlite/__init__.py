"""What the bot remembers: SQLite through sqlite-utils, with every query.

Importing this costs nothing: sqlite-utils, a quarter of a second, is imported on the database's own thread.
"""

from bot.storage.sqlite.database import Database

__all__ = ["Database"]
