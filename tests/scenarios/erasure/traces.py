"""A bot with much to erase, and the traces of that."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.sandbox.slack import Message
from tests.databases import read_everything, run_sql
from tests.scenarios.cli.processes import run
from tests.world import World, call, environment_of, service_settings

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
GUESTS = "acme-project"
CALLS = 12
"""More than a digest has in its first message."""


def add_calls(here: World, before: datetime) -> None:
    said = [{"speaker": "Robin Rep", "text": "The okapi is ours.", "start": 1}]
    for number in range(CALLS):
        at = before - HOUR - timedelta(minutes=number)
        here.kickscale.add_call(call(number, at, name=f"Zebra {number}", summary=f"Giraffe {number}.", transcript=said))
    for number in (90, 91):
        fields = {"name": f"Otter {number}", "summary": f"Heron {number}.", "customerDomains": ["example.org"]}
        transcript = [{"speaker": "Robin Rep", "text": "The badger is theirs.", "start": 1}]
        here.kickscale.add_call(call(number, before - HOUR, **fields, transcript=transcript))


async def look(here: World) -> None:
    """Look for news; a busy channel gets two at a time."""
    await here.bot.services.live.poll()
    await here.settle()
    for _ in range(CALLS // 2):
        await here.pass_time(5)


def own(here: World) -> list[Message]:
    """Return every message of the bot in Slack."""
    state = here.slack.state
    return [message for messages in state.messages.values() for message in messages if message.user == state.bot_user]


def in_slack(here: World) -> str:
    """Return the content of everything that the bot posted."""
    messages = [[message.text, message.blocks, message.attachments, message.metadata] for message in own(here)]
    files = [[file.name, file.title, (file.content or b"").decode("latin-1")] for file in bot_files(here)]
    return json.dumps([messages, files], ensure_ascii=False).casefold()


def bot_files(here: World) -> list[Any]:
    state = here.slack.state
    return [file for file in state.files.values() if file.user == state.bot_user]


async def in_bytes(here: World) -> str:
    return (await read_everything(here.settings)).casefold()


def found(text: str, needles: tuple[str, ...]) -> set[str]:
    return {needle for needle in needles if needle in text}


def rows(here: World, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return run_sql(here.settings, sql, *values)


def environment(here: World) -> dict[str, str]:
    return {
        **environment_of(service_settings(here.slack, here.kickscale)),
        "DATABASE_PATH": str(here.settings.database_path),
        "DATABASE_URL": here.settings.database_url.get_secret_value(),
    }


async def erase(here: World, *arguments: str) -> tuple[int | None, str, str]:
    """Run the command while the bot runs; return its exit code, output and errors."""
    return await run(Path(here.settings.database_path).parent, "erase", *arguments, **environment(here))


def calls_of(here: World, method: str) -> int:
    return sum(made.method == method for made in here.slack.calls)
