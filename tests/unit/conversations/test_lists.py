"""Lists and parts of lists: both ways to the same answer, over random data and APIs of random behaviour."""

import asyncio
import functools
import random
import tracemalloc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bot
from bot import sandbox
from bot.conversations.lists import CACHED_BYTES, CACHED_BYTES_OF_PARTS, Lists
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.protocol import ApiAccess
from bot.model.conversation import Kind, Scope
from bot.model.questions import ListQuery, Part, WholeReason
from bot.sandbox.kickscale import EmbeddedKickscale, Envelope, RequestLog, Variant
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING, ManualClock
from tests.world import call

SIZE = 3
END = MONDAY_MORNING
START = END - timedelta(minutes=6)
OF_OUR_OWN = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
DOMAINS = ("acme.com", "acme.com", "acme.com", "eu.acme.com", "other.org")


@dataclass
class Setting:
    kickscale: EmbeddedKickscale
    clock: ManualClock
    database: Database

    @asynccontextmanager
    async def lists(self) -> AsyncIterator[Lists]:
        """Yield lists of a bot that knows nothing of this API yet."""
        access = ApiAccess(self.kickscale.base_url, self.kickscale.api_key, self.kickscale.client_id)
        client = KickscaleClient(access, retry_wait=0.0, clock=self.clock)
        bindings = CurrentBinding(client, self.database.facts, self.clock, lambda binding: binding)
        try:
            yield Lists(client, bindings, self.clock)
        finally:
            await client.aclose()

    def serve(self, records: list[tuple[dict[str, Any], bool]], variant: Variant) -> None:
        self.kickscale.clear()
        self.kickscale.variant = variant
        for raw, is_internal in records:
            self.kickscale.add_call(raw, internal=is_internal)


@pytest.fixture
async def setting(tmp_path: Path) -> AsyncIterator[Setting]:
    clock = ManualClock()
    database = await Database.open(tmp_path / "bot.sqlite3")
    async with EmbeddedKickscale(clock, populated=False) as kickscale:
        yield Setting(kickscale, clock, database)
    await database.close()


@dataclass
class Chance:
    """Draws records, a question and an API's behaviour, all evenly: Hypothesis would draw much of the same."""

    seed: int

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.oldest_first = self._random.random() < 0.4

    def records(self, oddities: list[dict[str, Any]]) -> list[tuple[dict[str, Any], bool]]:
        """Return calls around the days of the list, many at the same minute, each with whether it is internal."""
        chosen = self._random
        drawn = []
        for number in range(chosen.randrange(20)):
            moment = START + timedelta(minutes=chosen.randint(-1, 8))
            raw = call(number, moment, customerDomains=[chosen.choice(DOMAINS)])
            oddity = chosen.choice(oddities) if chosen.random() < 0.02 else {}
            drawn.append((raw | oddity, chosen.random() < 0.3))
        return drawn

    def query(self) -> ListQuery:
        domains = self._random.choice([(), ("*",), *[("acme.com",)] * 6, ("*.acme.com",), ("acme.com", "other.org")])
        return ListQuery(Kind.CALL, START, END, domains, self._random.choice(list(Scope)))

    def variant(self, behaviours: list[dict[str, Any]]) -> Variant:
        return Variant(end_inclusive=self._random.random() < 0.5, **self._random.choice(behaviours))


chances = st.builds(Chance, st.integers(0, 2**32))
UNDATED, UNREADABLE = {"date": None}, {"id": None}
AS_ASKED: list[dict[str, Any]] = [
    *[{}] * 8,
    *({"envelope": envelope} for envelope in Envelope if envelope is not Envelope.TOTAL),
    {"page_cap": 2},
]
OTHERWISE: list[dict[str, Any]] = [
    {},
    {"domain_ignored": True},
    *[{"domain_loose": True}] * 3,
    {"order_ignored": True},
    {"lists_twice": True},
]


