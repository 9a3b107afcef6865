"""The implementations of the storage, each opened on a directory.

To test another one, add its `open` function here. Opening a directory twice opens the same data twice, as two bots do.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.clock import Clock
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.storage.stores import JobQueue, Stores


class MakeQueue(Protocol):
    def __call__(self, clock: Clock, holder: str, *, concurrency: int = 8) -> JobQueue: ...


@dataclass(frozen=True)
class Storage:
    """One process's connection to the data."""

    stores: Stores
    queue: MakeQueue
    close: Callable[[], Awaitable[None]]


async def open_sqlite(home: Path) -> Storage:
    database = await Database.open(home / "bot.db")

    def make_queue(clock: Clock, holder: str, *, concurrency: int = 8) -> JobQueue:
        return Jobs(database, clock, holder, concurrency=concurrency)

    return Storage(database.stores, make_queue, database.close)


IMPLEMENTATIONS = {"sqlite": open_sqlite}
