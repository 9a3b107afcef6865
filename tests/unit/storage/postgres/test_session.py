"""What happens to transactions when PostgreSQL refuses, ends or loses them."""

import asyncio
import contextlib
import logging
import secrets
import threading
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from bot.errors import GoneError, StorageFailed
from bot.storage.postgres.connection import CONNECTIONS, PostgresConnection
from bot.storage.postgres.session import WRITER
from bot.storage.transaction import Row, Transaction, Values

END_WAITING = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where wait_event = 'advisory' and datname = current_database()
"""


def add(name: str) -> Callable[[Transaction], None]:
    return lambda tx: tx.insert("facts", {"name": name, "value": "1", "written_at": ""})


def end_who_waits(admin: psycopg.Connection) -> None:
    """End the connection that waits to write, as soon as one does."""
    while not admin.execute(END_WAITING).fetchall():
        pass


async def test_a_connection_that_breaks_before_a_transaction_is_replaced(
    connection: PostgresConnection, admin: psycopg.Connection
) -> None:
    """However often that happens: none is missing from the pool afterwards."""
    admin.execute(f"select pg_advisory_lock({WRITER})")
    for number in range(CONNECTIONS + 1):
        ending = asyncio.create_task(asyncio.to_thread(end_who_waits, admin))
        with pytest.raises(StorageFailed, match="doesn't answer"):
            await connection.write(add(f"lost {number}"))
        await ending
    admin.execute(f"select pg_advisory_unlock({WRITER})")
    await connection.write(add("kept"))
    assert await connection.read(lambda tx: tx.fetch("select name from facts")) == [{"name": "kept"}]


async def test_a_connection_that_breaks_within_a_transaction_is_replaced(connection: PostgresConnection) -> None:
    """Nothing of the transaction is written, nor of those that share it; the next ones work."""

    def die(tx: Transaction) -> None:
        tx.fetch("select pg_terminate_backend(pg_backend_pid())")

    for _ in range(CONNECTIONS + 1):
        answers = await asyncio.gather(
            connection.write(add("beside")),
            connection.write(die),
            connection.read(die),
            connection.read_at_once(die),
            return_exceptions=True,
        )
        assert [type(answer) for answer in answers] == [StorageFailed] * 4
    assert await connection.read(lambda tx: tx.fetch("select name from facts")) == []
    await connection.write(add("kept"))


async def test_what_follows_a_failed_statement_is_not_called_written(connection: PostgresConnection) -> None:
    """PostgreSQL answers such a commit by rolling back, and doesn't call that an error."""

    def swallow(tx: Transaction) -> None:
        add("lost")(tx)
        with contextlib.suppress(psycopg.Error):
            tx.execute("select 1 from nothing")

    with pytest.raises(RuntimeError, match="nothing was written"):
        await connection.write(swallow)
    assert await connection.read(lambda tx: tx.fetch("select name from facts")) == []
    await connection.write(add("kept"))


async def test_a_writer_whose_machine_is_gone_holds_up_nobody_for_long(connection: PostgresConnection) -> None:
    """PostgreSQL ends its transaction before the others have lost their patience, and none of that stays behind."""
    query = """select current_setting('idle_in_transaction_session_timeout')::interval as silence,
        current_setting('lock_timeout')::interval as patience"""
    (writing,) = await connection.write(lambda tx: tx.fetch(query))
    assert timedelta(0) < writing["silence"] < writing["patience"]
    (reading,) = await connection.read(lambda tx: tx.fetch(query))
    assert list(reading.values()) == [timedelta(0)] * 2


async def test_a_lock_that_nobody_releases_is_named(connection: PostgresConnection, admin: psycopg.Connection) -> None:
    """Somebody left a transaction open, for example in a client: nothing is written, and the admin hears why."""

    def write(tx: Transaction) -> None:
        tx.execute("set local lock_timeout = 1")
        add("lost")(tx)

    with admin.transaction():
        admin.execute("lock table facts in exclusive mode")
        with pytest.raises(StorageFailed, match="another process is locking the database"):
            await connection.write(write)
    await connection.write(add("kept"))


