"""What is urgent is written before what others asked for, in a transaction of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.storage.postgres.connection import PostgresConnection
from bot.storage.sqlite.connection import Connection as SqliteConnection
from bot.storage.transaction import Connection, Transaction
from tests.postgres import SHARED

PATIENCE = 30.0
"""Seconds until a test fails that would wait for ever."""


@pytest.fixture(params=["sqlite", "postgres"])
async def connection(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Connection]:
    if request.param == "sqlite":
        connection: Connection = await SqliteConnection.open(tmp_path / "bot.db")
    else:
        connection = await PostgresConnection.open(SHARED.of(tmp_path))
    yield connection
    await connection.close()


def fact(name: str) -> Callable[[Transaction], str]:
    """Return what writes a fact, and returns its name."""

    def write(tx: Transaction) -> str:
        tx.insert("facts", {"name": name, "value": "1", "written_at": ""})
        return name

    return write


def names(tx: Transaction) -> set[str]:
    return {row["name"] for row in tx.fetch("select name from facts")}


async def test_it_is_written_before_what_waits(connection: Connection) -> None:
    """It waits for no more than one of the others, although they were to share a transaction. All are written."""
    has_begun, may_end, is_written = threading.Event(), threading.Event(), threading.Event()

    def begin(tx: Transaction) -> str:
        has_begun.set()
        assert may_end.wait(PATIENCE)
        return fact("begun")(tx)

    def follow(tx: Transaction) -> str:
        assert is_written.wait(PATIENCE)
        return fact("waiting")(tx)

    others = [asyncio.ensure_future(connection.write(work)) for work in (begin, follow)]
    assert await asyncio.to_thread(has_begun.wait, PATIENCE)
    urgent = [asyncio.ensure_future(connection.write(fact(name), urgent=True)) for name in ("a", "b")]
    await asyncio.sleep(0)
    may_end.set()
    assert await asyncio.gather(*urgent) == ["a", "b"]
    is_written.set()
    assert await asyncio.gather(*others) == ["begun", "waiting"]
    assert await connection.read(names) == {"begun", "waiting", "a", "b"}


async def test_it_fails_alone(connection: Connection) -> None:
    """Neither what is as urgent is affected, nor what others write."""

    def fail(tx: Transaction) -> str:
        fact("lost")(tx)
        raise LookupError("lost")

    answers = await asyncio.gather(
        connection.write(fact("a")),
        connection.write(fail, urgent=True),
        connection.write(fact("b"), urgent=True),
        connection.write(fact("c")),
        return_exceptions=True,
    )
    assert [str(answer) for answer in answers] == ["a", "lost", "b", "c"]
    assert await connection.read(names) == {"a", "b", "c"}


async def test_what_is_to_follow_does_so_even_if_nobody_waits(connection: Connection) -> None:
    """The write had begun: it couldn't be taken back."""
    has_begun, may_end = threading.Event(), threading.Event()
    followed: list[str] = []

    def begin(tx: Transaction) -> str:
        has_begun.set()
        assert may_end.wait(PATIENCE)
        return fact("begun")(tx)

    writing = asyncio.ensure_future(connection.write(begin, urgent=True, then=followed.append))
    assert await asyncio.to_thread(has_begun.wait, PATIENCE)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    may_end.set()
    await connection.write(fact("next"))
    assert followed == ["begun"]
    assert await connection.read(names) == {"begun", "next"}


async def test_it_is_written_before_the_database_is_closed(connection: Connection) -> None:
    """As is whatever was asked for."""
    written = asyncio.ensure_future(connection.write(fact("a"), urgent=True))
    await asyncio.sleep(0)
    await connection.close()
    assert await written == "a"
