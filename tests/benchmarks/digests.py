"""What it costs to post the digests of many customers at one moment: `uv run python -m tests.benchmarks.digests`.

With numbers, such as `… digests 1 100`, only so many customers are measured. With `--before PATH`, the bot of another
checkout takes turns with this one, against the same services.

The embedded Kickscale and Slack run in one process, and the bot in another, which is started again for every count and
round. Every customer has its own channel and three conversations in the two weeks that are read, one of them in the
digest. Kickscale always has 3,000 conversations; with more than a thousand customers, each conversation is with several
of them. The clock stands still at 8:30, so only work takes time. Then the same process fetches the same pages one after
another and parses the JSON, for comparison. This only works on Linux: memory is read from /proc.
"""

import argparse
import asyncio
import gc
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.app.lifecycle import Bot
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

COUNTS = (1, 100, 1_000, 10_000)
ROUNDS = 3
FEW = 1_000
"""Up to this many customers, every one has its own conversations, and is measured in several rounds and before."""
CONVERSATIONS = 3 * FEW
DAY = timedelta(days=1)
PAGES = 2 * -(-CONVERSATIONS // 2 // PAGE_SIZE)
"""The pages of meetings and calls: half of the conversations are meetings."""
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Row:
    """What the digests of so many customers took."""

    count: int
    requests: int
    """Of lists, to Kickscale."""
    pages: int
    """The pages that hold what was read."""
    slack: Mapping[str, int]
    """The calls of Slack's Web API, by method."""
    seconds: float
    cpu: float
    """The seconds of computing in the bot's process."""
    memory: int
    """The bytes by which its memory rose at most."""
    plain: float
    """The seconds that the pages alone took."""


def domain(number: int) -> str:
    return f"customer{number}.example.com"


def channel(number: int) -> str:
    return f"CMANY{number}"


# ---- the services --------------------------------------------------------------------------------------------------


async def serve(count: int) -> None:
    """Print how to reach both; then, for every line of input, the requests since the last one."""
    clock = ManualClock(MONDAY_MORNING)
    state = default_world(clock, scopes=frozenset(SCOPES))
    sales = state.channel(SALES)
    for number in range(count):
        state.channels[channel(number)] = replace(sales, id=channel(number), name=f"many-{number}")
    async with (
        EmbeddedKickscale(clock, populated=False) as kickscale,
        EmbeddedSlack(clock=clock, limits=NO_LIMITS, state=state) as slack,
    ):
        for number in range(CONVERSATIONS):
            began = clock.now() - timedelta(minutes=1 + number % FEW) - (number // FEW) * 4 * DAY
            domains = [domain(customer) for customer in range(number % FEW, max(count, FEW), FEW)]
            raw = call(number, began, customerDomains=domains, summary="Said. " * 100)
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
        # Digests alone are measured, not what is read in the background for searches and customers.
        alone: dict[str, Any] = {"mirror_days": 0} if "mirror_days" in Settings.model_fields else {}
        settings = Settings.explicit(**reach, **alone, database_path=f"{folder}/bot.db", port=0)
        bot = await start_bot(settings, clock)
        if alone:
            await clock.run_to_end(bot.services.reading.catch_up())
        await subscribe(bot, settings.database_path, count)
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


async def subscribe(bot: Bot, database: Path, count: int) -> None:
    """Add so many subscriptions. All but the first are copied in the file: it would take minutes to add each alone."""
    yesterday = MONDAY_MORNING - DAY
    first = Subscription("", channel(0), (domain(0),), "UTC", ROBIN, yesterday, since=yesterday, due_after=yesterday)
    await bot.database.subscriptions.add(first, audit_row("digest add"))
    with closing(sqlite3.connect(database)) as file, file:
        file.row_factory = sqlite3.Row
        row = dict(file.execute("select * from subscriptions").fetchone())
        file.executemany(
            f"insert into subscriptions values ({', '.join(f':{column}' for column in row)})",  # noqa: S608 its columns
            [
                {**row, "id": f"d{number + 1}", "channel": channel(number), "domains": json.dumps([domain(number)])}
                for number in range(1, count)
            ],
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
    assert count == CONVERSATIONS, count
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
async def started(*arguments: str, checkout: Path = CHECKOUT) -> AsyncIterator[Process]:
    """Run this file on the code of a checkout, with the packages that are installed there if they are."""
    from tests.benchmarks.processes import BOT, OTHERS, pinned  # noqa: PLC0415 an earlier checkout doesn't have it

    pipe = asyncio.subprocess.PIPE
    own = checkout / ".venv" / "bin" / "python"
    with pinned(BOT if arguments[0] == "bot" else OTHERS):
        process = await asyncio.create_subprocess_exec(
            # -P: not this file's folder, but the checkout's comes first when modules are looked for.
            *(own if own.exists() else sys.executable, "-P", __file__, *arguments),
            stdin=pipe,
            stdout=pipe,
            env={**os.environ, "PYTHONPATH": str(checkout)},
        )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def run_round(count: int, checkout: Path = CHECKOUT) -> Row:
    """Post the digests of so many customers with the bot of a checkout."""
    async with started("serve", str(count)) as services:
        reach = await services.read()
        async with started("bot", str(count), json.dumps(reach), checkout=checkout) as bot:
            await bot.read()
            await bot.ask()
            await services.ask()  # these requests don't belong to the digests
            await bot.ask()
            asked = await services.ask()
            figures = await bot.ask()
    assert asked["kickscale"] == PAGES, asked
    assert asked["slack"]["chat.postMessage"] == count, asked
    return Row(
        count=count,
        requests=asked["kickscale"],
        pages=PAGES,
        slack=asked["slack"],
        seconds=figures["seconds"],
        cpu=figures["worked"],
        memory=figures["memory"],
        plain=figures["plain"],
    )


async def measure_digests(count: int, before: Path | None = None) -> tuple[Row, Row | None]:
    """Return the medians of this checkout and of the one `before`, whose rounds take turns.

    Many customers get one round, and nothing from `before`, which may take much longer for them.
    """
    ours, theirs = [], []
    for _ in range(ROUNDS if count <= FEW else 1):
        ours.append(await run_round(count))
        if before is not None and count <= FEW:
            theirs.append(await run_round(count, before))
    return median(ours), median(theirs) if theirs else None


def median(rows: Sequence[Row]) -> Row:
    return replace(
        rows[0],
        seconds=statistics.median(row.seconds for row in rows),
        cpu=statistics.median(row.cpu for row in rows),
        memory=int(statistics.median(row.memory for row in rows)),
        plain=statistics.median(row.plain for row in rows),
    )


def describe(row: Row) -> str:
    calls = ", ".join(f"{number} {name}" for name, number in row.slack.items())
    return (
        f"{row.count} domains: {row.requests} requests for {row.pages} pages, and of Slack {calls}\n"
        f"  {row.seconds:.2f} s, {row.cpu:.2f} s of computing; {row.seconds / row.plain:.1f} times the pages alone "
        f"({row.plain:.2f} s); memory rises by {row.memory / 2**20:.0f} MiB"
    )


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.digests")
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS, help="how many customers")
    parser.add_argument("--before", type=Path, help="another checkout to compare with")
    arguments = parser.parse_args()
    for count in arguments.counts:
        ours, theirs = await measure_digests(count, arguments.before)
        print(describe(ours), flush=True)
        if theirs is not None:
            print(
                f"  before: {theirs.cpu:.2f} s of computing; now it takes {ours.cpu / theirs.cpu:.0%} of that",
                flush=True,
            )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", count]:
            asyncio.run(serve(int(count)))
        case ["bot", count, reach]:
            asyncio.run(measure(int(count), json.loads(reach)))
        case _:
            asyncio.run(main())
