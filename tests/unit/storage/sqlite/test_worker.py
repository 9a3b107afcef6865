"""What is asked of the database at the same moment is done together, and each one gets its own answer."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.errors import StorageFailed
from bot.storage.sqlite.connection import Connection
from bot.storage.transaction import Transaction
from tests.unit.storage.sqlite.disk import full_disk


@pytest.fixture
async def connection(path: Path) -> AsyncIterator[Connection]:
    connection = await Connection.open(path)
    yield connection
    await connection.close()


class Fact:
    """Writes a fact, and then raises if it is to."""

    def __init__(self, name: str, *, size: int = 1, raises: bool = False) -> None:
        self.name = name
        self.size = size
        self.raises = raises

    def __call__(self, tx: Transaction) -> str:
        tx.execute("insert into facts values (?, ?, '')", [self.name, "x" * self.size])
        if self.raises:
            raise LookupError(self.name)
        return self.name


def names(tx: Transaction) -> set[str]:
    return {row["name"] for row in tx.fetch("select name from facts")}


async def test_one_that_fails_does_not_affect_the_others(connection: Connection) -> None:
    """Nothing of it is written; what the others write is there, and each has its own result or error."""
    works = [Fact("a"), Fact("b", raises=True), Fact("a"), Fact("c")]
    answers = await asyncio.gather(*map(connection.write, works), return_exceptions=True)
    assert [type(answer) for answer in answers] == [str, LookupError, sqlite3.IntegrityError, str]
    assert await connection.read(names) == {"a", "c"}


@dataclass
class Unequal(Exception):
    """Can't be hashed, like every dataclass that is compared by its fields."""

    name: str


async def test_any_error_reaches_whoever_asked(connection: Connection) -> None:
    """Nobody waits forever because of what an error is like."""

    def fail(_tx: Transaction) -> None:
        raise Unequal("a")

    for ask in (connection.write, connection.read):
        answers = await asyncio.gather(
            ask(fail), ask(fail), connection.write(Fact(ask.__name__)), return_exceptions=True
        )
        assert list(answers) == [Unequal("a"), Unequal("a"), ask.__name__]


async def test_if_the_disk_fails_nobody_is_told_that_something_was_written(connection: Connection) -> None:
    """SQLite undoes the whole transaction then. What only reads is answered, and later all works again."""
    with full_disk():
        *failures, read = await asyncio.gather(
            *(connection.write(Fact(str(number), size=50_000)) for number in range(3)),
            connection.read(names),
            return_exceptions=True,
        )
    assert [type(failed) for failed in failures] == [StorageFailed] * 3
    assert read == set()
    await asyncio.gather(*(connection.write(Fact(str(number))) for number in range(3)))
    assert await connection.read(names) == {"0", "1", "2"}


async def test_what_was_asked_for_is_done_before_the_database_is_closed(path: Path) -> None:
    """And afterwards nothing is, but an error says so."""
    connection = await Connection.open(path)
    written = [asyncio.ensure_future(connection.write(Fact(str(number)))) for number in range(3)]
    await asyncio.sleep(0)
    await connection.close()
    assert [await future for future in written] == ["0", "1", "2"]
    with pytest.raises(RuntimeError, match="closed"):
        await connection.read(names)


async def test_what_was_cancelled_before_it_began_is_not_done(connection: Connection) -> None:
    """The others are."""
    works = [asyncio.ensure_future(connection.write(Fact(name))) for name in ("a", "b", "c")]
    await asyncio.sleep(0)
    works[1].cancel()
    await asyncio.wait(works)
    assert await connection.read(names) == {"a", "c"}


async def test_those_who_asked_at_the_same_moment_go_on_one_after_another(connection: Connection) -> None:
    """Each in a turn of the event loop of its own, so that others have theirs in between."""
    loop = asyncio.get_running_loop()
    turns = 0
    went_on: list[int] = []

    def count() -> None:
        nonlocal turns
        turns += 1
        if len(went_on) < 3:
            loop.call_soon(count)

    async def ask(work: Fact) -> None:
        await connection.write(work)
        went_on.append(turns)

    count()
    await asyncio.gather(*(ask(Fact(name)) for name in ("a", "b", "c")))
    assert len(set(went_on)) == 3
