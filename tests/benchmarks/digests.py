"""What it costs to post the digests of many customers at one moment: `uv run python -m tests.benchmarks.digests`.

The embedded Kickscale and Slack run in one process, and the bot in another, which is started again for every count and
round. Every customer has its own channel and three conversations in the two weeks that are read, one of them in the
digest. Kickscale always has the conversations of all thousand customers. The clock stands still at 8:30, so only work
takes time. Then the same process fetches the same pages one after another and parses the JSON, for comparison. This
only works on Linux: memory is read from /proc.
"""

import asyncio
import gc
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.config.settings import Settings
from bot.digests.window import LOOK_BACK
from bot.kickscale.protocol import PAGE_SIZE
from bot.model.conversation import Kind
from bot.model.digests import Subscription
from bot.operations.manifest import SCOPES
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack, default_world
from tests.clock import MONDAY_MORNING, ManualClock
from tests.world import ROBIN, SALES, audit_row, call, start_bot

COUNTS = (1, 100, 1_000)
CUSTOMERS = max(COUNTS)
ROUNDS = 3
DAY = timedelta(days=1)
PAGES = 2 * -(-3 * CUSTOMERS // 2 // PAGE_SIZE)
"""The pages of meetings and calls: half of the conversations are meetings."""


def domain(number: int) -> str:
    return f"customer{number}.example.com"


def channel(number: int) -> str:
    return f"CMANY{number}"


# ---- the services --------------------------------------------------------------------------------------------------


async def serve() -> None:
    """Print how to reach both; then, for every line of input, the requests since the last one."""
    clock = ManualClock(MONDAY_MORNING)
    state = default_world(clock, scopes=frozenset(SCOPES))
    sales = state.channel(SALES)
    for number in range(CUSTOMERS):
        state.channels[channel(number)] = replace(sales, id=channel(number), name=f"many-{number}")
    async with (
        EmbeddedKickscale(clock, populated=False) as kickscale,
        EmbeddedSlack(clock=clock, limits=NO_LIMITS, state=state) as slack,
    ):
        for number in range(3 * CUSTOMERS):
            began = clock.now() - timedelta(minutes=1 + number % 1_000) - (number // CUSTOMERS) * 4 * DAY
            raw = call(number, began, customerDomains=[domain(number % CUSTOMERS)], summary="Said. " * 100)
            (kickscale.add_meeting if number % 2 else kickscale.add_call)(raw)
        settings = {
            "slack_bot_token": slack.bot_token,
            "slack_signing_secret": slack.signing_secret,
            "slack_api_url": slack.api_url,
            "kickscale_base_url": kickscale.base_url,
            "kickscale_api_key": kickscale.api_key,
            "kickscale_client_id": kickscale.client_id,
        }
        print(json.dumps(settings), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            lists = [request for request in kickscale.requests if request.path in {"/calls", "/meetings"}]
            asked = {"kickscale": len(lists), "slack": Counter(request.method for request in slack.calls)}
            kickscale.requests.clear()
            slack.calls.clear()
            print(json.dumps(asked), flush=True)


# ---- the bot -------------------------------------------------------------------------------------------------------


async def measure(count: int, reach: Mapping[str, str]) -> None:
    """Post so many digests, then only fetch the pages. Print the seconds of both, and the bytes of memory."""
    with tempfile.TemporaryDirectory() as folder:
        clock = ManualClock(MONDAY_MORNING)
        settings = Settings.explicit(**reach, database_path=f"{folder}/bot.db", port=0)
        bot = await start_bot(settings, clock)
        for number in range(count):
            await bot.database.subscriptions.add(subscription(number), audit_row("digest add"))
        report("ready")
        gc.collect()
        idle = memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak to the current size (proc(5))
        report("begin")
        began, worked = time.perf_counter(), time.process_time()
        await bot.services.digests.run_due()
        await clock.run_to_end(bot.idle())
        figures = {
            "seconds": time.perf_counter() - began,
            "worked": time.process_time() - worked,
            "memory": memory("VmHWM") - idle,
        }
        report("end")
        report("compared", plain=await fetch(reach), **figures)
        await clock.run_to_end(bot.stop())


def subscription(number: int) -> Subscription:
    yesterday = MONDAY_MORNING - DAY
    return Subscription(
        "", channel(number), (domain(number),), "UTC", ROBIN, yesterday, since=yesterday, due_after=yesterday
    )


async def fetch(reach: Mapping[str, str]) -> float:
    """Fetch all pages one after another, and return the seconds."""
    headers = {"api-key": reach["kickscale_api_key"], "client-id": reach["kickscale_client_id"]}
    days = {
        "startDate": (MONDAY_MORNING - LOOK_BACK).isoformat().replace("+00:00", "Z"),
        "endDate": MONDAY_MORNING.isoformat().replace("+00:00", "Z"),
    }
    began = time.perf_counter()
    async with httpx.AsyncClient(base_url=reach["kickscale_base_url"], headers=headers, trust_env=False) as client:
        count = 0
        for kind in Kind:
            for page in range(PAGES // 2):
                query: dict[str, str | int] = {**days, "page": page, "pageSize": PAGE_SIZE}
                count += len((await client.get(f"/{kind}s", params=query)).json()["data"])
    assert count == 3 * CUSTOMERS, count
    return time.perf_counter() - began


def memory(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def report(step: str, **figures: float) -> None:
    """Print the figures for the parent, and wait until it lets this process continue."""
    print(json.dumps({"step": step, **figures}), flush=True)
    sys.stdin.readline()


# ---- both ----------------------------------------------------------------------------------------------------------


class Process:
    """A process that runs this file and talks in lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def read(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(await self._process.stdout.readline())

    async def ask(self) -> Any:
        """Let it continue, and return the next line that it prints."""
        self.resume()
        return await self.read()

    def resume(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[Process]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.digests", *arguments, stdin=pipe, stdout=pipe
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def run_round(count: int) -> tuple[Mapping[str, float], Mapping[str, Any]]:
    """Run one round, and return the bot's figures and the requests to both services."""
    async with started("serve") as services:
        reach = await services.read()
        async with started("bot", str(count), json.dumps(reach)) as bot:
            await bot.read()
            await bot.ask()
            await services.ask()  # these requests don't belong to the digests
            await bot.ask()
            asked = await services.ask()
            return await bot.ask(), asked


async def main() -> None:
    for count in COUNTS:
        rounds = [await run_round(count) for _ in range(ROUNDS)]
        requests = rounds[0][1]
        assert all(counts["kickscale"] == PAGES for _, counts in rounds), [counts for _, counts in rounds]
        assert all(counts["slack"]["chat.postMessage"] == count for _, counts in rounds), [
            counts for _, counts in rounds
        ]
        seconds, worked, plain, most = (
            statistics.median(figures[name] for figures, _ in rounds)
            for name in ("seconds", "worked", "plain", "memory")
        )
        more = ", ".join(f"{number} {name}" for name, number in requests["slack"].items())
        print(
            f"{count} domains: {requests['kickscale']} requests for {PAGES} pages, and of Slack {more}\n"
            f"  {seconds:.2f} s, {worked:.2f} of them the bot's own work; {seconds / plain:.1f} times the pages alone "
            f"({plain:.2f} s); memory rises by {most / 2**20:.0f} MiB"
        )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            asyncio.run(serve())
        case ["bot", count, reach]:
            asyncio.run(measure(int(count), json.loads(reach)))
        case _:
            asyncio.run(main())
