"""One SQLite connection on one thread: the event loop never waits for the disk, and there is only one writer."""

import asyncio
import math
import os
import secrets
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Self, TypeVar

from bot.errors import ConfigError, NoDatabase, StorageFailed
from bot.storage.columns import json_text
from bot.storage.sqlite.failures import DISK_FULL, failure
from bot.storage.sqlite.session import SqliteSession
from bot.storage.transaction import Transaction, Work
from bot.storage.worker import Worker, transact

T = TypeVar("T")

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process that is writing."""
CUT_PATIENCE = 3.0
"""Seconds to wait for a moment at which nobody else uses the log beside the file."""
COMPACTED_FAST = 100_000_000
"""Bytes. Ten times as much took 14 s on a busy machine."""
LOG_PAGES = 4_000
"""How long the log beside the file becomes: 16 MB."""
OTHERS = 0o077
_TRIAL = "trial"
_TRIAL_BYTES = 16_384
"""A few of the database's pages."""


class Connection:
    def __init__(self, session: SqliteSession, thread: ThreadPoolExecutor, path: Path, *, is_new: bool) -> None:
        self.is_new = is_new
        self._worker = Worker(session, thread)
        self._path = path
        self._file = _file(path)
        """Identifies the file that is open."""
        self._pages_read_at = -math.inf
        self._pages_took = 0.0

    @classmethod
    async def open(cls, path: str | PathLike[str], *, create: bool = True) -> Self:
        """Open the database. Raises ConfigError, with a remedy, for what can't be the bot's database."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        try:
            session, resolved, is_new = await asyncio.get_running_loop().run_in_executor(
                thread, _open, Path(path), create
            )
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(session, thread, resolved, is_new=is_new)

    async def check(self) -> None:
        """Return when the database can be read and written, and will be there after a restart. Raises StorageFailed."""
        await self._worker.run(_write_more, writes=True)
        await asyncio.to_thread(self._check_file)

    def _check_file(self) -> None:
        # Without its -wal the last writes are lost at the next start, as everything is without the file itself.
        if _file(self._path) != self._file or not self._path.with_name(f"{self._path.name}-wal").exists():
            raise StorageFailed("removed", str(self._path))
        # Reading every page of a large database takes seconds: no more than a fiftieth of the time is spent on it.
        if time.monotonic() < self._pages_read_at + 50 * self._pages_took:
            return
        began = time.monotonic()
        check_pages(self._path)
        self._pages_read_at = time.monotonic()
        self._pages_took = self._pages_read_at - began

    async def read(self, work: Work[T]) -> T:
        """Return what `work` returns, which must have fetched everything: a cursor can't leave the thread."""
        return await self._worker.run(work)

    async def read_at_once(self, work: Work[T]) -> T:
        """The same for several queries, which all see one moment, whatever others write in the meantime."""
        return await self._worker.run(partial(_snapshot, work=work))

    async def write(self, work: Work[T], *, urgent: bool = False, then: Callable[[T], None] | None = None) -> T:
        """Return what `work` returns, once all that it wrote is on disk; if it raises, nothing is written.

        If the disk fails, so does what others write at the same moment: they share a transaction.
        """
        return await self._worker.run(work, writes=True, urgent=urgent, then=then)

    async def compacts_fast(self) -> bool:
        """Return whether `compact` takes no more than a second or two, in which all others have to wait."""
        size = "select page_count * page_size as size from pragma_page_count, pragma_page_size"
        (row,) = await self.read(lambda tx: tx.fetch(size))
        return bool(row["size"] <= COMPACTED_FAST)

    async def compact(self) -> bool:
        """Leave no byte of what was removed in the file or beside it; False if others are in the way.

        What is removed is overwritten at once (`secure_delete`). But early versions didn't do that, SQLite leaves some
        of what it moves between pages, and the log beside the file (-wal) keeps older pages until it is cut.
        """
        return await self._worker.run(_compact)

    async def close(self) -> None:
        await self._worker.close()


def _file(path: Path) -> tuple[int, int] | None:
    """Return what identifies a file, even if another gets its name later; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _write_more(tx: Transaction) -> None:
    """Write a few pages into a new row, before the last one goes: overwriting that would need no room."""
    name = f"{_TRIAL} {time.time_ns()}"
    value = json_text(secrets.token_hex(_TRIAL_BYTES // 2))
    tx.insert("facts", {"name": name, "value": value, "written_at": ""})
    tx.execute("delete from facts where name like ? and name != ?", [f"{_TRIAL} %", name])


def check_pages(path: Path) -> None:
    """Read every page, on a new connection, which has none cached. Blocks. Raises StorageFailed."""
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT)
        try:
            (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as exc:
        if (failed := failure(path, exc)) is None:
            raise
        raise failed from exc
    if result != "ok":
        raise StorageFailed("damaged", str(path))


def _snapshot(tx: Transaction, work: Work[T]) -> T:
    tx.execute("BEGIN")
    try:
        return work(tx)
    finally:
        tx.execute("ROLLBACK")


def _compact(tx: Transaction) -> bool:
    give_up = time.monotonic() + CUT_PATIENCE
    try:
        # Something that copies the log all the time would hold up the bot for as long.
        tx.execute(f"PRAGMA busy_timeout = {CUT_PATIENCE * 1000:.0f}")
        tx.execute("VACUUM")
        # It waits for readers by `busy_timeout`, but not always for somebody who is about to write.
        while tx.fetch("PRAGMA wal_checkpoint(TRUNCATE)")[0]["busy"]:
            if time.monotonic() > give_up:
                return False
            time.sleep(0.02)
    except sqlite3.OperationalError as exc:
        if exc.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        return False
    finally:
        tx.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}")
    return True


def _open(path: Path, create: bool) -> tuple[SqliteSession, Path, bool]:
    """Return the session, the database's path without links, and whether it is new."""
    path = resolve(path)
    is_new = create and _make(path)
    if path.exists() and not path.is_file():
        raise ConfigError("DATABASE_PATH", f"is {path}, which isn't a file. Set it to a file.")
    if not create and not (path.exists() and path.stat().st_size):
        raise no_database(path)
    file = _file(path)
    try:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
        try:
            session = _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as exc:
        if _file(path) == file:
            raise _refusal(path, exc) from exc
    else:
        if _file(path) == file:
            return session, path, is_new
        session.close()
    # A backup was put in its place while this waited for the lock.
    return _open(path, create)