async def read_all_parts(lists: Lists, query: ListQuery, *, oldest_first: bool) -> list[tuple[list[Any], int]]:
    """Return what each page shows, as its conversations and the count; whole lists are not kept for the next page."""
    pages: list[tuple[list[Any], int]] = []
    while len(pages) * SIZE < (pages[-1][1] if pages else 1):
        number = len(pages)
        shown = await lists.excerpt(query, Part(number, SIZE, oldest_first))
        if isinstance(shown, WholeReason):
            pages.append((await read_whole(lists, query, oldest_first=oldest_first))[number])
        else:
            pages.append((list(shown.conversations), shown.total))
    return pages


async def read_whole(lists: Lists, query: ListQuery, *, oldest_first: bool) -> list[tuple[list[Any], int]]:
    """Return the same from the whole list."""
    conversations = list((await lists.whole(query)).conversations)
    if oldest_first:
        conversations.reverse()
    starts = range(0, max(1, len(conversations)), SIZE)
    return [(conversations[start : start + SIZE], len(conversations)) for start in starts]


@OF_OUR_OWN
@given(chance=chances)
async def test_an_api_that_filters_as_asked_gives_the_same_answer_both_ways(setting: Setting, chance: Chance) -> None:
    """Every page and the count, whatever else the API does or leaves out."""
    setting.serve(chance.records([UNDATED]), chance.variant(AS_ASKED))
    query = chance.query()
    async with setting.lists() as lists:
        parts = await read_all_parts(lists, query, oldest_first=chance.oldest_first)
    async with setting.lists() as lists:
        assert parts == await read_whole(lists, query, oldest_first=chance.oldest_first)


@OF_OUR_OWN
@given(chance=chances)
async def test_an_api_that_does_not_never_leaks_another_customer(setting: Setting, chance: Chance) -> None:
    """All that is shown is in the whole list too. Once a page has shown a fault, all pages go by that list."""
    setting.serve(chance.records([UNDATED, UNREADABLE]), chance.variant(OTHERWISE))
    query = chance.query()
    async with setting.lists() as lists:
        whole = await read_whole(lists, query, oldest_first=chance.oldest_first)
    ours = {conversation.id for shown, _ in whole for conversation in shown}
    async with setting.lists() as lists:
        number, total, is_faulty = 0, 1, False
        while number * SIZE < total:
            part = await lists.excerpt(query, Part(number, SIZE, chance.oldest_first))
            if isinstance(part, WholeReason):
                is_faulty = True
                total = len((await lists.whole(query)).conversations)
            else:
                assert not is_faulty
                assert {conversation.id for conversation in part.conversations} <= ours
                total = part.total
            number += 1


def has(log: RequestLog, count: int) -> bool:
    return len(log.on("/calls")) == count


@pytest.mark.parametrize(
    ("scope", "oldest_first", "requests"),
    [
        (Scope.EXTERNAL, False, [2, 1]),  # the page and a domain that can't exist; then the page
        (Scope.EXTERNAL, True, [3, 1]),  # also what begins at the end
        (Scope.INTERNAL, False, [2, 1]),
        (Scope.ALL, False, [3, 2]),  # also the external ones; then those of the page's time
        (Scope.ALL, True, [5, 2]),
    ],
)
async def test_parts_are_read_without_the_rest(
    setting: Setting, scope: Scope, oldest_first: bool, requests: list[int]
) -> None:
    """The first page in one round trip. The next one too, but for the external ones among all."""
    setting.serve(
        [(call(number, END - timedelta(seconds=number + 1)), number % 3 == 0) for number in range(20)], Variant()
    )
    query = ListQuery(Kind.CALL, START, END, ("acme.com",), scope)
    log = setting.kickscale.requests
    async with setting.lists() as lists:
        whole = await read_whole(lists, query, oldest_first=oldest_first)
    async with setting.lists() as lists:
        for number in range(2):
            log.clear()
            setting.kickscale.faults.add("/calls", hang=True, times=requests[number])
            reading = asyncio.create_task(lists.excerpt(query, Part(number, SIZE, oldest_first)))
            for count in (1, 2) if scope is Scope.ALL and number else (requests[number],):
                await log.until(functools.partial(has, count=count))
                setting.kickscale.release()
            part = await reading
            assert not isinstance(part, WholeReason)
            assert (list(part.conversations), part.total) == whole[number]
            assert len(log.on("/calls")) == requests[number]


