"""One SQLite connection on one thread: the event loop never waits for the disk, and there is one writer."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from bot.errors import ConfigError

if TYPE_CHECKING:
    from sqlite_utils import Database

T = TypeVar("T")

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process that is writing."""
CUT_PATIENCE = 3.0
"""Seconds to wait for a moment at which nobody else uses the log beside the file."""
OTHERS = 0o077


class Connection:
    def __init__(self, db: "Database", thread: ThreadPoolExecutor) -> None:
        self._db = db
        self._thread = thread
        self._closed = False

    @classmethod
    async def open(cls, path: str | PathLike[str]) -> Self:
        """Raises ConfigError, with a remedy, for what cannot be the bot's database."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        try:
            db = await asyncio.get_running_loop().run_in_executor(thread, _open, Path(path))
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(db, thread)

    async def read(self, work: Callable[["Database"], T]) -> T:
        """What `work` returns: everything fetched, for a cursor does not leave the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._db)

    async def read_at_once(self, work: Callable[["Database"], T]) -> T:
        """The same, where `work` asks more than once: all of it is of one moment, whatever others write meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _snapshot, self._db, work)

    async def write(self, work: Callable[["Database"], T]) -> T:
        """What `work` returns, once all that it wrote is on disk; nothing of it is where it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _transact, self._db, work)

    async def compact(self) -> bool:
        """Leave no byte of what was removed in the file or beside it; False where others are in the way.

        What was removed is overwritten at once (`secure_delete`), but not what was removed before there was that, and
        the log beside the file (-wal) keeps older pages until it is cut.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, _compact, self._db)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._db.close)
        self._thread.shutdown(wait=False)


def _transact(db: "Database", work: Callable[["Database"], T]) -> T:
    # IMMEDIATE: a transaction that begins as a reader and then writes fails at once when another process wrote in
    # between, busy_timeout or not (https://www.sqlite.org/rescode.html#busy_snapshot).
    db.execute("BEGIN IMMEDIATE")
    try:
        result = work(db)
        db.commit()
    except BaseException:
        db.rollback()
        raise
    return result


def _snapshot(db: "Database", work: Callable[["Database"], T]) -> T:
    db.execute("BEGIN")
    try:
        return work(db)
    finally:
        db.rollback()


def _compact(db: "Database") -> bool:
    give_up = time.monotonic() + CUT_PATIENCE
    try:
        db.execute("VACUUM")
        # It waits for readers by `busy_timeout`, but not always for who is about to write.
        while db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > give_up:
                return False
            time.sleep(0.02)
    except sqlite3.OperationalError as exc:
        if exc.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        return False
    return True


def _open(path: Path) -> "Database":
    # Where the path is a link, the permissions are those of the file behind it.
    path = path.resolve()
    _make(path)
    try:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
        try:
            return _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as exc:
        raise _refusal(path, exc) from exc


def _prepare(connection: sqlite3.Connection, path: Path) -> "Database":
    from sqlite_utils import Database  # noqa: PLC0415 a quarter of a second, here and not at the bot's start

    from bot.storage.sqlite.migrations import migrate  # noqa: PLC0415 likewise

    connection.execute("PRAGMA schema_version").fetchone()  # is it a database at all? Only then is it touched
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        _tighten(each)
    _use_wal(connection, path)
    # After the kill of a process NORMAL would lose nothing, but after a power cut it may lose the last commits, and
    # what was promised is on disk: https://www.sqlite.org/pragma.html#pragma_synchronous
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Removed is overwritten: https://www.sqlite.org/pragma.html#pragma_secure_delete
    connection.execute("PRAGMA secure_delete = ON")
    db = Database(connection, execute_plugins=False)

    # One transaction for all steps: of two bots that start on a new database, one finds the work done.
    unknown = _transact(db, migrate)
    if unknown:
        raise ConfigError("DATABASE_PATH", f"a newer version has written {path}: run that one, or name another file")
    return db


def _use_wal(connection: sqlite3.Connection, path: Path) -> None:
    """Readers and the writer of two processes do not wait for one another. Kept in the file: a change once made stays.

    The change needs the file for itself, and does not wait for it by `busy_timeout`.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise ConfigError(
                "DATABASE_PATH", f"{path} is where SQLite has no shared memory: name a file on a local disk"
            )
        return


def _make(path: Path) -> None:
    """Make the file, if there is none, for its owner alone. Its -wal and -shm get the same mode from SQLite."""
    try:
        # Exclusively: closing a second descriptor of a file that SQLite has open would drop this process's locks on
        # it (https://www.sqlite.org/howtocorrupt.html, 2.2).
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if not path.is_file():
            raise ConfigError("DATABASE_PATH", f"{path} is no file: name one") from None
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError("DATABASE_PATH", f"there is no directory {path.parent}: make it, or name another") from None
    except OSError as exc:
        raise ConfigError("DATABASE_PATH", f"{path} cannot be made ({exc.strerror}): name another file") from exc


def _tighten(path: Path) -> None:
    """Take a file, if there is one, from all but its owner."""
    try:
        if path.stat().st_mode & OTHERS:
            path.chmod(0o600)
    except FileNotFoundError:
        return
    except OSError as exc:
        raise ConfigError(
            "DATABASE_PATH", f"others may read {path}, and it is not ours to change: chmod 600 it"
        ) from exc


def _refusal(path: Path, exc: sqlite3.DatabaseError) -> ConfigError:
    match getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            remedy = f"{path} is no SQLite database: name another file"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            remedy = f"{path} cannot be written: give the bot's user the right to, in its directory too"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            remedy = f"another process has kept {path} to itself for {BUSY_TIMEOUT:.0f} s: stop it"
        case _:
            remedy = f"{path} cannot be used: SQLite says {exc}"
    return ConfigError("DATABASE_PATH", remedy)
