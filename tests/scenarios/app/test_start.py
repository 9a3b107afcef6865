"""The end of the start: the bot takes commands already, and then begins what it does by itself."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app.clients import kickscale_client
from bot.app.lifecycle import Bot
from bot.app.readiness import Readiness
from handlers import register_handlers
from tests.databases import ON_FILE
from tests.world import ROBIN, SALES, World, world


async def test_a_command_at_once_is_answered(here: World) -> None:
    """It is acknowledged before everything is imported, and answered after that."""
    here.add_calls(1)
    await here.run_to_end(here.bot.stop())
    before = len(here.slack.ephemerals(SALES, ROBIN))
    asking: list[asyncio.Task[object]] = []

    def ask(_address: str) -> None:
        asking.append(asyncio.create_task(here.slack.command(ROBIN, SALES, "/kickscale calls acme.com")))

    here.bot = await Bot.start(here.settings, here.clock, register=register_handlers, on_ready=ask)
    await asyncio.gather(*asking)
    await here.settle()
    (answer,) = here.slack.ephemerals(SALES, ROBIN)[before:]
    assert "1 call with acme.com" in here.text(answer)


async def test_readiness_waits_until_everything_runs(here: World) -> None:
    """Slack and the database alone are not enough."""

    async def is_connected() -> bool:
        return True

    readiness = Readiness(
        here.bot.services.slack, kickscale_client(here.settings), here.bot.database.stores.health, is_connected
    )
    checking = asyncio.create_task(readiness.check())
    assert await here.bot.readiness.check() == {"slack": True, "database": True}
    assert not checking.done()
    readiness.begin()
    assert await checking == {"slack": True, "database": True}


@pytest.mark.parametrize(
    ("fault", "kickscale"),
    [
        ({}, True),
        ({"status": 403}, "credentials refused"),
        ({"status": 404}, "request refused (HTTP 404)"),
        ({"body": "<html>"}, "unexpected response"),
    ],
)
async def test_full_readiness_includes_kickscale(
    tmp_path: Path, fault: Mapping[str, Any], kickscale: bool | str
) -> None:
    """Only if asked for: otherwise a platform would restart the bot because Kickscale fails."""
    async with world(tmp_path, port=0) as here, aiohttp.ClientSession(here.bot.address.split()[-1]) as client:
        if fault:
            here.kickscale.faults.add("/meetings", times=9, **fault)
        async with client.get("/readyz") as response:
            assert (response.status, "kickscale" in await response.text()) == (200, False)
        async with client.get("/readyz?full") as response:
            said = (await response.json())["checks"]["kickscale"]
            assert response.status == (503 if fault else 200)
        assert said == kickscale or str(said).startswith(str(kickscale))


@ON_FILE
async def test_a_bot_whose_own_work_cannot_begin_stops(here: World) -> None:
    """Although it took commands already: otherwise it would keep no promise, and nobody would notice."""
    connections = here.slack.sockets.connections

    def drop(_address: str) -> None:
        with closing(sqlite3.connect(here.settings.database_path)) as database:
            database.execute("drop table uploads")

    with pytest.raises(sqlite3.OperationalError):
        await Bot.start(here.settings, here.clock, register=register_handlers, on_ready=drop)
    assert here.slack.sockets.connections == connections, "only those of the bot that runs beside it"
