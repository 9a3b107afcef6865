"""All that happened in a stretch of time, read once for every digest that is due at its end."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.digests.rules import counts_from
from bot.domains import EVERY, matches
from bot.errors import KickscaleError, RangeTooWide
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.window import read_window
from bot.model.conversation import Conversation
from bot.model.digests import Subscription
from bot.tools.single_flight import Flights

LOOK_BACK = timedelta(days=14)
"""How long after its date a conversation may still become known: what Kickscale's connector (PostHog/posthog, pull
request 84291) re-reads."""
USUAL = timedelta(days=28)
"""How far back it is read to tell what is usual: of a week, the two before it."""
UNANALYSED = timedelta(days=2)
"""After which a conversation is listed although it has no analysis: none is ever coming."""
LONGEST_GAP = timedelta(days=92)
"""How far a digest goes back after a bot was down for that long."""
KEPT = timedelta(minutes=10)
"""How long a window stays at hand after its last use: what is due at one moment is posted within minutes."""
WINDOWS_KEPT = 4
FAILURE_KEPT = timedelta(seconds=15)
"""How long all who share a window are told that it could not be read, before anybody asks anew: less than it is until
a digest is tried again."""


@dataclass(frozen=True, slots=True)
class Window:
    """Everything that began from `start` until before `end`, newest first."""

    start: datetime
    end: datetime
    conversations: tuple[Conversation, ...]
    by_id: Mapping[str, Conversation]
    places: Mapping[str, Sequence[int]]
    """Of each customer domain: where in `conversations` those with it are."""

    @classmethod
    def of(cls, start: datetime, end: datetime, found: Iterable[Conversation]) -> "Window":
        conversations = tuple(sorted(found, key=lambda each: (each.starts_at or end, each.id), reverse=True))
        places = defaultdict(list)
        for place, each in enumerate(conversations):
            for domain in each.customer_domains:
                places[domain].append(place)
        return cls(start, end, conversations, {each.id: each for each in conversations}, places)

    def matching(self, patterns: Collection[str]) -> Sequence[Conversation]:
        """Those with a domain that one of the patterns covers, newest first."""
        if EVERY in patterns:
            return self.conversations
        known = [each for each in patterns if each in self.places]
        for pattern in patterns:
            if pattern.startswith("*."):
                known += [each for each in self.places if matches(pattern, each)]
        found = {place for domain in known for place in self.places[domain]}
        return [self.conversations[place] for place in sorted(found)]

    def candidates(self, subscription: Subscription, start: datetime) -> list[Conversation]:
        """What the subscription's digest from `start` on has to list, should none have listed it before."""
        first = looks_back_to(start)
        return [
            each
            for each in self.matching(subscription.domains)
            if each.starts_at is not None
            and first <= each.starts_at < self.end
            and (each.is_analysed or each.starts_at < self.end - UNANALYSED)
            and counts_from(subscription, each) <= each.starts_at
        ]

    def usual(
        self, subscription: Subscription, start: datetime, covers: Callable[[Conversation], bool]
    ) -> tuple[float | None, float | None]:
        """How many there were before `start` in as long a time as from there to the end, and how long they were: of
        those that the subscription's channel is for.

        None where less than two such times are known.
        """
        length = self.end - start
        before = start - self.start
        if length <= timedelta(0) or before < 2 * length:
            return None, None
        found = [
            each
            for each in self.matching(subscription.domains)
            if each.starts_at and each.starts_at < start and covers(each)
        ]
        times = before / length
        return len(found) / times, sum(each.duration or 0 for each in found) / times


class Windows:
    def __init__(self, client: KickscaleClient, bindings: CurrentBinding, clock: Clock) -> None:
        self._client = client
        self._bindings = bindings
        self._clock = clock
        self._flights = Flights()
        self._kept: dict[datetime, tuple[timedelta, Window]] = {}
        """By their end: when last used, and what is in them."""
        self._failures: dict[datetime, tuple[timedelta, Exception]] = {}

    async def get(self, start: datetime, end: datetime) -> Window:
        """One from `start`, or earlier, until `end`; kept while what is due at that moment is posted.

        Raises KickscaleError, RangeTooWide.
        """
        now = self._clock.elapsed()
        self._kept = {each: kept for each, kept in self._kept.items() if now - kept[0] < KEPT}
        self._failures = {each: kept for each, kept in self._failures.items() if now - kept[0] < FAILURE_KEPT}
        start = _read_from(start, end)
        if end in self._kept and self._kept[end][1].start <= start:
            window = self._kept[end][1]
            self._kept[end] = now, window
            return window
        if end in self._failures:
            raise self._failures[end][1].with_traceback(None)
        return await self._flights.join((start, end), lambda: self._read_and_keep(start, end))

    async def passing(self, start: datetime, end: datetime) -> Window:
        """The same, for a moment at which nothing is due: it is not kept. Raises KickscaleError, RangeTooWide."""
        return await self._read(_read_from(start, end), end)

    async def _read_and_keep(self, start: datetime, end: datetime) -> Window:
        """What was read is at hand before the flight has landed: who asks in between must not read it again."""
        try:
            window = await self._read(start, end)
        except (KickscaleError, RangeTooWide) as exc:
            self._failures[end] = self._clock.elapsed(), exc
            raise
        _, known = self._kept.pop(end, (None, window))
        while len(self._kept) >= WINDOWS_KEPT:
            del self._kept[min(self._kept, key=lambda each: self._kept[each][0])]
        # A narrower one that was asked for before, and is there after it, must not take its place.
        self._kept[end] = self._clock.elapsed(), min(known, window, key=lambda each: each.start)
        return window

    async def _read(self, start: datetime, end: datetime) -> Window:
        await self._bindings.ready()
        return Window.of(start, end, await read_window(self._client, start, end))


def _read_from(start: datetime, end: datetime) -> datetime:
    """From when on everything is read for a digest that goes back to `start`: also what became known late, and enough
    to tell what is usual.
    """
    usual = max(start - 2 * (end - start), end - USUAL)
    return max(min(usual, looks_back_to(start)), end - LONGEST_GAP)


def looks_back_to(start: datetime) -> datetime:
    """The earliest that a conversation may have begun which a digest from `start` on lists: what became known in its
    time, however early in it.
    """
    return start - LOOK_BACK
