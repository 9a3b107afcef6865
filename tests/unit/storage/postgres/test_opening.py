"""Databases that can't be used: a sentence says why, at the start and from the doctor."""

import asyncio
import re
from collections.abc import Iterator

import psycopg
import pytest

from bot.errors import ConfigError
from bot.model.access import Sight
from bot.model.mirror import Wanted
from bot.storage.postgres import PostgresDatabase
from bot.storage.postgres.inspection import inspect, read_fact


@pytest.fixture
def guest(url: str) -> Iterator[str]:
    """The address of an empty schema, with a user who may not create tables there."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("create schema apart; create role guest login; grant usage on schema apart to guest")
        admin.execute("alter role guest set search_path = apart")
        yield url.replace("//bot@", "//guest@")
        admin.execute("drop schema apart; drop role guest")


async def test_a_user_who_may_not_create_tables(guest: str) -> None:
    """As it is for everybody but the owner of a database since PostgreSQL 15."""
    with pytest.raises(ConfigError, match=r"can't be used\. PostgreSQL says: permission denied for schema apart$"):
        await PostgresDatabase.open(guest)
    with pytest.raises(ConfigError, match="may not create tables"):
        inspect(guest)


async def test_a_database_that_can_only_be_read(url: str) -> None:
    """Such as a standby."""
    only_read = f"{url}?options=-cdefault_transaction_read_only%3Don"
    with pytest.raises(ConfigError, match="read-only transaction"):
        await PostgresDatabase.open(only_read)
    with pytest.raises(ConfigError, match="can only be read"):
        inspect(only_read)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
async def test_a_database_that_cannot_hold_any_text(url: str, encoding: str) -> None:
    """As a server has it that was set up without a locale."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"create database narrow encoding '{encoding}' lc_collate 'C' lc_ctype 'C' template template0")
        try:
            narrow = re.sub("[^/]+$", "narrow", url)
            for refused in (PostgresDatabase.open(narrow), asyncio.to_thread(inspect, narrow)):
                with pytest.raises(ConfigError, match=f"whose encoding is {encoding}.*encoding 'UTF8'"):
                    await refused
        finally:
            admin.execute("drop database narrow with (force)")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("$", "?sslmod=require", 'invalid URI query parameter: "sslmod"'),
        ("$", "?options=-csearch_path%3Dnowhere", "no schema has been selected to create in"),
        ("$", "_missing", 'FATAL:  database "test_1_missing" does not exist'),
        (":[0-9]+/", ":1/", "Connection refused"),
    ],
)
async def test_an_address_that_leads_nowhere(url: str, before: str, after: str, reason: str) -> None:
    """A misspelled option, a schema that isn't there, another database, a server that isn't running."""
    wrong = re.sub(before, after, url)
    for refused in (PostgresDatabase.open(wrong), asyncio.to_thread(inspect, wrong)):
        with pytest.raises(ConfigError) as refusal:
            await refused
        assert str(refusal.value).endswith(f"PostgreSQL says: {reason}") or "may not create tables" in str(
            refusal.value
        )
    assert read_fact(wrong, "anything") is None


@pytest.fixture
def plain(url: str) -> Iterator[str]:
    """The address of a new database of a server that was built without ICU."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("create database plain template template0")
        with psycopg.connect(f"{url.rpartition('/')[0]}/plain", autocommit=True) as owner:
            owner.execute('drop collation pg_catalog."und-x-icu"')
        yield f"{url.rpartition('/')[0]}/plain"
        admin.execute("drop database plain with (force)")


async def test_a_server_without_icu(plain: str) -> None:
    """The bot starts: no more depends on it than whether a filter finds `ÜBERGABE` as `übergabe`."""
    database = await PostgresDatabase.open(plain)
    try:
        assert await database.mirror.figures(Wanted(type="Übergabe"), Sight()) == []
    finally:
        await database.close()
