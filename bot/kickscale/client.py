"""The one client of the Kickscale API for reading: questions, each with one deadline for all its pages and retries."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import quote

from bot.clock import Clock, SystemClock
from bot.errors import GoneError, KickscaleUnreadable
from bot.kickscale import protocol
from bot.kickscale.addresses import check_address
from bot.kickscale.binding.operations import DEFAULT, Binding
from bot.kickscale.excerpts import Excerpts
from bot.kickscale.finding import Finding, find_call
from bot.kickscale.paging import all_pages, merge
from bot.kickscale.protocol import PAGE_SIZE, ApiAccess
from bot.kickscale.queries import Queries
from bot.kickscale.records.parsing import read
from bot.kickscale.transport import Transport, deadline
from bot.model.conversation import Conversation, Kind, Listing, ListRead, Page, Scope
from bot.model.questions import Excerpt, ListQuery, Part, WholeReason
from bot.observe.requests import Observe, ignore
from bot.tools.single_flight import SingleFlight

log = logging.getLogger(__name__)

LISTS_AT_ONCE = 4
"""How many whole lists are read at the same time; the others wait, as each may have ten thousand records."""
_FOR_LISTS = 0.75
"""The share of all requests at a time that may be for whole lists, so that nothing else waits for their pages."""
_DOCUMENT_DEADLINE = 15.0
_UNQUOTED = "%/:?#[]@!$&'()*+,;=~-._"
"""Stays as it is in an address. Other characters, e.g. an umlaut in a file's name, are percent-encoded."""


