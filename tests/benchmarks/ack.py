"""How long people wait for the acknowledgement of a command while the bot has much else to do."""

import asyncio
import random
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.model.audit import AuditKind, AuditRow
from bot.model.digests import Subscription
from bot.storage.sqlite import Database
from tests.benchmarks.processes import BOT, OTHERS, Child, started
from tests.benchmarks.sample import domain
from tests.benchmarks.services import Services, bare_app, bot, services, share
from tests.benchmarks.slack import channel
from tests.benchmarks.table import Row

SECONDS = 30
RATE = 40
PAGES = 60
DIGESTS = 1_000
SIZE = 1_000_000_000
LIMIT = 0.5
"""Seconds."""
WHY_SLOW = (
    "a command is written down before it is acknowledged. The slowest 40 of 1,200 acknowledgements waited 15 ms for a"
    " transaction that had begun, 9 ms until their own was on disk, and 9 ms for four turns of the event loop (stamps"
    " at each step, before SQLite's log could grow to 16 MB; 2026-11-29)"
)


async def measure() -> list[Row]:
    ours, log = await _bot()
    floor = await _bare()
    rows = []
    work = f"ack, {RATE} commands a second beside lists, an upload and digests"
    for name, part, most in (("p50", 0.5, 1.5), ("p99", 0.99, 3.0)):
        mine, least = share(ours, part), share(floor, part)
        rows.append(
            Row(
                f"{work}: {name}",
                "a bare Bolt app that only acks, beside the same servers' load",
                f"{mine * 1e3:.1f} ms",
                f"{least * 1e3:.1f} ms",
                f"{mine / least:.2f}",
                f"{most} times",
                mine <= most * least,
                (log,),
                WHY_SLOW,
            )
        )
    rows.append(
        Row(
            f"{work}: longest",
            "500 ms",
            f"{ours[-1] * 1e3:.0f} ms",
            f"{floor[-1] * 1e3:.0f} ms",
            f"{ours[-1] / floor[-1]:.2f}",
            "never over 500 ms",
            ours[-1] <= LIMIT,
        )
    )
    return rows


async def _bot() -> tuple[list[float], str]:
    async with AsyncExitStack() as stack:
        between = await stack.enter_async_context(_load())
        client = await stack.enter_async_context(started("tests.benchmarks.client", on=OTHERS))
        running = await stack.enter_async_context(bot(between, prepare=_add_digests))
        await between.kickscale.ask("take_requests")
        wide = asyncio.create_task(_ask_wide(between.slack))
        upload = asyncio.create_task(between.slack.ask("upload", size=SIZE, name="call.wav"))
        acks = await _acks(between, client, running.events_url)
        methods = await between.slack.ask("methods")
        requests = await between.kickscale.ask("take_requests")
        answered = await wide
        in_time = [seconds for seconds in answered if seconds is not None]
        done = await asyncio.wait_for(upload, 120)
        log = (
            f"in {SECONDS} s {sum(requests.values())} requests to Kickscale and {methods.get('chat.postMessage', 0)} "
            f"posts; {len(in_time)} of {len(answered)} wide lists were acknowledged, and the slowest took "
            f"{max(in_time, default=0):.1f} s; the upload took {done['seconds']:.0f} s"
        )
        return acks, log


async def _bare() -> list[float]:
    async with (
        _load() as between,
        started("tests.benchmarks.client", on=OTHERS) as client,
        started("tests.benchmarks.replay", on=BOT) as replay,
        bare_app(between) as running,
    ):
        url = await between.slack.ask("file", size=SIZE)
        load = {"seconds": SECONDS, "pages": PAGES, "lists": RATE // 2, "posts": DIGESTS // SECONDS}
        loading = [
            asyncio.create_task(replay.ask("run", settings=between.settings, **load)),
            asyncio.create_task(replay.ask("copy", settings=between.settings, url=url, size=SIZE)),
        ]
        acks = await _acks(between, client, running.events_url)
        for task in loading:
            task.cancel()
        return acks


_load = partial(services, calls=PAGES * 100, meetings=DIGESTS, customers=DIGESTS, channels=DIGESTS)


async def _acks(between: Services, client: Child, url: str) -> list[float]:
    """Return the sorted seconds until the acknowledgement of each command."""
    texts = [_short_command(number) for number in range(SECONDS * RATE)]
    commands = await between.slack.ask("commands", texts=texts)
    secret = between.settings["SLACK_SIGNING_SECRET"]
    acks: list[float] = (await client.ask("send", url=url, secret=secret, commands=commands, rate=RATE))["acks"]
    return acks


def _short_command(number: int) -> str:
    """Half of the people ask for a customer's calls, and the others for help or their digests."""
    if number % 2:
        return f"calls {domain(random.randrange(DIGESTS))} last-30-days"
    return "help" if number % 4 else "digest list"


async def _ask_wide(slack: Child) -> list[float | None]:
    """Every second, ask for a list of all pages with a filter that only the bot applies. Each is another question."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    asked = []
    for second in range(SECONDS):
        await asyncio.sleep(max(0.0, began + second - loop.time()))
        first = (datetime.now(UTC) - timedelta(days=62 + second)).date()
        text = f"calls {first}..{datetime.now(UTC).date()} direction:outbound"
        asked.append(asyncio.create_task(slack.ask("ask", text=text)))
    return list(await asyncio.gather(*asked))


async def _add_digests(path: Path) -> None:
    """Subscribe a channel to each customer, with a digest of the last day that is due at the start."""
    database = await Database.open(path)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    yesterday = now - timedelta(days=1)
    for number in range(DIGESTS):
        subscription = Subscription(
            "",
            channel(number),
            (domain(number),),
            "UTC",
            "U0ROBIN001",
            yesterday,
            since=yesterday,
            due_after=yesterday,
            at=now.time(),
        )
        await database.subscriptions.add(
            subscription, AuditRow(AuditKind.CHANGED, 0, yesterday, "", "", "digest add", (), 0)
        )
    await database.close()
