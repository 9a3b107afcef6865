"""The stores in an SQLite file."""

import asyncio
from collections.abc import AsyncGenerator
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Self

from bot.storage.database import Database as Stored
from bot.storage.sqlite.connection import Connection

if TYPE_CHECKING:
    from bot.storage.sqlite.erased_subjects import ErasedSubjects


LOOK = 1.0
"""Seconds between two looks whether another process has written something."""


class Database(Stored):
    @classmethod
    async def open(cls, path: str | PathLike[str], *, create: bool = True) -> Self:
        """Open the database in the file at `path`, and bring it up to date; only the bot's user can read it.

        With `create`, a missing file is created. Raises ConfigError, with a remedy, for what can't be the bot's
        database.
        """
        connection = await Connection.open(path, create=create)
        return cls(connection, is_new=connection.is_new)

    async def changes(self) -> AsyncGenerator[None, None]:
        before = None
        while True:
            # It changes with what others commit: https://www.sqlite.org/pragma.html#pragma_data_version
            (row,) = await self._connection.read(lambda tx: tx.fetch("PRAGMA data_version"))
            if row != before:
                before = row
                yield
            await asyncio.sleep(LOOK)

    @cached_property
    def erased_subjects(self) -> "ErasedSubjects":
        from bot.storage.sqlite.erased_subjects import ErasedSubjects  # noqa: PLC0415 only for `restore`

        return ErasedSubjects(self._connection)
