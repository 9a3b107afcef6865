"""The stores in an SQLite file."""

from os import PathLike
from typing import Self

from bot.storage.database import Database as Stored
from bot.storage.sqlite.connection import Connection


class Database(Stored):
    @classmethod
    async def open(cls, path: str | PathLike[str], *, create: bool = True) -> Self:
        """Open the database in the file at `path`, and bring it up to date; only the bot's user can read it.

        With `create`, a missing file is created. Raises ConfigError, with a remedy, for what can't be the bot's
        database.
        """
        connection = await Connection.open(path, create=create)
        return cls(connection, is_new=connection.is_new)
