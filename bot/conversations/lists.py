"""Lists of conversations as Kickscale has them, whole or in part. Marks the internal ones.

What was read in the last minute is shared by everybody who asks for the same. What somebody may see of it is decided
later, each time.
"""

import sys
from collections.abc import Hashable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.paging import side_by_side
from bot.model.conversation import Conversation, Listing, Scope
from bot.model.questions import Excerpt, ListQuery, Part, WholeReason
from bot.tools.cache import TtlCache
from bot.tools.single_flight import SingleFlight
from bot.tools.slices import release

LIST_TTL = timedelta(seconds=60)
"""How long a list stays in memory, so that turning its pages and asking again asks the API nothing."""
CACHED_BYTES = 50_000_000
"""The most that all whole lists in memory take. One list may have ten thousand records, of which each takes 4 KB."""
CACHED_BYTES_OF_PARTS = 1_000_000
"""The same for parts of lists: 25 pages. Many people together ask for hundreds of others within a minute, once."""
LEAST_BYTES = 4_000
"""What a record counts for at least: it doesn't know its whole size once it is decoded."""


class Lists:
    """Every method raises KickscaleError."""

    def __init__(self, client: KickscaleClient, bindings: CurrentBinding, clock: Clock) -> None:
        self._client = client
        self._bindings = bindings
        self._flights = SingleFlight()
        self._whole: TtlCache[Listing] = TtlCache(
            clock, LIST_TTL, CACHED_BYTES, on_removal=lambda listing: release(list(listing.conversations))
        )
        self._excerpts: TtlCache[Excerpt] = TtlCache(clock, LIST_TTL, CACHED_BYTES_OF_PARTS)
        self._latest: TtlCache[tuple[Conversation, ...]] = TtlCache(clock, LIST_TTL, CACHED_BYTES_OF_PARTS)

    async def whole(self, query: ListQuery) -> Listing:
        """Return a whole list, the newest first. Also raises RangeTooWide."""
        if (cached := self._whole.get(query)) is not None:
            return cached
        return await self._flights.join(query, lambda: self._read_whole(query))

    async def excerpt(self, query: ListQuery, part: Part) -> Excerpt | WholeReason:
        """Return a part of a list, or why the whole list is needed for it."""
        if self._whole.get(query) is not None:
            return WholeReason.CACHED
        if (cached := self._excerpts.get((query, part))) is not None:
            return cached
        return await self._flights.join((query, part), lambda: self._read_excerpt(query, part))

    async def latest(self, query: ListQuery) -> tuple[Conversation, ...]:
        """Return the newest few that the list would have on any days, newest first."""
        key = (query.kind, query.domains, query.scope)
        if (cached := self._latest.get(key)) is not None:
            return cached
        return await self._flights.join(key, lambda: self._read_latest(query, key))

    def forget_expired(self) -> None:
        """Free the memory of what isn't shared any more."""
        for cache in (self._whole, self._excerpts, self._latest):
            cache.remove_expired()

    # ---- reading -----------------------------------------------------------------------------------------------------

    # What was read is cached before its flight ends, so that nobody reads it again in between.

    async def _read_whole(self, query: ListQuery) -> Listing:
        await self._bindings.ready()
        listing, *external = await side_by_side(
            self._client.conversations(query.kind, query.start, query.end, domains=query.domains, scope=scope)
            for scope in _scopes(query.scope)
        )
        if query.scope is not Scope.EXTERNAL:
            others = (other.conversations for other in external)
            listing = replace(listing, conversations=_mark_internal(listing.conversations, *others))
        self._whole.put(query, listing, _size(listing.conversations))
        return listing

    async def _read_latest(self, query: ListQuery, key: Hashable) -> tuple[Conversation, ...]:
        newest, *external = await side_by_side(
            self._client.latest(query.kind, domains=query.domains, scope=scope) for scope in _scopes(query.scope)
        )
        if query.scope is not Scope.EXTERNAL:
            newest = _mark_internal(newest, *external)
        self._latest.put(key, newest, _size(newest))
        return newest

    async def _read_excerpt(self, query: ListQuery, part: Part) -> Excerpt | WholeReason:
        await self._bindings.ready()
        match query.scope:
            case Scope.EXTERNAL:
                excerpt = await self._client.excerpt(query, part)
            case Scope.INTERNAL:
                excerpt = await self._client.excerpt(query, part)
                if isinstance(excerpt, Excerpt):
                    excerpt = replace(excerpt, conversations=_mark_internal(excerpt.conversations))
            case Scope.ALL:
                excerpt = await self._read_excerpt_of_all(query, part)
        if isinstance(excerpt, Excerpt):
            self._excerpts.put((query, part), excerpt, _size(excerpt.conversations))
        return excerpt

    async def _read_excerpt_of_all(self, query: ListQuery, part: Part) -> Excerpt | WholeReason:
        """Read a part of a list of internal and external ones. Which of them are external is asked for as well."""
        external = replace(query, scope=Scope.EXTERNAL)
        asked = (query,) if part.number else (query, external)
        excerpts = []
        for excerpt in await side_by_side(self._client.excerpt(wanted, part) for wanted in asked):
            if isinstance(excerpt, WholeReason):
                return excerpt
            excerpts.append(excerpt)
        excerpt, *beside = excerpts
        if beside and _tells_all(beside[0], part, excerpt.conversations):
            others = beside[0].conversations
        else:
            others = await self._read_same_time(external, excerpt.conversations)
        return replace(excerpt, conversations=_mark_internal(excerpt.conversations, others))

    async def _read_same_time(
        self, query: ListQuery, conversations: Iterable[Conversation]
    ) -> tuple[Conversation, ...]:
        """Return everything in a list that began between the first and the last of these conversations."""
        starts = [conversation.starts_at for conversation in conversations if conversation.starts_at is not None]
        if not starts:
            return ()
        listing = await self._client.conversations(
            query.kind, min(starts), max(starts) + timedelta(seconds=1), scope=query.scope, domains=query.domains
        )
        return listing.conversations


def _size(conversations: Iterable[Conversation]) -> int:
    """Return about how many bytes a list of these takes in memory."""
    return 1_000 + sum(max(LEAST_BYTES, sys.getsizeof(conversation.raw)) for conversation in conversations)


def _scopes(scope: Scope) -> tuple[Scope, ...]:
    """Return the scopes to read: the API doesn't say of a conversation which one it has, so `all` needs two."""
    return (Scope.ALL, Scope.EXTERNAL) if scope is Scope.ALL else (scope,)


def _mark_internal(
    conversations: Iterable[Conversation], external: Iterable[Conversation] = ()
) -> tuple[Conversation, ...]:
    """Mark the conversations that aren't among the external ones."""
    ids = {conversation.id for conversation in external}
    return tuple(
        conversation if conversation.id in ids else conversation.replace(is_internal=True)
        for conversation in conversations
    )


def _tells_all(external: Excerpt, part: Part, conversations: Iterable[Conversation]) -> bool:
    """Return whether the first page of the external ones shows for each of these conversations if it is among them.

    Not of one that begins at the same time as the last on that page, or follows it: the next page may have it.
    """
    if external.total == len(external.conversations):
        return True
    ids = {conversation.id for conversation in external.conversations}
    last = external.conversations[-1].starts_at
    return all(
        conversation.id in ids or _precedes(conversation.starts_at, last, oldest_first=part.oldest_first)
        for conversation in conversations
    )


def _precedes(moment: datetime | None, other: datetime | None, *, oldest_first: bool) -> bool:
    if moment is None or other is None:
        return False
    return moment < other if oldest_first else moment > other
