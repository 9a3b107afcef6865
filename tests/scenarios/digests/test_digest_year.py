"""Digests over a year: every due digest is posted once, at the right local moment, by one of two bots.

What is due, and what is in it, is computed here in another way: in steps of a quarter of an hour.
"""

import asyncio
import json
import random
import re
from collections import Counter, defaultdict, deque
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app.lifecycle import Bot
from bot.model.digests import DigestState, Subscription
from bot.sandbox.slack import Message
from tests.world import ROBIN, SALES, World, audit_row, call, start_bot, world

ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "America/Santiago",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Pacific/Chatham",
    "America/St_Johns",
)
TIMES = (time(8, 30), time(1, 30), time(2, 45), time(23, 45))
OTHER_TIMES = {
    "America/Santiago": (time(8, 30), time(0, 30), time(1, 30), time(23, 45)),
    "Australia/Lord_Howe": (time(8, 30), time(1, 30), time(2, 15), time(23, 45)),
}
"""The usual time, and times that clocks skip or show twice in one of the zones."""
DAYS = ((), (0, 1, 2, 3, 4), (1, 3), (0,), (6,), (5, 6))
CUSTOMERS = 20
CHANNELS = 12
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
NAME = re.compile(r"Call (\d+)")


def local_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first moment whose local time is not before that one: all offsets and times here are quarters of an hour."""
    local = datetime.combine(day, at)
    moment = local.replace(tzinfo=UTC) - timedelta(hours=15)
    while moment.astimezone(zone).replace(tzinfo=None) < local:
        moment += QUARTER
    return moment


def dues(one: Subscription, start: datetime, end: datetime) -> list[tuple[date, datetime]]:
    """The local day and the moment of every digest of a subscription."""
    zone = ZoneInfo(one.timezone)
    days = [start.date() + place * DAY for place in range(-1, (end - start).days + 3)]
    moments = [(day, local_moment(day, one.at, zone)) for day in days if not one.days or day.weekday() in one.days]
    return [(day, at) for day, at in moments if start < at <= end]


class Year:
    """Two bots on one database, and what happens at their customers."""

    def __init__(self, here: World, other: Bot, count: int, calls_a_day: int, seed: int) -> None:
        self.here = here
        self.other = other
        self.start = here.clock.now()
        self.chance = random.Random(seed)
        self.database = here.bot.database
        self.count = count
        self.calls_a_day = calls_a_day
        self.known: dict[str, dict[int, datetime]] = defaultdict(dict)
        """For each customer, the moment at which each call became known."""
        self.in_kickscale: deque[tuple[datetime, str]] = deque()
        """The calls that Kickscale still has, with the moment at which each became known."""

    async def subscribe(self) -> list[Subscription]:
        """Add subscriptions in every zone, at every time, on all kinds of days. Half of them don't post on quiet
        days.
        """
        state = self.here.slack.state
        sales = state.channel(SALES)
        for number in range(CHANNELS):
            state.channels[f"CYEAR{number}"] = replace(sales, id=f"CYEAR{number}", name=f"year-{number}")
        add = self.database.subscriptions.add
        return [await add(self._subscription(number), audit_row("digest add")) for number in range(self.count)]

    def _subscription(self, number: int) -> Subscription:
        # Clocks change on Sundays. In each round, every zone gets another combination of time and days.
        round_, zone = divmod(number, len(ZONES))
        times = OTHER_TIMES.get(ZONES[zone], TIMES)
        return Subscription(
            id="",
            channel=f"CYEAR{number % CHANNELS}",
            domains=(domain(number),),
            timezone=ZONES[zone],
            created_by=self.here.slack.user(ROBIN).id,
            created_at=self.start,
            since=self.start,
            due_after=self.start,
            at=times[(round_ + zone) % len(times)],
            days=DAYS[(round_ + round_ // len(DAYS)) % len(DAYS)],
            empty=number // 5 % 2 == 0,
        )

    async def until(self, moment: datetime) -> None:
        """Let a call become known, maybe, and do what is due then. Now and then the bots also look a minute earlier."""
        before = self.here.clock.now()
        if self.chance.random() < 0.1 and moment - MINUTE > before:
            await self.here.clock.jump(moment - MINUTE)
            await self.here.run_to_end(self._done())
        await self.here.clock.jump(moment)
        if self.chance.random() < self.calls_a_day * ((moment - before) / DAY):
            self._happen(moment)
        await self.here.run_to_end(self._done())

    def _happen(self, moment: datetime) -> None:
        """Add a call that began up to thirty hours ago, and remove those that have been known for long."""
        began = max(self.start, moment - timedelta(minutes=self.chance.randint(1, 1800)))
        name, number = domain(self.chance.randrange(CUSTOMERS)), sum(map(len, self.known.values()))
        self.here.kickscale.add_call(call(number, began, customerDomains=[name]))
        self.known[name][number] = moment
        self.in_kickscale.append((moment, f"c{number}"))
        while self.in_kickscale[0][0] < moment - 30 * DAY:
            self.here.kickscale.remove(self.in_kickscale.popleft()[1])

    async def _done(self) -> None:
        """Have both bots look at the same time, and do all they find, even if it has to wait for its turn in a
        channel.
        """
        bots = (self.here.bot, self.other)
        await asyncio.gather(*(bot.services.digests.run_due() for bot in bots))
        while True:
            await asyncio.gather(*(bot.idle() for bot in bots))
            if not (await self.database.jobs.unfinished()).get("digest"):
                return
            await self.here.clock.sleep(1)

    async def check(self, one: Subscription, due: list[tuple[date, datetime]]) -> int:
        """Check that its rows and its channel agree with the calendar, and return how many digests were posted."""
        rows = {row.day: row for row in await self.database.digests.of_subscription(one.id, 1_000)}
        assert {day: row.due_at for day, row in rows.items()} == dict(due)
        posted = self.here.posts(one.channel)
        posts = [message for message in posted if key_of(message).startswith(f"digest:{one.id}:")]
        messages_by_day: dict[str, list[Message]] = defaultdict(list)
        for message in posts:
            messages_by_day[key_of(message).split(":")[2]].append(message)
        listed: set[int] = set()
        for day, at in due:
            calls = {number for number, known in self.known[one.domains[0]].items() if known <= at}
            fresh = calls - listed
            messages = messages_by_day.pop(day.isoformat(), [])
            assert bool(messages) == bool(fresh or one.empty), (one, day)
            assert rows[day].state is (DigestState.POSTED if messages else DigestState.QUIET)
            if messages:
                first, *thread = messages
                assert [key_of(message) for message in messages] == [
                    f"digest:{one.id}:{day}:{place}" for place in range(len(messages))
                ]
                assert not first.thread_ts
                assert all(message.thread_ts == first.ts for message in thread)
                assert timedelta(0) <= datetime.fromtimestamp(float(first.ts), UTC) - at < MINUTE
                blocks = [block for message in messages for block in message.blocks]
                shown = Counter(map(int, NAME.findall(json.dumps(blocks))))
                assert shown == Counter(fresh), (one, day)
                listed |= fresh
        assert not messages_by_day, "a digest was posted that nobody expected"
        return sum(row.state is DigestState.POSTED for row in rows.values())


def key_of(message: Message) -> str:
    return str((message.metadata or {})["event_payload"]["key"])


def domain(number: int) -> str:
    return f"customer{number % CUSTOMERS}.example.com"


async def simulate(
    folder: Path, start: datetime, end: datetime, count: int, *, calls_a_day: int, seed: int
) -> tuple[int, int]:
    """Return how many digests were due, and how many of them were posted: the others were of quiet days."""
    async with world(folder, now=start) as here:
        other = await start_bot(here.settings, here.clock)
        try:
            year = Year(here, other, count, calls_a_day, seed)
            due = [(one, dues(one, start, end)) for one in await year.subscribe()]
            for moment in sorted({at for _, dues in due for _, at in dues}):
                await year.until(moment)
            posted = [await year.check(one, dues) for one, dues in due]
        finally:
            await other.stop()
        return sum(len(dues) for _, dues in due), sum(posted)


@pytest.mark.parametrize(
    ("first", "days"),
    [
        pytest.param(date(2027, 3, 27), 1, id="clocks of Europe go forward"),
        pytest.param(date(2027, 4, 3), 1, id="clocks of Australia, New Zealand and Chile go back"),
        pytest.param(date(2027, 10, 30), 1, id="clocks of Europe go back"),
        pytest.param(date(2028, 2, 28), 2, id="a leap day"),
    ],
)
async def test_every_due_digest_is_posted_once(tmp_path: Path, first: date, days: int) -> None:
    """At its local moment, by one of two bots. Every conversation is listed exactly once."""
    start = datetime.combine(first, time(12), UTC)
    due, posted = await simulate(tmp_path, start, start + days * DAY, 24, calls_a_day=25, seed=first.toordinal())
    assert due >= 12 * days
    assert 0 < posted <= due


@pytest.mark.soak
async def test_every_digest_of_a_year_is_posted_once(tmp_path: Path) -> None:
    """The same for a year with a leap day and every time zone's clock changes. It takes most of an hour."""
    start = datetime(2027, 9, 1, 12, tzinfo=UTC)
    due, posted = await simulate(tmp_path, start, start + 366 * DAY, 300, calls_a_day=8, seed=1)
    assert due > 40_000
    assert 0 < posted < due
