"""The mirror: filled in the background, and then as Kickscale is, whatever changes there and whenever the bot dies."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.kickscale.records.parsing import conversation as record
from bot.mirror.copies import conversation_of, copy
from bot.mirror.plan import NEWEST
from bot.model.access import Sight
from bot.model.conversation import Kind, Scope
from bot.model.mirror import MirrorSize, Wanted
from bot.model.people import Person, Viewer
from tests.clock import MONDAY_MORNING as NOW
from tests.databases import run_sql
from tests.world import World, call, world

WEEK = timedelta(days=8)
"""After it, a night at the weekend has passed: every day is read again."""
EVERYTHING = Wanted(scope=Scope.ALL)
DAYS = 30
Source = dict[str, tuple[bool, dict[str, Any]]]
"""What is in Kickscale: by id, whether it is internal, and its JSON."""


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, mirror_days=DAYS, admins="U0ROBIN001") as here:
        yield here


async def mirrored(here: World) -> Source:
    """What is in the mirror."""
    store = here.bot.database.mirror
    copies: Source = {}
    for figures in await store.figures(EVERYTHING, Sight()):
        hit = await store.get(figures.kind, figures.id)
        assert hit is not None
        copies[hit.id] = hit.is_internal, dict(hit.record)
    return copies


def copied(source: Source) -> Source:
    """What the mirror has of that: not all fields."""
    return {id_: (is_internal, _copied(raw)) for id_, (is_internal, raw) in source.items()}


def _copied(raw: dict[str, Any]) -> dict[str, Any]:
    parsed = record(raw, Kind.CALL)
    assert parsed is not None
    return dict(copy(parsed, is_internal=False).record)


class Upstream:
    """Changes what is in Kickscale, at random."""

    def __init__(self, here: World, seed: int) -> None:
        self.source: Source = {}
        self._kickscale = here.kickscale
        self._random = random.Random(seed)
        self._count = 0

    def change(self, now: datetime) -> None:
        """Add, change, move or remove a conversation, or make it internal or external."""
        how = self._random.choice(("add", "add", "edit", "move", "remove", "turn"))
        if how == "add" or not self.source:
            self._count += 1
            self._put(call(self._count, self._some_time(now)), is_internal=self._random.random() < 0.2)
            return
        id_ = self._random.choice(sorted(self.source))
        is_internal, raw = self.source.pop(id_)
        self._kickscale.remove(id_)
        match how:
            case "edit":
                self._put({**raw, "summary": f"edited {self._random.random()}"}, is_internal=is_internal)
            case "move":
                moved = self._some_time(now).isoformat().replace("+00:00", "Z")
                self._put({**raw, "date": moved}, is_internal=is_internal)
            case "turn":
                self._put(raw, is_internal=not is_internal)

    def _some_time(self, now: datetime) -> datetime:
        return now - timedelta(minutes=self._random.randrange((DAYS - 12) * 24 * 60))

    def _put(self, raw: dict[str, Any], *, is_internal: bool) -> None:
        is_call = int(raw["id"].removeprefix("c")) % 3
        (self._kickscale.add_call if is_call else self._kickscale.add_meeting)(raw, internal=is_internal)
        self.source[raw["id"]] = is_internal, raw


async def requests_reach(here: World, count: int) -> None:
    await here.kickscale.requests.until(lambda log: len(log) >= count)


async def follow(here: World, *, changes: int, kills: int, seed: int) -> None:
    """Change Kickscale while the bot reads it and dies, then let a week pass: the mirror is as Kickscale is."""
    upstream = Upstream(here, seed)
    chance = random.Random(seed)
    for _ in range(changes // 2):
        upstream.change(here.clock.now())
    for life in range(kills + 1):
        reading = asyncio.ensure_future(here.catch_up())
        served = len(here.kickscale.requests)
        reached = asyncio.ensure_future(requests_reach(here, served + chance.randrange(1, 12)))
        await asyncio.wait({reading, reached}, return_when=asyncio.FIRST_COMPLETED)
        for _ in range(changes // 2 // (kills + 1)):
            upstream.change(here.clock.now())
        for task in (reading, reached):
            task.cancel()
        await asyncio.gather(reading, reached, return_exceptions=True)
        if life < kills:
            await here.restart()
            await here.clock.advance(chance.randrange(3600))
    await here.clock.advance(WEEK.total_seconds())
    await here.catch_up()
    assert await mirrored(here) == copied(upstream.source)
    for word in ("summary", "edited"):
        found = await here.bot.database.mirror.search([word], EVERYTHING, Sight(), skip=0, count=1)
        assert found.total == sum(word in raw["summary"].casefold() for _, raw in upstream.source.values()), word


async def test_the_mirror_follows_whatever_changes(here: World) -> None:
    """What is new, edited, moved to another day, gone, or internal now; also if the bot dies while it reads."""
    await follow(here, changes=40, kills=2, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
async def test_the_mirror_follows_a_thousand_changes(here: World, seed: int) -> None:
    """The same, with many more changes and kills."""
    await follow(here, changes=1_000, kills=25, seed=seed)


async def test_the_first_fill_is_gentle_and_says_how_far_it_is(here: World) -> None:
    """One request at a time, the newest days first; then every day is known, and a copy is a conversation again."""
    here.add_calls(5, every=timedelta(days=3))
    here.kickscale.add_meeting(call(9, NOW - timedelta(days=1)), internal=True)
    mirror = here.bot.services.mirror
    before = await mirror.freshness()
    assert (before.missing, before.days, before.newest) == (DAYS, DAYS, None)
    await here.catch_up()
    lists = [*here.kickscale.requests.on("/calls"), *here.kickscale.requests.on("/meetings")]
    ordered = sorted(lists, key=lambda request: request.began)
    assert all(later.began > (sooner.ended or 0) for sooner, later in itertools.pairwise(ordered))
    after = await mirror.freshness()
    assert (after.missing, after.oldest is not None) == (0, True)
    assert (await here.bot.database.mirror.size()) == MirrorSize(6, 0)
    hit = await here.bot.database.mirror.get(Kind.MEETING, "c9")
    assert hit is not None
    copied_one = conversation_of(hit)
    assert (copied_one.name, copied_one.is_internal, copied_one.owner.email) == (
        "Call 9",
        True,
        "robin.rep@example.com",
    )
    asked = len(here.kickscale.requests)
    await here.catch_up()
    assert len(here.kickscale.requests) == asked, "nothing is due"
    await here.clock.advance(NEWEST.total_seconds())
    await here.catch_up()
    assert len(here.kickscale.requests) == asked + 4, "today and yesterday, external and internal, of both kinds"
    status = here.text(await here.ask("/kickscale status"))
    assert "Copies of conversations: 6" in status


async def test_reading_yields_to_people(here: World) -> None:
    """While somebody waits for an answer, the mirror doesn't ask Kickscale."""
    here.kickscale.faults.add("/calls/c1", hang=True)
    somebody = asyncio.ensure_future(here.bot.services.conversations.read(Kind.CALL, "c1"))
    await here.kickscale.requests.until(lambda log: bool(log.on("/calls/c1")))
    reading = asyncio.ensure_future(here.catch_up())
    await asyncio.sleep(0.05)
    assert len(here.kickscale.requests.on("/calls")) == 0
    somebody.cancel()
    await reading
    assert (await here.bot.services.mirror.freshness()).missing == 0


