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
"""Bytes that a disk which is not full takes."""
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
    """What the error means for whoever runs the bot; None for a mistake of ours, such as a constraint. Blocks."""
    code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    cause = _CAUSES.get(code & 0xFF)
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        cause = "removed"
    # A full disk is an I/O error where SQLite wants to enlarge the file beside the database that processes share.
    if cause == "disk" and is_full(path.parent):
        cause = "full"
    return StorageFailed(cause, str(path)) if cause else None


def is_full(folder: Path) -> bool:
    """Whether the disk takes no more. Writes to a file without a name, of which nothing is left. Blocks."""
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            data = os.urandom(_TRIED)  # a disk that packs what it stores packs zeros into nothing
            while data:  # the first part may find room
                data = data[file.write(data) :]
            os.fsync(file.fileno())
    except OSError as exc:
        return exc.errno in DISK_FULL
    return False