class KickscaleClient:
    """Reads conversations. Every method raises KickscaleError in addition to what it names.

    Those who ask the same question at the same time share one answer.
    """

    def __init__(
        self,
        access: ApiAccess,
        *,
        binding: Binding = DEFAULT,
        concurrency: int = 16,
        deadline: float = 30.0,
        retry_wait: float = 0.5,
        observe: Observe | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`deadline` is for a whole question, `retry_wait` is the first pause before a request is repeated, both in
        seconds.

        Raises ConfigError for a credential that no header can carry.
        """
        self._access = access
        self._deadline = deadline
        self._lists = asyncio.Semaphore(LISTS_AT_ONCE)
        self._list_pages = asyncio.Semaphore(max(1, int(concurrency * _FOR_LISTS)))
        self._flights = SingleFlight()
        self.listener: Callable[[ListRead], None] = lambda _read: None
        """Called with what was read, so that nobody has to ask for it again. It must not block."""
        clock = clock or SystemClock()
        self._transport = Transport(
            access, concurrency=concurrency, retry_wait=retry_wait, observe=observe or ignore, clock=clock
        )
        self._queries = Queries(self._transport, binding)
        self._excerpts = Excerpts(self._queries, self._flights, clock)

    @property
    def binding(self) -> Binding:
        """How the API's undocumented operations are asked."""
        return self._queries.binding

    @binding.setter
    def binding(self, binding: Binding) -> None:
        self._queries.binding = binding

    async def quiet(self) -> None:
        """Return once nobody waits for an answer."""
        await self._flights.idle()

    async def aclose(self) -> None:
        """Cancel what is under way, and close the connections."""
        await self._flights.end()
        await self._transport.aclose()

    async def conversations(
        self,
        kind: Kind,
        start: datetime,
        end: datetime,
        *,
        scope: Scope = Scope.EXTERNAL,
        domains: Iterable[str] = (),
    ) -> Listing:
        """Return all that began at `start` or later and before `end` (both aware), of any of `domains` if given.

        Each is there once, the newest first. Those with an unknown start are included. Raises RangeTooWide if there
        are over a hundred pages.
        """
        wanted = tuple(sorted(set(domains)))

        async def ask() -> Listing:
            began = monotonic()
            async with self._lists, deadline(self._deadline) as until:
                lists = await self._queries.narrow(
                    kind,
                    wanted,
                    lambda narrowing: all_pages(
                        lambda number: self._page_of_list(
                            kind, number, until, start=start, end=end, scope=scope, narrowing=narrowing
                        )
                    ),
                )
            pages = [page for pages in lists for page in pages]
            # It isn't documented whether Kickscale's `endDate` is inclusive.
            within = tuple(
                conversation
                for conversation in merge(pages, wanted)
                if not conversation.starts_at or start <= conversation.starts_at < end
            )
            unreadable = sum(page.unreadable for page in pages)
            is_all = not wanted and not unreadable
            self._tell(kind, within, began, scope, (start, end) if is_all else (None, None))
            return Listing(within, unreadable)

        return await self._flights.join(("conversations", kind, start, end, scope, wanted), ask)

    async def excerpt(self, query: ListQuery, part: Part) -> Excerpt | WholeReason:
        """Return a part of a list in one round trip, or why the whole list has to be read.

        It is the same as that part of what `conversations` returns, however wide the range is.
        """

        async def ask() -> Excerpt | WholeReason:
            began = monotonic()
            async with deadline(self._deadline) as until:
                excerpt = await self._excerpts.read(query, part, until)
            if isinstance(excerpt, Excerpt):
                is_all = not query.domains and excerpt.total == len(excerpt.conversations)
                whole = (query.start, query.end) if is_all else (None, None)
                self._tell(query.kind, excerpt.conversations, began, query.scope, whole)
            return excerpt

        return await self._flights.join(("excerpt", query, part), ask)

    async def latest(
        self, kind: Kind, *, scope: Scope = Scope.EXTERNAL, domains: Iterable[str] = (), count: int = PAGE_SIZE
    ) -> tuple[Conversation, ...]:
        """Return the newest conversations, at most `count` of them, of any of `domains` if given."""
        wanted = tuple(sorted(set(domains)))

        async def ask() -> tuple[Conversation, ...]:
            async with deadline(self._deadline) as until:
                pages = await self._queries.narrow(
                    kind,
                    wanted,
                    lambda narrowing: self._queries.page(
                        kind, 0, until, scope=scope, narrowing=narrowing, page_size=count
                    ),
                )
            return tuple(merge(pages, wanted)[:count])

        return await self._flights.join(("latest", kind, scope, wanted, count), ask)

    async def conversation(self, kind: Kind, id: str, *, transcript: bool = False) -> Conversation:  # noqa: A002
        """Return the conversation with this id, with its transcript if asked.

        Raises GoneError if there is none, or if the API answers with a different one.
        """

        async def ask() -> Conversation:
            began = monotonic()
            async with deadline(self._deadline) as until:
                document = await self._queries.record(kind, id, until, transcript=transcript)
            page = read(protocol.read_one(document), kind)
            if page.received and not page.conversations:
                raise KickscaleUnreadable("a record without an id")
            for conversation in page.conversations:
                if conversation.id == id:
                    self._tell(kind, (conversation,), began)
                    return self._withhold_bad_link(conversation)
            raise GoneError(kind.value, id)

        return await self._flights.join(("conversation", kind, id, transcript), ask)

    async def find_by_external_id(self, external_id: str, start: datetime, end: datetime, since: datetime) -> Finding:
        """Find the call whose `externalCallId` is `external_id` among those between `start` and `end` (both aware).

        `since` is when the sending of it began: an older call without an `externalCallId` is a different one. Raises
        RangeTooWide if there are over a hundred pages.
        """
        # Doesn't share a reading that is under way: that one may have begun before the call was sent.
        async with deadline(self._deadline) as until:
            pages = await all_pages(
                lambda number: self._page_of_list(
                    Kind.CALL, number, until, start=start, end=end, scope=Scope.ALL, narrowing=()
                )
            )
        return find_call(pages, external_id, since)

    async def openapi(self) -> Any:
        """Return the API's OpenAPI document as it is, at most 8 MB of it; None for an empty answer."""

        async def ask() -> Any:
            async with deadline(min(_DOCUMENT_DEADLINE, self._deadline)) as until:
                return await self._queries.document(until)

        return await self._flights.join("openapi", ask)

    async def check(self) -> None:
        """Return if the API answers and accepts the credentials."""
        async with deadline(self._deadline) as until:
            await self._queries.check(until)

    async def _page_of_list(self, kind: Kind, number: int, until: float, **query: Any) -> Page:
        """Return one of the pages of a whole list: see `Queries.page`."""
        async with self._list_pages:
            return await self._queries.page(kind, number, until, **query)

    def _tell(
        self,
        kind: Kind,
        conversations: tuple[Conversation, ...],
        began: float,
        scope: Scope | None = None,
        whole: tuple[datetime | None, datetime | None] = (None, None),
    ) -> None:
        self.listener(ListRead(kind, conversations, monotonic() - began, scope, *whole))

    def _withhold_bad_link(self, conversation: Conversation) -> Conversation:
        """Return it without the link to its recording if people must not be led there."""
        if conversation.recording_url:
            try:
                link = quote(conversation.recording_url, safe=_UNQUOTED)
                check_address(link, self._access.base_url, self._access.storage_hosts)
            except ValueError as exc:
                log.warning("withholding a recording link: %s", exc)
                return conversation.replace(recording_url="")
        return conversation
