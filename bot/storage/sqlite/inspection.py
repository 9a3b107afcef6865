"""A look at the database that leaves it as it is: for the doctor."""

import os
import sqlite3
from pathlib import Path

from bot.errors import ConfigError, StorageFailed
from bot.storage.sqlite.connection import check_pages
from bot.storage.sqlite.failures import is_full


def inspect(path: Path) -> str:
    """Return what state the database is in, in words. Blocks. Raises ConfigError if the bot can't use it."""
    path = path.resolve()
    if not path.exists():
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise ConfigError("DATABASE_PATH", f"{path.parent} is not there or not writable: make it, or name another")
        if path.with_name(f"{path.name}-wal").exists():  # a running bot keeps it beside the database
            raise ConfigError("DATABASE_PATH", str(StorageFailed("removed", str(path))))
        if is_full(path.parent):
            raise ConfigError("DATABASE_PATH", str(StorageFailed("full", str(path))))
        return f"{path} is not there yet; the first start creates it"
    if not path.is_file():
        raise ConfigError("DATABASE_PATH", f"{path} is no file: name another file")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigError("DATABASE_PATH", f"{path} can't be written: give the bot's user the right to")
    if is_full(path.parent):
        raise ConfigError("DATABASE_PATH", str(StorageFailed("full", str(path))))
    try:
        check_pages(path)
    except StorageFailed as exc:
        is_other = getattr(exc.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB
        remedy = f"{path} is no SQLite database: name another file" if is_other else str(exc)
        raise ConfigError("DATABASE_PATH", remedy) from exc
    if path.stat().st_mode & 0o077:
        raise ConfigError("DATABASE_PATH", f"others may read {path}: chmod 600 it, or start the bot, which does")
    return f"answers, {path.stat().st_size // 1024:,} KB"
