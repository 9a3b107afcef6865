"""How much longer `run` takes to be ready than a bare Bolt app: `uv run python -m tests.benchmarks.start`.

Both are separate processes that connect to one embedded Slack by Socket Mode, in turn, so that a busy machine
slows both.
"""

import asyncio
import os
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass

from bot.clock import SystemClock
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import EmbeddedSlack
from tests.benchmarks.processes import BOT, pinned

ROUNDS = 9
BARE = """
import asyncio, os
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

async def main():
    client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    handler = AsyncSocketModeHandler(AsyncApp(client=client), os.environ["SLACK_APP_TOKEN"])
    await handler.connect_async()
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Until ready: by the clock, and of computing."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Start:
    """The medians of all rounds."""

    bare: Seconds
    bot: Seconds


async def measure(rounds: int = ROUNDS) -> Start:
    async with EmbeddedKickscale(SystemClock()) as kickscale, EmbeddedSlack() as slack:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.getcwd(),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "KICKSCALE_API_KEY": kickscale.api_key,
            "KICKSCALE_CLIENT_ID": kickscale.client_id,
            "KICKSCALE_BASE_URL": kickscale.base_url,
        }
        bare, bot = [], []
        for _ in range(rounds):
            bare.append(await seconds_until_ready(["-c", BARE], environment))
            bot.append(await seconds_until_ready(["-m", "bot", "run"], environment))
    return Start(_median(bare), _median(bot))


async def seconds_until_ready(arguments: list[str], environment: dict[str, str]) -> Seconds:
    with tempfile.TemporaryDirectory() as folder:
        computed, began = _computed(), time.perf_counter()
        with pinned(BOT):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                env={**environment, "DATABASE_PATH": f"{folder}/bot.db"},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        assert process.stdout is not None
        line = await process.stdout.readline()
        took = time.perf_counter() - began
        process.kill()
        await process.wait()
        assert line.startswith(b"ready"), line
        return Seconds(took, _computed() - computed)


def _computed() -> float:
    """Return the seconds that child processes computed which have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _median(measured: list[Seconds]) -> Seconds:
    return Seconds(*(statistics.median(getattr(seconds, name) for seconds in measured) for name in ("wall", "cpu")))


async def main() -> None:
    start = await measure()
    bare, bot = start.bare, start.bot
    print(f"ready after, medians of {ROUNDS} pairs: bare Bolt app {bare.wall:.2f} s, kickscale-bot {bot.wall:.2f} s")
    print(f"the bot takes {bot.wall / bare.wall:.2f} times as long")
    print(f"of computing: {bare.cpu:.2f} s and {bot.cpu:.2f} s, {bot.cpu / bare.cpu:.2f} times as much")


if __name__ == "__main__":
    asyncio.run(main())
