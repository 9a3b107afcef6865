"""The words of removed conversations are forgotten while others write."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.model.access import Sight
from bot.model.conversation import Kind
from bot.model.mirror import Wanted
from bot.storage.postgres.connection import PostgresConnection
from bot.storage.sql.mirror import Mirror
from bot.storage.sql.mirror_words import forget_words
from bot.storage.sqlite.connection import Connection as SqliteConnection
from bot.storage.transaction import Connection, Work
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.copies import copy
from tests.postgres import SHARED

T = TypeVar("T")

OPENINGS: dict[str, Callable[[Path], Awaitable[Connection]]] = {
    "sqlite": lambda folder: SqliteConnection.open(folder / "bot.db"),
    "postgres": lambda folder: PostgresConnection.open(SHARED.of(folder)),
}


class Busy:
    """A connection; after each reading, somebody writes."""

    def __init__(self, connection: Connection, write: Callable[[], Awaitable[None]]) -> None:
        self._connection = connection
        self._write = write
        self.write = connection.write
        self.read_at_once = connection.read_at_once
        self.check = connection.check
        self.compacts_fast = connection.compacts_fast
        self.compact = connection.compact
        self.close = connection.close

    async def read(self, work: Work[T]) -> T:
        result = await self._connection.read(work)
        await self._write()
        return result


@pytest.fixture(params=OPENINGS)
async def connection(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Connection]:
    connection = await OPENINGS[request.param](tmp_path)
    yield connection
    await connection.close()


async def words(connection: Connection) -> list[str]:
    return [row["word"] for row in await connection.read(lambda tx: tx.fetch("select word from mirror_words"))]


async def test_a_word_that_is_copied_meanwhile_stays(connection: Connection) -> None:
    """It is still found as a part of another; the others of the removed conversation are gone."""
    mirror = Mirror(connection)
    await mirror.merge([copy("c1", "Gastzugang Besprechung")], None, NOW)
    await mirror.remove(Kind.CALL, ["c1"])
    assert len(await words(connection)) == 2
    await forget_words(Busy(connection, lambda: mirror.merge([copy("c2", "Gastzugang")], None, NOW)))
    assert await words(connection) == ["gastzugang"]
    found = await mirror.search(["zugang"], Wanted(), Sight(), skip=0, count=1)
    assert [hit.id for hit in found.hits] == ["c2"]
