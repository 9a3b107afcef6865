"""The stores and the queue in a PostgreSQL database."""

from collections.abc import AsyncGenerator, Collection
from typing import Self

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.postgres.connection import PostgresConnection
from bot.storage.postgres.deliveries import deliver
from bot.storage.postgres.listening import listen, notify
from bot.storage.queue import CONCURRENCY, Jobs


class PostgresDatabase(Database):
    def __init__(self, connection: PostgresConnection, url: str) -> None:
        super().__init__(connection, is_new=connection.is_new, announce=deliver, wake=notify)
        self._postgres = connection
        self._url = url

    @classmethod
    async def open(cls, url: str, *, create: bool = True) -> Self:
        """Connect, and bring the database up to date; with `create`, an empty one too.

        Raises ConfigError, with a remedy, if it can't be used.
        """
        return cls(await PostgresConnection.open(url, create=create), url)

    def changes(self) -> AsyncGenerator[None, None]:
        return listen(self._url)

    def make_queue(
        self, clock: Clock, holder: str, *, concurrency: int = CONCURRENCY, only: Collection[int] | None = None
    ) -> Jobs:
        from bot.storage.postgres.queue import DeliveredJobs  # noqa: PLC0415 imports Procrastinate

        return DeliveredJobs(self.jobs, self._postgres, self._url, clock, holder, concurrency=concurrency, only=only)
