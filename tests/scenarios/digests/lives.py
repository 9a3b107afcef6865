"""Real bots in processes of their own, which can be killed.

They are forked from one process that has imported everything, so that a life takes a fraction of a second. That
process reads a line of JSON for each life: the bot's settings, and the time at which it starts.
"""

import asyncio
import atexit
import functools
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import IO, Any, Literal, Protocol

import anyio._backends._asyncio  # noqa: F401 imported once for all lives: the libraries import it lazily
import apscheduler.executors.asyncio  # noqa: F401 likewise
import httpcore  # noqa: F401 likewise
import slack_bolt.listener_matcher.async_builtins  # noqa: F401 likewise
import sqlite_utils  # noqa: F401 likewise

import bot.storage.sqlite.migrations  # noqa: F401 likewise
from bot.config.settings import Settings
from bot.sandbox.slack import EmbeddedSlack
from tests.clock import ManualClock
from tests.world import start_bot

Until = Literal["finished", "idle", "killed"]
"""How long a bot lives: until every promise is kept, including those that wait for their turn in a channel; until
nothing is due any more; or until it is killed."""
PATIENCE = 60


class Moment(Protocol):
    """The moment at which a bot is killed."""

    async def moment(self) -> None:
        """Wait for it."""


class Mother:
    """The process from which all bots are forked. It only kills its own."""

    def __init__(self, orders: IO[bytes], answers: asyncio.StreamReader) -> None:
        self._orders = orders
        self._answers = answers

    async def live(
        self, settings: Mapping[str, Any], now: datetime, killed: Moment | None = None, until: Until = "finished"
    ) -> bool:
        """Run a bot from that time on, and return whether it ended by itself."""
        self._orders.write((json.dumps([dict(settings), now.isoformat(), until]) + "\n").encode())
        self._orders.flush()
        pid = int(await self._line())
        over = asyncio.ensure_future(self._line())
        if killed is not None:
            coming = asyncio.ensure_future(killed.moment())
            await asyncio.wait({over, coming}, return_when=asyncio.FIRST_COMPLETED)
            coming.cancel()
            if not over.done():
                os.kill(pid, signal.SIGKILL)
        status = int(await over)
        assert status in {0, -signal.SIGKILL}, f"the bot died by itself: {status}"
        return status == 0

    async def _line(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return (await self._answers.readline()).decode().strip()


class Kill:
    """A random moment: some time after the bot was started, or just after up to `calls` requests to Slack."""

    def __init__(self, chance: random.Random, slack: EmbeddedSlack, calls: int = 9) -> None:
        self._slack = slack
        self._calls = len(slack.calls) + chance.randint(1, calls) if chance.random() < 0.6 else 0
        self._seconds = chance.choice([0.0, chance.uniform(0, 0.02)]) if self._calls else chance.uniform(0, 0.6)

    async def moment(self) -> None:
        """Wait for it."""
        if self._calls:
            await self._slack.wait_for(lambda: len(self._slack.calls) >= self._calls, PATIENCE)
        await asyncio.sleep(self._seconds)


@asynccontextmanager
async def mother() -> AsyncIterator[Mother]:
    """Yield the process that forks: one for all tests of this process, since its imports take a second."""
    process = await asyncio.to_thread(_start)
    assert process.stdin is not None
    assert process.stdout is not None
    answers = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(answers), os.fdopen(os.dup(process.stdout.fileno()), "rb")
    )
    try:
        yield Mother(process.stdin, answers)
    except BaseException:  # perhaps in the middle of a life, whose end the next test would take for one of its own
        _start.cache_clear()
        _end(process)
        raise
    finally:
        transport.close()


@functools.cache
def _start() -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.scenarios.digests.lives"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it, and a bot that still lives."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


async def live(settings: Mapping[str, Any], now: datetime, until: Until) -> None:
    """Start a bot, have it look for news and keep its promises. Time only passes while messages wait for their turn."""
    clock = ManualClock(now)

    async def run() -> None:
        running = await start_bot(Settings.explicit(**settings), clock)
        await running.services.live.poll()
        if until == "killed":
            await asyncio.Event().wait()
        await running.idle()
        while until == "finished" and await running.database.jobs.unfinished():
            await clock.sleep(1)
            await running.idle()

    await clock.run_to_end(run())


def write(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        settings, now, until = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                asyncio.run(live(settings, datetime.fromisoformat(now), until))
            except BaseException:  # noqa: BLE001 whatever it is, this life is over
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        write(pid)
        write(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    main()
