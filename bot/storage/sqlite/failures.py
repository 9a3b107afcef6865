"""Why the database can't be used: the cause that one of SQLite's error codes stands for.

https://www.sqlite.org/rescode.html
"""

import errno
import os
import sqlite3
import tempfile
from pathlib import Path

from bot.errors import DatabaseCause, StorageFailed

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TRIED = 64 * 1024
"""Bytes for which a disk that isn't full has room."""
_CAUSES: dict[int, DatabaseCause] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_READONLY: "readonly",
    sqlite3.SQLITE_PERM: "readonly",
    sqlite3.SQLITE_CANTOPEN: "readonly",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_IOERR: "disk",
}


def failure(path: Path, exc: sqlite3.Error) -> StorageFailed | None:
    """Return what the error means for the bot's admin; None for a bug of ours, e.g. a violated constraint. Blocks."""
    code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    cause = _CAUSES.get(code & 0xFF)
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        cause = "removed"
    # A full disk is an I/O error when SQLite enlarges the file beside the database that processes share.
    if cause == "disk" and is_full(path.parent):
        cause = "full"
    return StorageFailed(cause, str(path)) if cause else None


def is_full(folder: Path) -> bool:
    """Return whether the disk is full. Writes to a file without a name, of which nothing stays. Blocks."""
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            data = os.urandom(_TRIED)  # zeros would take no room on a disk that compresses
            while data:  # the first part may find room
                data = data[file.write(data) :]
            os.fsync(file.fileno())
    except OSError as exc:
        return exc.errno in DISK_FULL
    return False
