"""Two releases on one database."""

import psycopg
import pytest

from bot.errors import ConfigError
from bot.storage.postgres import PostgresDatabase
from tests.clock import MONDAY_MORNING as NOW
from tests.postgres import SHARED, expand

OFTEN = 10
"""Psycopg would prepare a statement that was executed five times."""


async def test_a_bot_works_on_while_a_newer_one_adds_columns() -> None:
    """Also with statements that it has used before; and it can be started again, as in a rollback."""
    url = SHARED.make_new()
    database = await PostgresDatabase.open(url)
    try:
        for number in range(OFTEN):
            await database.facts.set("count", number, NOW)
            assert await database.facts.get("count") is not None
        expand(url)
        for number in range(OFTEN):
            await database.facts.set("count", number, NOW)
            assert await database.facts.get("count") is not None
    finally:
        await database.close()
    await (await PostgresDatabase.open(url, create=False)).close()


async def test_a_bot_refuses_to_start_after_a_step_that_takes_away() -> None:
    """It may miss what was there: any step that isn't named an expansion."""
    url = SHARED.make_new()
    await (await PostgresDatabase.open(url)).close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into schema_steps values ('contract questions')")
    with pytest.raises(ConfigError, match="a newer version of the bot has used"):
        await PostgresDatabase.open(url)
