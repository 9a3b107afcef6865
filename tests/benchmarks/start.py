"""How much longer `run` takes to be ready than a bare Bolt app: `uv run python -m tests.benchmarks.start`.

Both are separate processes that connect to one embedded Slack by Socket Mode, in turn, so that a busy machine
slows both.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time

from bot.clock import SystemClock
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import EmbeddedSlack

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


async def seconds_until_ready(arguments: list[str], environment: dict[str, str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
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
        return took


async def main() -> None:
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
        pairs = [
            (
                await seconds_until_ready(["-c", BARE], environment),
                await seconds_until_ready(["-m", "bot", "run"], environment),
            )
            for _ in range(ROUNDS)
        ]
    bare, bot = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    more = statistics.median(bot - bare for bare, bot in pairs)
    print(f"ready after, median of {ROUNDS} pairs: bare Bolt app {bare:.2f} s, kickscale-bot {bot:.2f} s")
    print(f"the bot takes {more:.2f} s more, {bot / bare:.2f} times as long")


asyncio.run(main())