def resolve(path: Path) -> Path:
    """Return the path of the file behind a link: its permissions count. Raises ConfigError for a circle of links."""
    try:
        resolved = path.resolve()
        resolved.exists()
    except (RuntimeError, OSError):  # the former up to Python 3.12
        raise ConfigError("DATABASE_PATH", f"is {path}, a link that leads nowhere. Set it to a file.") from None
    return resolved


def no_database(path: Path) -> NoDatabase:
    return NoDatabase(
        "DATABASE_PATH",
        f"is {path}, but there is no database there. Set it to the one that the bot uses; "
        "the bot's first start makes it.",
    )


def _prepare(connection: sqlite3.Connection, path: Path) -> SqliteSession:
    from sqlite_utils import Database  # noqa: PLC0415 a quarter of a second, here and not at the bot's start

    from bot.storage.sqlite.migrations import migrate  # noqa: PLC0415 likewise

    connection.execute("PRAGMA schema_version").fetchone()  # is it a database at all? Only then is it touched
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        _tighten(file)
    _use_wal(connection, path)
    # With NORMAL, a killed process loses nothing, but a power cut may lose the last commits, and promises must be on
    # disk: https://www.sqlite.org/pragma.html#pragma_synchronous
    connection.execute("PRAGMA synchronous = FULL")
    # By default SQLite copies the log into the file after 4 MB, and whoever writes then waits for the disk twice more:
    # https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is removed is overwritten: https://www.sqlite.org/pragma.html#pragma_secure_delete
    connection.execute("PRAGMA secure_delete = ON")
    # SQLite's own lower() knows only ASCII.
    connection.create_function("fold_case", 1, str.casefold, deterministic=True)
    session = SqliteSession(connection, path)
    # One transaction for all steps: if two bots start on a new database, the second finds the work done.
    unknown = transact(session, lambda _tx: migrate(Database(connection, execute_plugins=False)))
    if unknown:
        raise ConfigError(
            "DATABASE_PATH",
            f"is {path}, which a newer version of the bot has used. Run that version, or use another file.",
        )
    return session


def _use_wal(connection: sqlite3.Connection, path: Path) -> None:
    """Let the readers and the writer of two processes not wait for one another. The file keeps the mode.

    Changing it needs the file exclusively, and `busy_timeout` doesn't wait for that.
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
                "DATABASE_PATH", f"is {path}, where SQLite can't use shared memory. Set it to a file on a local disk."
            )
        return


def _make(path: Path) -> bool:
    """Create the file, if there is none, readable only by its owner; return whether it was created.

    SQLite gives its -wal and -shm the same mode.
    """
    try:
        # Exclusively: closing a second descriptor of a file that SQLite has open would drop this process's locks on
        # it (https://www.sqlite.org/howtocorrupt.html, 2.2).
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(
            "DATABASE_PATH", f"is in {path.parent}, which doesn't exist. Create that folder, or use another one."
        ) from None
    except OSError as exc:
        remedy = "Free up space" if exc.errno in DISK_FULL else "Use another file"
        raise ConfigError("DATABASE_PATH", f"is {path}, which can't be created ({exc.strerror}). {remedy}.") from exc
    return True


def _tighten(path: Path) -> None:
    """Forbid a file, if there is one, to everybody but its owner."""
    try:
        if path.stat().st_mode & OTHERS:
            path.chmod(0o600)
    except FileNotFoundError:
        return
    except OSError as exc:
        raise ConfigError(
            "DATABASE_PATH",
            f"is {path}, which other users can read, and the bot may not change that. Run chmod 600 on it.",
        ) from exc


def _refusal(path: Path, exc: sqlite3.DatabaseError) -> ConfigError:
    match getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case sqlite3.SQLITE_NOTADB:
            remedy = f"is {path}, which isn't an SQLite database. Use another file."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            remedy = f"is {path}, which can't be written to. Give the bot's user write access to it and its folder."
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            remedy = f"is {path}, which another process has locked for {BUSY_TIMEOUT:.0f} seconds. Stop that process."
        case _:
            known = failure(path, exc)
            remedy = f"is {path}, but {known}." if known else f"is {path}, which can't be used. SQLite says: {exc}"
    return ConfigError("DATABASE_PATH", remedy)
