"""A look at the database that leaves it as it is: for the doctor."""

import os
import sqlite3
from pathlib import Path

from bot.errors import ConfigError


def inspect(path: Path) -> str:
    """In what state the database is, in words. Blocks. Raises ConfigError for one that the bot can't use."""
    path = path.resolve()
    if not path.exists():
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise ConfigError("DATABASE_PATH", f"{path.parent} is not there or not writable: make it, or name another")
        return "not there yet; the first start makes it"
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigError("DATABASE_PATH", f"{path} can't be written: give the bot's user the right to")
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as exc:
        raise ConfigError(
            "DATABASE_PATH", f"{path} is no SQLite database that can be read ({exc}): name another file"
        ) from exc
    if found != "ok":
        raise ConfigError(
            "DATABASE_PATH", f"{path} is damaged ({found}): restore it from a backup, or name another file"
        )
    if path.stat().st_mode & 0o077:
        raise ConfigError("DATABASE_PATH", f"others may read {path}: chmod 600 it, or start the bot, which does")
    return f"answers, {path.stat().st_size // 1024:,} KB"
