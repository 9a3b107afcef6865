"""The command line in separate processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.clock import SystemClock
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import EmbeddedSlack
from tests import forks
from tests.databases import database_environment
from tests.world import ROBIN, SALES, environment_of, service_settings

PATIENCE = 30.0
"""Real seconds for a process to start or to stop on a busy machine."""
WHOLE = 3 * PATIENCE
"""Real seconds for a whole run, which may wait for something."""


@asynccontextmanager
async def process(folder: Path, *arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start `python -m bot …` in `folder`, with only this environment and the database of tests in this folder."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env=_environment(folder, environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.communicate()


def _environment(folder: Path, ours: dict[str, str]) -> dict[str, str]:
    names_database = bool({"DATABASE_PATH", "DATABASE_URL"} & ours.keys())
    database = {} if names_database else database_environment(folder)
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3]), **database, **ours}


async def run(folder: Path, *arguments: str, typed: str = "", **environment: str) -> tuple[int, str, str]:
    """Run it to its end, and return exit code, stdout and stderr. `typed` is what it reads from stdin."""
    return await forks.run(folder, arguments, _environment(folder, environment), WHOLE, typed)


@asynccontextmanager
async def services() -> AsyncIterator[tuple[EmbeddedSlack, EmbeddedKickscale, dict[str, str]]]:
    """Start an embedded Slack and Kickscale, with the environment of a bot in Socket Mode between them."""
    clock = SystemClock()
    async with EmbeddedKickscale(clock) as kickscale, EmbeddedSlack() as slack:
        yield slack, kickscale, environment_of(service_settings(slack, kickscale))


async def ready(started: asyncio.subprocess.Process) -> str:
    assert started.stdout is not None
    line = (await asyncio.wait_for(started.stdout.readline(), PATIENCE)).decode()
    assert line.startswith("ready"), line or (await started.communicate())[1].decode()
    return line


async def answered(slack: EmbeddedSlack, line: str) -> None:
    """Type a command, and wait for its answer."""
    before = len(slack.ephemerals(SALES, ROBIN))
    await slack.command(ROBIN, SALES, line)
    await slack.wait_for(lambda: len(slack.ephemerals(SALES, ROBIN)) > before)


async def stop(started: asyncio.subprocess.Process, number: int = signal.SIGTERM) -> str:
    """Stop it cleanly, and return what it wrote to stderr."""
    started.send_signal(number)
    out, err = await asyncio.wait_for(started.communicate(), PATIENCE)
    assert started.returncode == 0, err.decode()
    assert out == b""
    assert b"Traceback" not in err
    return err.decode()
