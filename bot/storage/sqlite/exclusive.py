"""A database that nobody else may open for a while. Blocks: it is for the command line."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.errors import StorageFailed
from bot.storage.sqlite.backups import in_use
from bot.storage.sqlite.failures import failure
from bot.storage.sqlite.session import SqliteTransaction
from bot.storage.transaction import Transaction

TAKEN = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def exclusive(path: Path) -> Iterator[Transaction]:
    """Yield the database, to be read. Raises ConfigError if somebody has it open, and StorageFailed."""
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            # Of a database with a write-ahead log, that is taken with the first query, even from those who do nothing:
            # https://www.sqlite.org/wal.html#use_of_wal_without_shared_memory
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            yield SqliteTransaction(connection)
    except sqlite3.Error as exc:
        if getattr(exc, "sqlite_errorcode", 0) & 0xFF in TAKEN:
            raise in_use(path) from exc
        # Text that isn't UTF-8 has no code of SQLite's.
        raise failure(path, exc) or StorageFailed("damaged", str(path)) from exc
