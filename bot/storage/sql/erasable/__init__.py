"""What each table keeps of a subject: the SQL behind `bot.storage.erasable`."""

from bot.storage.sql.erasable.store import KEPT_TABLES, Erasures

__all__ = ["KEPT_TABLES", "Erasures"]
