"""Copies of the database, each in one file: made while the bot runs, checked, and put back.

All of this blocks: it is for the command line.
"""

import fcntl
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from bot.errors import ConfigError
from bot.model.audit import AuditRow
from bot.model.backup import Contents
from bot.storage.sqlite.connection import BUSY_TIMEOUT, no_database
from bot.storage.sqlite.failures import failure, is_full
from bot.storage.sqlite.session import SqliteSession
from bot.storage.worker import transact

PAGES = 1000
"""Copied in one step, about 4 MB: Ctrl-C is noticed between two of them."""
COUNTED = ("subscriptions", "uploads", "messages", "mirror", "audit")
"""The tables whose rows people know."""
_HEADER = b"SQLite format 3\0"
_LOCKED_FROM = 0x40000000
_LOCKED = 512
"""Where SQLite locks a file, and how many bytes: https://www.sqlite.org/fileformat2.html#the_lock_byte_page"""


def back_up(database: Path, target: Path, *, replace: bool) -> Contents:
    """Copy a database, whether or not a bot uses it, to a file that only its owner can read.

    The copy is the database as it was at one moment, and gets its name once it is whole and checked. Raises ConfigError
    and StorageFailed.
    """
    database = database.resolve()
    if not (database.is_file() and database.stat().st_size):
        raise no_database(database)
    if target.exists() and target.samefile(database):
        raise ConfigError(str(target), "is the database itself. Give the copy another name.")
    if target.exists() and not replace:
        raise ConfigError(str(target), "exists already. Choose another name, or add --replace.")
    if not target.absolute().parent.is_dir():
        raise ConfigError(str(target), "is in a folder that doesn't exist. Create that folder, or use another one.")
    with copied(database, target.absolute().parent, is_used=True) as copy:
        contents, _ = _inspect(copy, database)
        _name(copy, target, replace=replace)
    return contents


@contextmanager
def copied(source: Path, folder: Path, *, is_used: bool = False) -> Iterator[Path]:
    """Copy a database to a temporary file in `folder`, which only its owner can read. Raises as `back_up` does.

    `is_used` says that a bot may be using the source.
    """
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=".kickscale-bot-", suffix=".db")
    except OSError as exc:
        raise ConfigError(str(folder), f"can't be written to ({exc.strerror}). Use another folder.") from exc
    os.close(handle)
    copy = Path(name)
    try:
        try:
            _copy(source, copy, is_used)
        except sqlite3.Error as exc:
            # The source is only read, so a full disk is the copy's.
            failed = failure(copy if is_full(folder) else source, exc)
            if failed is None or getattr(exc, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_NOTADB:
                raise _foreign(source) from exc
            raise failed from exc
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _copy(source: Path, copy: Path, is_used: bool) -> None:
    # Without a log beside it, a file that nobody uses can be read even if SQLite can't create one.
    is_alone = not (is_used or source.with_name(f"{source.name}-wal").exists())
    with closing(_connect(source, "&immutable=1" * is_alone)) as connection, closing(sqlite3.connect(copy)) as written:
        # One snapshot for all steps: otherwise each commit of a running bot would start the copy again
        # (https://www.sqlite.org/c3ref/backup_finish.html). In WAL mode, reading holds up no writer.
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        connection.backup(written, pages=PAGES)
        written.execute("PRAGMA journal_mode = DELETE").fetchone()  # no file beside it


def check_backup(backup: Path, source: Path, known: frozenset[str]) -> Contents:
    """Read a copy of `source` from its first page to its last. Raises ConfigError for what can't be put back.

    `known` are the steps of the schema that this version of the bot knows.
    """
    contents, steps = _inspect(backup, source)
    if steps - known:
        raise ConfigError(
            str(source), "is from a newer version of the bot. Install that version, or restore an older backup."
        )
    return contents


def _inspect(copy: Path, source: Path) -> tuple[Contents, frozenset[str]]:
    """Return what is in a copy, and the steps of its schema. Raises ConfigError, about the file it was copied from."""
    try:
        with closing(_connect(copy)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if verdict != "ok":
                raise ConfigError(str(source), f"is damaged ({verdict}). Use an older backup.")
            if not {"_sqlite_migrations", "audit"} <= tables:
                raise _foreign(source)
            steps = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'kickscale-bot'")
            counts = {
                table: int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 ours
                for table in COUNTED
                if table in tables
            }
            (last,) = connection.execute("SELECT max(at) FROM audit").fetchone()
            contents = Contents(copy.stat().st_size, counts, str(last or "")[:16].replace("T", " "))
            return contents, frozenset(name for (name,) in steps)
    except sqlite3.DatabaseError as exc:
        raise ConfigError(str(source), f"is damaged ({exc}). Use an older backup.") from exc


def _connect(path: Path, options: str = "") -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{options}", uri=True, timeout=BUSY_TIMEOUT)


def _foreign(source: Path) -> ConfigError:
    return ConfigError(str(source), "isn't a database of this bot. Use a file that `kickscale-bot backup` made.")


def record(copy: Path, row: AuditRow) -> None:
    """Append a row to a copy's audit. Its schema stays as it is."""
    from bot.storage.sql.audit_chain import append  # noqa: PLC0415 a backup doesn't need it

    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        transact(SqliteSession(connection, copy), lambda tx: append(tx, row))


def put_in_place(copy: Path, database: Path, now: datetime) -> Path | None:
    """Rename a file to be the database, in the same folder; return where the one before it is now, if there was one.

    Whenever this is interrupted, one of the two is the database. Raises ConfigError if another process has it open.
    """
    database = database.resolve()
    is_there = database.exists()
    if os.geteuid() == 0:  # what root restores, the bot's user must be able to use
        owner = (database if is_there else database.parent).stat()
        os.chown(copy, owner.st_uid, owner.st_gid)
    if not is_there:
        _name(copy, database, replace=False)
        return None
    aside = database.with_name(f"{database.name}.replaced-{now:%Y%m%dT%H%M%S.%fZ}")
    with unused(database):
        os.link(database, aside)
        log = database.with_name(f"{database.name}-wal")
        if log.exists():  # SQLite couldn't read the database; the new one must not get what is in its log
            log.rename(f"{aside}-wal")
        _name(copy, database, replace=True)
    return aside


@contextmanager
def unused(database: Path) -> Iterator[None]:
    """Keep others from opening a database. Raises ConfigError if somebody has it open, even if they do nothing."""
    _empty_log(database)
    # Not with SQLite, which may not be able to read the file. Closing any descriptor of the file ends the lock.
    descriptor = os.open(database, os.O_RDWR)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKED, _LOCKED_FROM)
        except OSError:
            raise in_use(database) from None
        yield
    finally:
        os.close(descriptor)


def in_use(database: Path) -> ConfigError:
    return ConfigError("DATABASE_PATH", f"is {database}, which another process has open. Stop the bot, then try again.")


def _empty_log(database: Path) -> None:
    """Write what is in the log beside the file into the file, if nobody has it open and it is a database."""
    with database.open("rb") as file:
        if file.read(len(_HEADER)) != _HEADER:
            return  # SQLite would remove the log
    try:
        with closing(sqlite3.connect(database, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.DatabaseError:
        return


def _name(copy: Path, target: Path, *, replace: bool) -> None:
    """Give a file its name, and make sure that it has it after a power cut. Raises ConfigError."""
    if replace:
        copy.replace(target)
    else:
        try:
            os.link(copy, target)  # unlike a rename, it replaces nothing
        except FileExistsError:
            raise ConfigError(str(target), "exists already. Choose another name, or add --replace.") from None
    folder = os.open(target.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