async def test_what_somebody_has_read_is_not_read_again(here: World) -> None:
    """A list of whole days (of the database, in UTC) fills the mirror, and customers are learned from it."""
    here.add_calls(3, every=timedelta(days=1))
    await here.ask("/kickscale calls acme.com last-7-days")
    await here.ask("/kickscale calls 2026-11-16..2026-11-22")
    days = await here.bot.database.mirror.days_read(Kind.CALL, Scope.EXTERNAL)
    assert sorted(day.day for day in days) == [16, 17, 18, 19, 20, 21]
    assert set(await mirrored(here)) == {"c0", "c1", "c2"}
    viewer = Viewer(Person("U1", "T1"), "C1")
    assert [known.domain for known in await here.bot.services.customers.known_customers(viewer)] == ["acme.com"]


async def test_what_people_read_again_and_again_is_written_down_once(here: World) -> None:
    """Until it changes, even if the record doesn't say when it was updated."""
    here.add_calls(3)
    await here.ask("/kickscale calls acme.com")
    read_at = dict(run_sql(here.settings, "select conversation, read_at from mirror"))
    assert read_at.keys() == {"c0", "c1", "c2"}
    await here.clock.advance(120)
    here.kickscale.remove("c1")
    here.kickscale.add_call({**call(1, NOW - timedelta(hours=2)), "summary": "edited"})
    await here.ask("/kickscale calls acme.com")
    later = dict(run_sql(here.settings, "select conversation, read_at from mirror"))
    assert [id_ for id_, at in later.items() if at != read_at[id_]] == ["c1"]
    assert (await mirrored(here))["c1"][1]["summary"] == "edited"


