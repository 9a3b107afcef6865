"""Reads parts of lists, and remembers how far the API can be trusted with that."""

from collections.abc import Hashable, Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.errors import KickscaleError, KickscaleRejected
from bot.kickscale.page_plan import NEWEST, PROBE, ApiPage, count_late, narrow, narrow_to_nobody, plan
from bot.kickscale.paging import side_by_side
from bot.kickscale.protocol import Params
from bot.kickscale.queries import Queries
from bot.kickscale.transport import deadline
from bot.model.conversation import Kind, Page, Scope
from bot.model.questions import Excerpt, ListQuery, Part, WholeReason
from bot.tools.cache import TtlCache
from bot.tools.single_flight import SingleFlight

TRUST = timedelta(hours=1)
"""How long it is believed that the API filters by domain, or that it doesn't."""
DISTRUST = timedelta(days=1)
"""How long a filter isn't used after it let another customer's record through."""
_LATE_TTL = timedelta(minutes=1)
_LISTS = 2_000
"""Of how many lists something is remembered, about half a kilobyte each."""
_PROBE_DEADLINE = 5.0
"""Seconds. A list isn't kept waiting longer: it is read as a whole instead."""
_OF_THE_API = {WholeReason.NO_TOTAL, WholeReason.WRONG_LENGTH}
"""What holds for all lists of a kind."""
_OF_THE_LIST = {
    WholeReason.OTHER_DOMAIN,
    WholeReason.UNREADABLE,
    WholeReason.UNDATED,
    WholeReason.TWICE,
    WholeReason.OUT_OF_RANGE,
    WholeReason.OUT_OF_ORDER,
}
"""What a page has shown about its list, so that the other pages go by it."""


class Excerpts:
    def __init__(self, queries: Queries, flights: SingleFlight, clock: Clock) -> None:
        self._queries = queries
        self._flights = flights
        self._trusted: TtlCache[bool] = TtlCache(clock, TRUST)
        """Filters of which a domain that can't exist has shown that they are applied."""
        self._faults: TtlCache[WholeReason] = TtlCache(clock, TRUST, _LISTS)
        """By the path of a list, a filter, or a list."""
        self._leaks: TtlCache[WholeReason] = TtlCache(clock, DISTRUST)
        """Filters that let another customer's record through."""
        self._late: TtlCache[int] = TtlCache(clock, _LATE_TTL, _LISTS)

    async def read(self, query: ListQuery, part: Part, until: float) -> Excerpt | WholeReason:
        """Return a part of a list, or why the whole list has to be read. Raises KickscaleError."""
        path, domain_filter = self._queries.list_path(query.kind), self._queries.domain_filter(query.kind)
        narrowing = narrow(domain_filter, query.domains)
        if isinstance(narrowing, WholeReason):
            return narrowing
        nobody = narrow_to_nobody(domain_filter, narrowing) if narrowing else ()
        used_filter = (path, nobody)
        known = (*map(self._faults.get, (path, used_filter, query)), self._leaks.get(used_filter))
        if reason := next(filter(None, known), None):
            return reason

        async def read_page(api_page: ApiPage) -> Page:
            if api_page.is_probe:
                return await self._flights.join(("probe", used_filter), lambda: self._probe(query.kind, nobody))
            return await self._queries.page(
                query.kind,
                api_page.number,
                until,
                start=query.start,
                end=query.end,
                scope=query.scope,
                narrowing=narrowing,
                page_size=part.size,
                oldest_first=api_page.oldest_first,
            )

        late, is_trusted = self._late.get(query), not nobody or bool(self._trusted.get(used_filter))
        pages: dict[ApiPage, Page] = {}
        try:
            while isinstance(step := plan(query, part, pages, late=late, is_trusted=is_trusted), tuple):
                pages.update(zip(step, await side_by_side(map(read_page, step)), strict=True))
        except KickscaleRejected:
            return WholeReason.REFUSED
        if isinstance(step, WholeReason):
            self._remember_fault(step, path, used_filter, query)
        else:
            self._remember_success(query, pages, used_filter)
        return step

    async def _probe(self, kind: Kind, nobody: Params) -> Page:
        """Return a page of all that Kickscale has about nobody; one that says nothing if it doesn't answer.

        It is about all days and scopes: a list of no conversations would prove nothing.
        """
        try:
            async with deadline(_PROBE_DEADLINE) as until:
                return await self._queries.page(kind, 0, until, scope=Scope.ALL, narrowing=nobody, page_size=1)
        except KickscaleError:
            return Page((), received=0)

    def _remember_fault(self, reason: WholeReason, path: str, used_filter: Hashable, query: ListQuery) -> None:
        if reason in _OF_THE_API:
            self._faults.put(path, reason)
        elif reason in _OF_THE_LIST:
            self._faults.put(query, reason)
        elif reason is WholeReason.IGNORED_FILTER:
            self._faults.put(used_filter, reason)
        if reason is WholeReason.OTHER_DOMAIN:
            self._leaks.put(used_filter, reason)

    def _remember_success(self, query: ListQuery, pages: Mapping[ApiPage, Page], used_filter: Hashable) -> None:
        if NEWEST in pages:
            self._late.put(query, count_late(query, pages[NEWEST]))
        # If nothing was found for the real domains either, the workspace may be empty, and the filter ignored.
        if PROBE in pages and any(page.received for page in pages.values()):
            self._trusted.put(used_filter, value=True)
