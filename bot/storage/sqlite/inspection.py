"""Inspects the database without changing it, for the doctor."""

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.errors import ConfigError, StorageFailed
from bot.storage.columns import read_json, read_moment
from bot.storage.sqlite.connection import check_pages, resolve
from bot.storage.sqlite.failures import is_full


def inspect(path: Path) -> str:
    """Return a description of the database's state. Blocks. Raises ConfigError if the bot can't use it."""
    path = resolve(path)
    if not path.exists():
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise ConfigError(
                "DATABASE_PATH",
                f"is in {path.parent}, which doesn't exist or isn't writable. Create it, or use another folder.",
            )
        if path.with_name(f"{path.name}-wal").exists():  # a running bot keeps it beside the database
            raise ConfigError("DATABASE_PATH", f"is {path}, but {StorageFailed('removed', str(path))}.")
        if is_full(path.parent):
            raise ConfigError("DATABASE_PATH", f"is {path}, but {StorageFailed('full', str(path))}.")
        return f"{path} doesn't exist yet; the first start creates it"
    if not path.is_file():
        raise ConfigError("DATABASE_PATH", f"is {path}, which isn't a file. Set it to a file.")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigError(
            "DATABASE_PATH",
            f"is {path}, which can't be written to. Give the bot's user write access to it and its folder.",
        )
    if is_full(path.parent):
        raise ConfigError("DATABASE_PATH", f"is {path}, but {StorageFailed('full', str(path))}.")
    try:
        check_pages(path)
    except StorageFailed as exc:
        is_other = getattr(exc.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB
        remedy = (
            f"is {path}, which isn't an SQLite database. Use another file." if is_other else f"is {path}, but {exc}."
        )
        raise ConfigError("DATABASE_PATH", remedy) from exc
    if path.stat().st_mode & 0o077:
        raise ConfigError(
            "DATABASE_PATH",
            f"is {path}, which other users can read. Run chmod 600 on it, or start the bot, which does that.",
        )
    return f"undamaged, {path.stat().st_size // 1024:,} KB"


def read_fact(path: Path, name: str) -> tuple[Any, datetime] | None:
    """Return a stored fact and when it was stored; None if there is none, or no database that can be read. Blocks."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("select value, written_at from facts where name = ?", [name]).fetchone()
    except sqlite3.Error:
        return None
    return (read_json(row[0]), read_moment(row[1])) if row else None
