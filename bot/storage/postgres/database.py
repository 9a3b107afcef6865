"""The stores in a PostgreSQL database."""

from typing import Self

from bot.storage.database import Database
from bot.storage.postgres.connection import PostgresConnection


class PostgresDatabase(Database):
    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect, and bring the database up to date. Raises ConfigError, with a remedy, if it can't be used."""
        connection = await PostgresConnection.open(url)
        return cls(connection, is_new=connection.is_new)