@pytest.mark.usefixtures("no_backoff")
async def test_a_failure_ends_a_reading_until_the_next(here: World) -> None:
    """The next one continues where this one stopped."""
    here.add_calls(3)
    here.kickscale.faults.add("/meetings", status=500, times=20)
    await here.catch_up()
    assert (await here.bot.services.mirror.freshness()).missing == DAYS
    here.kickscale.faults.clear()
    await here.catch_up()
    assert (await here.bot.services.mirror.freshness()).missing == 0


async def test_what_the_settings_do_not_want_is_deleted(here: World) -> None:
    """Transcripts are copied only if asked for, and without consent never; `MIRROR_DAYS=0` deletes everything."""
    spoken = {"transcript": [{"text": "Our budget is fixed.", "speaker": "Jane"}]}
    here.kickscale.add_call(call(1, NOW, **spoken))
    here.kickscale.add_call(call(2, NOW, **spoken, recordingConsent="denied"))

    async def size_with(**settings: Any) -> MirrorSize:
        here.settings = here.settings.model_copy(update=settings)
        await here.restart()
        await here.catch_up()
        return await here.bot.database.mirror.size()

    assert await size_with(mirror_transcripts="on") == MirrorSize(2, 1)
    found = await here.bot.database.mirror.search(["budget"], EVERYTHING, Sight(), skip=0, count=5)
    assert [hit.id for hit in found.hits] == ["c1"]
    assert await size_with(mirror_transcripts="off") == MirrorSize(2, 0)
    assert await size_with(mirror_days=0) == MirrorSize()
    assert "Copies of conversations: off" in here.text(await here.ask("/kickscale status"))


async def test_what_kickscale_reports_is_read_again_at_once(here: World) -> None:
    """A meeting that is analysed days later would otherwise wait for the night."""
    three_days_ago = NOW - timedelta(days=3)
    here.kickscale.add_meeting(call(1, three_days_ago))
    await here.catch_up()
    here.kickscale.change("c1", {"summary": "analysed late"})
    await here.catch_up()
    (copied_before,) = (await mirrored(here)).values()
    reported = record(call(1, three_days_ago), Kind.MEETING)
    assert reported is not None
    await here.bot.services.mirror.expect(reported)
    await here.catch_up()
    (copied_after,) = (await mirrored(here)).values()
    assert (copied_before[1]["summary"], copied_after[1]["summary"]) == ("Summary 1", "analysed late")


async def test_what_changes_whenever_it_is_read_is_not_read_without_end(tmp_path: Path) -> None:
    """Its transcript is left to the next reading."""
    async with world(tmp_path, mirror_days=DAYS, mirror_transcripts="on") as here:
        here.kickscale.variant.reading_changes = True
        here.kickscale.add_call(call(1, NOW, transcript=[{"text": "Hello."}]))
        here.kickscale.add_call(call(2, NOW - timedelta(days=1), transcript=[{"text": "Our budget is fixed."}]))
        reading = asyncio.ensure_future(here.catch_up())
        too_many = asyncio.ensure_future(requests_reach(here, 200))
        await asyncio.wait({reading, too_many}, return_when=asyncio.FIRST_COMPLETED)
        is_done = reading.done()
        for task in (reading, too_many):
            task.cancel()
        await asyncio.gather(reading, too_many, return_exceptions=True)
        assert is_done


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("status", [500, 403, 400])
async def test_a_conversation_that_cannot_be_read_keeps_no_other_from_being_read(tmp_path: Path, status: int) -> None:
    """Neither if it is gone from the lists, nor for its transcript. Its copy stays until Kickscale says more."""
    spoken = {"transcript": [{"text": "Our budget is fixed."}]}
    async with world(tmp_path, mirror_days=DAYS, mirror_transcripts="on") as here:
        here.kickscale.add_call(call(1, NOW, **spoken))
        here.kickscale.faults.add("/calls/c1", status=status, times=10_000)
        for number in (2, 3):
            here.kickscale.add_call(call(number, NOW - timedelta(days=number), **spoken))
        await here.catch_up()
        assert (await here.bot.database.mirror.size()) == MirrorSize(3, 2)
        here.kickscale.remove("c1")
        await here.clock.advance(WEEK.total_seconds())
        here.kickscale.change("c3", {"summary": "analysed late"})
        await here.catch_up()
        copies = await mirrored(here)
        assert (set(copies), copies["c3"][1]["summary"]) == ({"c1", "c2", "c3"}, "analysed late")