async def test_a_database_that_only_lets_one_read_is_named(connection: PostgresConnection) -> None:
    """A standby after a failover, or a server whose provider stopped it before its disk was full."""

    def write(tx: Transaction) -> None:
        tx.execute("set local transaction_read_only = on")
        add("lost")(tx)

    with pytest.raises(StorageFailed, match="can't be opened or written to"):
        await connection.write(write)


async def test_what_is_too_long_is_not_blamed_on_the_server(connection: PostgresConnection) -> None:
    """The admin would look for a fault where there is none."""
    with pytest.raises(psycopg.errors.ProgramLimitExceeded):
        await connection.write(add(secrets.token_hex(10_000)))


async def test_a_refused_change_leaves_no_warning(
    connection: PostgresConnection, caplog: pytest.LogCaptureFixture
) -> None:
    """A change that is refused is rolled back, which is nothing to worry about."""

    def refuse(tx: Transaction) -> None:
        add("lost")(tx)
        raise GoneError("subscription", "d1")

    with caplog.at_level(logging.WARNING), pytest.raises(GoneError):
        await connection.write(refuse)
    assert not caplog.records
    assert await connection.read(lambda tx: tx.fetch("select name from facts")) == []


async def test_closing_waits_for_what_is_being_read(url: str) -> None:
    """Also for what waits for a thread. What was given up is still read, and harms nobody."""
    connection = await PostgresConnection.open(url)
    began, goes_on = threading.Event(), threading.Event()

    def read(tx: Transaction) -> int:
        began.set()
        goes_on.wait()
        return int(tx.fetch("select 7 as value")[0]["value"])

    given_up, *readings = [asyncio.create_task(connection.read(read)) for _ in range(CONNECTIONS + 1)]
    await asyncio.to_thread(began.wait)
    given_up.cancel()
    closing = asyncio.create_task(connection.close())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="closed"):
        await connection.read(read)
    goes_on.set()
    assert await asyncio.gather(*readings) == [7] * CONNECTIONS
    await closing


@pytest.mark.parametrize(
    ("sql", "values", "row"),
    [
        ("select 'is it 5 % or :x? it''s' as a, ? as b", [1], {"a": "is it 5 % or :x? it's", "b": 1}),
        ('select :b::int as "why :not?", 7 % 4 as b', {"b": 2}, {"why :not?": 2, "b": 3}),
        ("select ? as a -- isn't that 5 % of :b?\n, ? as b", [1, 2], {"a": 1, "b": 2}),
        ("select 'a%' like ? as a", ["a\\%"], {"a": True}),
    ],
)
async def test_only_what_is_meant_as_a_placeholder_is_one(
    connection: PostgresConnection, sql: str, values: Values, row: Row
) -> None:
    """Not what is in texts, quoted names, casts or comments."""
    assert await connection.read(lambda tx: tx.fetch(sql, values)) == [row]


async def test_what_was_written_is_on_disk(url: str, admin: psycopg.Connection) -> None:
    """When whoever wrote it hears so, though the commit itself doesn't wait for that."""
    admin.execute(f"alter database {admin.info.dbname} set synchronous_commit = on")
    other = await PostgresConnection.open(url)

    def write(tx: Transaction) -> str:
        add("kept")(tx)
        (row,) = tx.fetch("select pg_current_wal_insert_lsn()::text as written")
        return str(row["written"])

    try:
        for _ in range(10):
            written = await other.write(write)
            assert admin.execute("select pg_current_wal_flush_lsn() >= %s::pg_lsn", [written]).fetchone() == (True,)
            await other.write(lambda tx: tx.execute("delete from facts"))
    finally:
        await other.close()
        admin.execute(f"alter database {admin.info.dbname} reset synchronous_commit")
