"""The end of the start: the bot takes commands already, and then begins what it does by itself."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

from bot.app.lifecycle import Bot
from bot.app.readiness import Readiness
from bot.app.services import Services
from bot.ids import UPLOAD_SHORTCUT
from bot.sandbox.slack import Message
from bot.sandbox.slack.outbound import Delivery
from handlers import register_handlers
from tests.databases import ON_FILE
from tests.world import ACK, ROBIN, SALES, World, start_bot, world


async def test_commands_are_written_down_while_other_requests_wait_for_the_listeners(here: World) -> None:
    """Nothing is acknowledged before it can be written down; then all of it is answered."""
    here.add_calls(1)
    await here.run_to_end(here.bot.stop())
    before = len(here.slack.ephemerals(SALES, ROBIN))
    is_acknowledged = threading.Event()
    mentions: list[asyncio.Task[Message]] = []
    commands: list[asyncio.Task[Delivery]] = []

    def send(_address: str) -> None:
        mentions.append(asyncio.create_task(here.slack.mention(ROBIN, SALES, "help")))
        commands.append(asyncio.create_task(here.slack.command(ROBIN, SALES, "/kickscale calls acme.com")))
        commands[0].add_done_callback(lambda _task: is_acknowledged.set())

    def register(app: AsyncApp, services: Services) -> None:
        assert is_acknowledged.wait(ACK)
        assert not mentions[0].done()
        register_handlers(app, services)

    here.bot = await Bot.start(here.settings, here.clock, register=register, on_ready=send)
    await asyncio.gather(*mentions, *commands)
    await here.settle()
    answers = [here.text(message) for message in here.slack.ephemerals(SALES, ROBIN)[before:]]
    assert len(answers) == 2
    assert any("1 call with acme.com" in answer for answer in answers)
    assert not any(delivery.error for delivery in here.slack.deliveries)


async def test_a_bot_that_cannot_answer_leaves_what_it_wrote_down_to_the_next_one(here: World) -> None:
    """Nothing else is acknowledged: Slack tells whoever clicked."""
    await here.run_to_end(here.bot.stop())
    before = len(here.slack.ephemerals(SALES, ROBIN))
    is_acknowledged = threading.Event()
    commands: list[asyncio.Task[Delivery]] = []
    clicks: list[asyncio.Task[Delivery]] = []

    def ask(_address: str) -> None:
        here.slack.ack_seconds = 5  # the click waits in vain
        message = here.slack.say(ROBIN, SALES, "a recording")
        clicks.append(asyncio.create_task(here.slack.message_shortcut(ROBIN, SALES, message, UPLOAD_SHORTCUT)))
        commands.append(asyncio.create_task(here.slack.command(ROBIN, SALES, "/kickscale help")))
        commands[0].add_done_callback(lambda _task: is_acknowledged.set())

    def fail(_app: AsyncApp, _services: Services) -> None:
        assert is_acknowledged.wait(ACK)
        raise MemoryError

    with pytest.raises(MemoryError):
        await Bot.start(here.settings, here.clock, register=fail, on_ready=ask)
    assert (await clicks[0]).error
    assert not (await commands[0]).error
    assert here.slack.ephemerals(SALES, ROBIN)[before:] == []
    here.bot = await start_bot(here.settings, here.clock)
    await here.settle()
    (answer,) = here.slack.ephemerals(SALES, ROBIN)[before:]
    assert "Kickscale in Slack" in here.text(answer)


def test_the_start_waits_for_few_imports() -> None:
    """What only answers need is imported once Slack is connected."""
    code = "import sys, bot.app.lifecycle, handlers; print(*sys.modules)"
    imported = subprocess.run(  # noqa: S603 ourselves
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    late = {
        "apscheduler",
        "babel",
        "httpx",
        "bot.commands",
        "bot.render",
        "bot.kickscale",
        "bot.texts",
        "handlers.commands",
    }
    assert not late & set(imported)


async def test_readiness_waits_until_everything_runs(here: World) -> None:
    """Slack and the database alone are not enough."""

    async def is_connected() -> bool:
        return True

    async def ask_kickscale() -> None:
        return

    readiness = Readiness(here.bot.services.slack.auth, ask_kickscale, here.bot.database.stores.health, is_connected)
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
