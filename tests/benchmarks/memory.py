"""How much memory the bot takes at rest, and whether it grows with what people ask."""

import random
from collections.abc import Sequence

from tests.benchmarks.processes import MIB, OTHERS, Child, started
from tests.benchmarks.sample import domain
from tests.benchmarks.services import Bot, Services, bare_app, bot, services
from tests.benchmarks.table import Row

COMMANDS = 10_000
WARM = 2_000
"""After so many, everything was loaded and every cache is full: the growth is counted from here."""
AT_ONCE = 1_000
"""How many the client is told to send."""
CUSTOMERS = 100
MOST_MORE = 40 * MIB
MOST_GROWTH = 5 * MIB
AT_REST = (
    "the bot's own modules take 11 MB, Babel's data for English and German 3, pydantic 4, and click, sqlite-utils,"
    " python-dateutil, httpx and structlog together 4 (traced by tracemalloc while they are imported, Babel by the"
    " process's size; 2026-11-29)"
)
BUSY = (
    "7 MB of what is added to that are in use, 3 of them by lists in memory (tracemalloc). The rest are free places"
    " between objects in use, which Python's allocator keeps after a crowd: 500 commands waited for their turn at once."
    " If only 50 may wait, it takes 10 MiB less (sys._debugmallocstats; 2026-11-29)"
)


async def measure() -> list[Row]:
    async with (
        services(calls=2_000, customers=CUSTOMERS) as between,
        started("tests.benchmarks.client", on=OTHERS) as client,
    ):
        async with bare_app(between) as bare:
            floor = await _memory(between, client, bare)
        async with bot(between) as ours:
            mine = await _memory(between, client, ours)
    growth, least = mine[2] - mine[1], floor[2] - floor[1]
    return [
        Row(
            "memory at rest",
            "a bare Bolt async app",
            f"{mine[0] / MIB:.0f} MiB",
            f"{floor[0] / MIB:.0f} MiB",
            f"{mine[0] / floor[0]:.2f}",
            "within 40 MB",
            mine[0] - floor[0] <= MOST_MORE,
            why_missed=AT_REST,
        ),
        Row(
            f"memory after {COMMANDS:,} commands",
            "a bare Bolt async app",
            f"{mine[2] / MIB:.0f} MiB",
            f"{floor[2] / MIB:.0f} MiB",
            f"{mine[2] / floor[2]:.2f}",
            "within 40 MB",
            mine[2] - floor[2] <= MOST_MORE,
            why_missed=BUSY,
        ),
        Row(
            f"memory's growth from {WARM:,} to {COMMANDS:,} commands",
            "a bare Bolt async app",
            f"{growth / MIB:.1f} MiB",
            f"{least / MIB:.1f} MiB",
            "",
            "at most 5 MB",
            growth <= MOST_GROWTH,
        ),
    ]


async def _memory(between: Services, client: Child, running: Bot) -> Sequence[int]:
    """Return the bytes at rest, after the first commands, and after all."""
    await running.settle()  # the bot is ready before it has imported everything
    at_rest = running.child.memory()
    await _type(between, client, running, WARM)
    warm = running.child.memory()
    await _type(between, client, running, COMMANDS - WARM)
    return at_rest, warm, running.child.memory()


async def _type(between: Services, client: Child, running: Bot, count: int) -> None:
    """Type so many commands, a third of them for help, and wait until the process is done with them."""
    texts = ["help" if number % 3 == 0 else _question() for number in range(count)]
    for start in range(0, count, AT_ONCE):
        commands = await between.slack.ask("commands", texts=texts[start : start + AT_ONCE])
        secret = between.settings["SLACK_SIGNING_SECRET"]
        await client.ask("send", url=running.events_url, secret=secret, commands=commands, rate=0)
    await running.settle()


def _question() -> str:
    return f"calls {domain(random.randrange(CUSTOMERS))} last-{random.randrange(7, 60)}-days"