async def test_what_was_asked_within_a_minute_is_not_asked_again(setting: Setting) -> None:
    """A part, a whole list and the latest ones: for all who ask for the same."""
    setting.serve([(call(number, END - timedelta(seconds=number + 1)), False) for number in range(20)], Variant())
    query = ListQuery(Kind.CALL, START, END, ("acme.com",))
    log = setting.kickscale.requests
    async with setting.lists() as lists:
        for read in (
            lambda: lists.excerpt(query, Part(0, SIZE)),
            lambda: lists.whole(query),
            lambda: lists.latest(query),
        ):
            log.clear()
            await asyncio.gather(*(read() for _ in range(5)))
            asked = len(log)
            await setting.clock.advance(59)
            await read()
            assert len(log) == asked
            await setting.clock.advance(2)
            await read()
            assert len(log) > asked


async def test_what_has_expired_takes_no_memory(setting: Setting) -> None:
    """A part, the latest ones and a whole list, although nobody asks for another one."""
    setting.serve([(call(number, END - timedelta(seconds=number + 1)), False) for number in range(20)], Variant())
    query = ListQuery(Kind.CALL, START, END, ("acme.com",))
    async with setting.lists() as lists:
        part = await lists.excerpt(query, Part(0, SIZE))
        assert not isinstance(part, WholeReason)
        read = (*part.conversations, *await lists.latest(query), *(await lists.whole(query)).conversations)
        kept = [weakref.ref(conversation) for conversation in read]
        del part, read
        await setting.clock.advance(59)
        lists.forget_expired()
        assert all(conversation() is not None for conversation in kept)
        await setting.clock.advance(1)
        lists.forget_expired()
        await asyncio.sleep(0)  # long lists are freed in several turns
        assert all(conversation() is None for conversation in kept)


@dataclass(frozen=True)
class Bound:
    """The most bytes that lists of one kind take together, and what is read to reach it."""

    most: int
    read: Callable[[Lists, ListQuery], Awaitable[object]]
    records: int
    """In each list."""
    text: int
    """Bytes of a record's summary."""


async def read_part(lists: Lists, query: ListQuery) -> object:
    return await lists.excerpt(query, Part(0, 10))


BOUNDS = {
    "whole lists": Bound(CACHED_BYTES, lambda lists, query: lists.whole(query), 1, 2_000_000),
    "parts": Bound(CACHED_BYTES_OF_PARTS, read_part, 9, 2_000),
    "parts with long texts": Bound(CACHED_BYTES_OF_PARTS, read_part, 3, 50_000),
}


@pytest.mark.parametrize("bound", BOUNDS.values(), ids=BOUNDS.keys())
async def test_lists_take_no_more_memory_than_their_bound(setting: Setting, bound: Bound) -> None:
    """The newest are kept, in about as much memory as they may take, and the oldest are read again."""
    ends = [START + timedelta(minutes=number) for number in range(2 * bound.most // (bound.text * bound.records))]
    starts = [end - timedelta(seconds=second) for end in ends for second in range(1, bound.records + 1)]
    summary = "x" * bound.text
    setting.serve(
        [(call(number, start, summary=summary), False) for number, start in enumerate(starts)],
        Variant(),
    )
    oldest, *others = [ListQuery(Kind.CALL, end - timedelta(minutes=1), end, ("acme.com",)) for end in ends]
    log = setting.kickscale.requests
    async with setting.lists() as lists:
        tracemalloc.start()
        for query in (oldest, *others):
            await bound.read(lists, query)
        taken = bytes_of_the_bot(tracemalloc.take_snapshot())
        tracemalloc.stop()
        log.clear()
        await bound.read(lists, others[-1])
        assert not log.on("/calls")
        await bound.read(lists, oldest)
        assert log.on("/calls")
    assert bound.most / 2 < taken < bound.most * 1.1


def bytes_of_the_bot(snapshot: tracemalloc.Snapshot) -> int:
    """Return what the bot's own lines have allocated, without the embedded Kickscale's."""
    ours = tracemalloc.Filter(True, f"{Path(bot.__file__).parent}/*")
    not_ours = tracemalloc.Filter(False, f"{Path(sandbox.__file__).parent}/*")
    return sum(trace.size for trace in snapshot.filter_traces([ours, not_ours]).traces)
