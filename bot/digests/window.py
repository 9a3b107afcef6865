"""The conversations of a stretch of time, read once for all digests that are due at its end."""

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
from bot.tools.cache import TtlCache
from bot.tools.single_flight import SingleFlight
from bot.tools.slices import release

LOOK_BACK = timedelta(days=14)
"""How long after its date a conversation may still turn up: as far back as Kickscale's connector reads again
(PostHog/posthog, pull request 84291)."""
USUAL = timedelta(days=28)
"""How far back is read to know what is usual: for a week, the two weeks before it."""
UNANALYSED = timedelta(days=2)
"""After this a conversation is listed without an analysis: none will come."""
LONGEST_GAP = timedelta(days=92)
"""How far a digest goes back if the bot was down for that long."""
WINDOW_TTL = timedelta(minutes=10)
"""How long a window is cached after its last use: the digests of one moment are posted within minutes."""
CACHED_WINDOWS = 4
FAILURE_TTL = timedelta(seconds=15)
"""How long a failure is cached for all digests that share the window: less than it takes until a digest is retried."""


@dataclass(frozen=True, slots=True)
class Window:
    """All conversations that began from `start` until before `end`."""

    start: datetime
    end: datetime
    conversations: tuple[Conversation, ...]
    """Newest first."""
    by_id: Mapping[str, Conversation]
    places: Mapping[str, Sequence[int]]
    """For each customer domain: the indices of its conversations."""

    @classmethod
    def of(cls, start: datetime, end: datetime, conversations: Iterable[Conversation]) -> "Window":
        newest_first = tuple(
            sorted(
                conversations, key=lambda conversation: (conversation.starts_at or end, conversation.id), reverse=True
            )
        )
        places = defaultdict(list)
        for place, conversation in enumerate(newest_first):
            for domain in conversation.customer_domains:
                places[domain].append(place)
        return cls(start, end, newest_first, {conversation.id: conversation for conversation in newest_first}, places)

    def matching(self, patterns: Collection[str]) -> Sequence[Conversation]:
        """Return the conversations with a domain that one of the patterns covers, newest first."""
        if EVERY in patterns:
            return self.conversations
        domains = [pattern for pattern in patterns if pattern in self.places]
        for pattern in patterns:
            if pattern.startswith("*."):
                domains += [domain for domain in self.places if matches(pattern, domain)]
        places = {place for domain in domains for place in self.places[domain]}
        return [self.conversations[place] for place in sorted(places)]

    def candidates(self, subscription: Subscription, start: datetime) -> list[Conversation]:
        """Return what the subscription's digest from `start` on lists, unless an earlier digest listed it."""
        first = looks_back_to(start)
        return [
            conversation
            for conversation in self.matching(subscription.domains)
            if conversation.starts_at is not None
            and first <= conversation.starts_at < self.end
            and (conversation.is_analysed or conversation.starts_at < self.end - UNANALYSED)
            and counts_from(subscription, conversation) <= conversation.starts_at
        ]

    def usual(
        self, subscription: Subscription, start: datetime, covers: Callable[[Conversation], bool]
    ) -> tuple[float | None, float | None]:
        """Return how many conversations there usually are, and how many seconds they take, in a period from `start`.

        It is the average over the time before `start`. Only conversations for which `covers` is true count. None if
        fewer than two such periods are known.
        """
        length = self.end - start
        before = start - self.start
        if length <= timedelta(0) or before < 2 * length:
            return None, None
        earlier = [
            conversation
            for conversation in self.matching(subscription.domains)
            if conversation.starts_at and conversation.starts_at < start and covers(conversation)
        ]
        periods = before / length
        return len(earlier) / periods, sum(conversation.duration or 0 for conversation in earlier) / periods


class Windows:
    """Reads each window once for all digests that are due at its end."""

    def __init__(self, client: KickscaleClient, bindings: CurrentBinding, clock: Clock) -> None:
        self._client = client
        self._bindings = bindings
        self._flights = SingleFlight()
        self._cached: TtlCache[Window] = TtlCache(
            clock, WINDOW_TTL, CACHED_WINDOWS, on_removal=lambda window: release(list(window.conversations))
        )
        """By the windows' ends. A window that is used is put again."""
        self._failures: TtlCache[Exception] = TtlCache(clock, FAILURE_TTL)

    async def get(self, start: datetime, end: datetime) -> Window:
        """Return a window from `start` or earlier until `end`. It is cached for the other digests due at `end`.

        Raises KickscaleError, RangeTooWide.
        """
        start = _read_from(start, end)
        if (cached := self._cached.get(end)) is not None and cached.start <= start:
            self._cached.put(end, cached)
            return cached
        if (failure := self._failures.get(end)) is not None:
            raise failure.with_traceback(None)
        return await self._flights.join((start, end), lambda: self._read_and_cache(start, end))

    async def get_uncached(self, start: datetime, end: datetime) -> Window:
        """Do the same for an `end` at which nothing is due. Raises KickscaleError, RangeTooWide."""
        return await self._read(_read_from(start, end), end)

    async def _read_and_cache(self, start: datetime, end: datetime) -> Window:
        """Read a window, and cache it before the flight ends, so that nobody reads it again in between."""
        try:
            window = await self._read(start, end)
        except (KickscaleError, RangeTooWide) as exc:
            self._failures.put(end, exc)
            raise
        # A narrower window that was asked for earlier but read later must not replace a wider one.
        cached = self._cached.get(end) or window
        self._cached.put(end, min(cached, window, key=lambda candidate: candidate.start))
        return window

    def forget_expired(self) -> None:
        """Free the memory of what hasn't been used for so long that it expired."""
        self._cached.remove_expired()
        self._failures.remove_expired()

    async def _read(self, start: datetime, end: datetime) -> Window:
        await self._bindings.ready()
        return Window.of(start, end, await read_window(self._client, start, end))


def _read_from(start: datetime, end: datetime) -> datetime:
    """Return where to start reading for a digest from `start`, so as to find what turned up late and what is usual."""
    usual = max(start - 2 * (end - start), end - USUAL)
    return max(min(usual, looks_back_to(start)), end - LONGEST_GAP)


def looks_back_to(start: datetime) -> datetime:
    """Return how far back conversations may have begun for a digest from `start`: some turn up late."""
    return start - LOOK_BACK
