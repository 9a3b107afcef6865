"""The implementations of the storage, each opened at a place.

To test another one, add its `open` function here. Opening a place twice opens the same data twice, as two bots do.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.clock import Clock
from bot.storage.database import Database as Stored
from bot.storage.postgres import PostgresDatabase
from bot.storage.sql.jobs import JobRows
from bot.storage.sqlite import Database
from bot.storage.stores import JobQueue, Stores
from tests.postgres import expand


class MakeQueue(Protocol):
    def __call__(self, clock: Clock, holder: str, *, concurrency: int = 8) -> JobQueue: ...


@dataclass(frozen=True)
class Place:
    """Where a test's data is: a folder or, once it is asked for, a database of a PostgreSQL server."""

    folder: Path
    make_url: Callable[[], str]


@dataclass(frozen=True)
class Storage:
    """One process's connection to the data."""

    stores: Stores
    queue: MakeQueue
    changes: Callable[[], AsyncGenerator[None, None]]
    rows: JobRows
    """The rows of the queue, in which a test plays a bot that dies."""
    close: Callable[[], Awaitable[None]]


async def open_sqlite(place: Place) -> Storage:
    return _storage(await Database.open(place.folder / "bot.db"))


async def open_postgres(place: Place) -> Storage:
    return _storage(await PostgresDatabase.open(place.make_url()))


async def open_expanded(place: Place) -> Storage:
    """Open a database to which the next release has added columns, the first time while this one has it open."""
    url = place.make_url()
    database = await PostgresDatabase.open(url)
    expand(url)
    return _storage(database)


def _storage(database: Stored) -> Storage:
    def make_queue(clock: Clock, holder: str, *, concurrency: int = 8) -> JobQueue:
        return database.make_queue(clock, holder, concurrency=concurrency)

    return Storage(database.stores, make_queue, database.changes, database.jobs, database.close)


IMPLEMENTATIONS = {"sqlite": open_sqlite, "postgres": open_postgres, "expanded": open_expanded}
