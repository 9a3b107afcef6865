"""Queries for pages and single records, as the binding says that they are asked."""

import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from bot.errors import GoneError, KickscaleRejected
from bot.kickscale import protocol
from bot.kickscale.binding.operations import Binding, ById, DomainFilter, Source
from bot.kickscale.failures import is_missing_route, is_unknown_parameter, refuses
from bot.kickscale.paging import side_by_side
from bot.kickscale.protocol import PAGE_SIZE, Params
from bot.kickscale.records.parsing import read
from bot.kickscale.transport import DOCUMENT_BYTES, Transport
from bot.model.conversation import Kind, Page, Scope

log = logging.getLogger(__name__)

T = TypeVar("T")


class Queries:
    """Every method raises KickscaleError. `until` is the deadline, as `transport.deadline` yields it."""

    def __init__(self, transport: Transport, binding: Binding) -> None:
        self._transport = transport
        self._binding = binding
        self._refused_parameters: set[tuple[Kind, str]] = set()

    @property
    def binding(self) -> Binding:
        """How the API's undocumented operations are asked."""
        return self._binding

    @binding.setter
    def binding(self, binding: Binding) -> None:
        self._binding = binding
        self._refused_parameters.clear()

    def list_path(self, kind: Kind) -> str:
        """Return the path of the list."""
        return self._binding.of(kind).list_path

    def domain_filter(self, kind: Kind) -> DomainFilter:
        """Return the filter by domain; one without a name if Kickscale has none, or refuses it."""
        domain_filter = self._binding.of(kind).domain_filter
        is_refused = (kind, domain_filter.name) in self._refused_parameters
        return DomainFilter("") if is_refused else domain_filter

    async def narrow(
        self, kind: Kind, domains: tuple[str, ...], read_list: Callable[[Params], Coroutine[Any, Any, T]]
    ) -> list[T]:
        """Return what `read_list` returns for each way to narrow the list to these domains.

        It is called once, with no narrowing, if Kickscale can't filter by domain.
        """
        domain_filter = self.domain_filter(kind)
        narrowings = protocol.narrowings(domain_filter, domains)
        try:
            return await side_by_side(read_list(narrowing) for narrowing in narrowings)
        except KickscaleRejected as exc:
            if narrowings == ((),) or not refuses(exc, domain_filter.name):
                raise
            log.warning("Kickscale rejects the filter %s, so the bot filters the list itself", domain_filter.name)
            self._remember_refusal(kind, domain_filter.name, exc)
            return [await read_list(())]

    async def page(
        self,
        kind: Kind,
        number: int,
        until: float,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        scope: Scope,
        narrowing: Params,
        page_size: int = PAGE_SIZE,
        oldest_first: bool = False,
    ) -> Page:
        """Return one page of a list, counted from 0."""
        params = protocol.list_params(
            number,
            start=start,
            end=end,
            scope=scope,
            narrowing=narrowing,
            page_size=page_size,
            oldest_first=oldest_first,
        )
        from bot.kickscale.records.encoded import decode_page  # noqa: PLC0415 not before the bot is ready

        records = await self._transport.get(f"list_{kind}s", self.list_path(kind), params, until, decode=decode_page)
        page = read(records, kind)
        if page.unreadable:
            log.warning("%d of %d %ss on page %d couldn't be read", page.unreadable, page.received, kind, number)
        return page

    async def record(self, kind: Kind, id: str, until: float, *, transcript: bool) -> Any:  # noqa: A002
        """Return the answer to a request for one record. If there is no route for it, the list is asked for the id.

        Raises GoneError.
        """
        operations = self._binding.of(kind)
        try:
            return await self._record(kind, id, operations.by_id, until, transcript=transcript)
        except KickscaleRejected as exc:
            if exc.status != 404:
                raise
            if not is_missing_route(exc):
                raise GoneError(kind.value, id) from exc
            if operations.by_id.parameter or operations.by_id.source is Source.OVERRIDE:
                raise
            log.warning("Kickscale has no %s, so the bot looks in its list for the ID", operations.by_id)
            return await self._record(kind, id, ById(operations.list_path, "id"), until, transcript=transcript)

    async def document(self, until: float) -> Any:
        """Return the API's OpenAPI document as it is, at most 8 MB of it; None for an empty answer."""
        return await self._transport.get("openapi", protocol.DOCUMENT_PATH, (), until, DOCUMENT_BYTES)

    async def check(self, until: float) -> None:
        """Ask for a single meeting, to see whether the API answers and accepts the credentials."""
        path = self._binding.meetings.list_path
        params = protocol.list_params(0, page_size=1)
        protocol.read_page(await self._transport.get("check", path, params, until))

    async def _record(self, kind: Kind, id: str, operation: ById, until: float, *, transcript: bool) -> Any:  # noqa: A002
        async def ask(*, expanded: bool) -> Any:
            try:
                path, params = protocol.by_id(operation, id, transcript=transcript, expanded=expanded)
            except ValueError as exc:
                raise GoneError(kind.value, id) from exc
            return await self._transport.get(f"get_{kind}", path, params, until)

        expanded = (kind, "expand") not in self._refused_parameters
        try:
            return await ask(expanded=expanded)
        except KickscaleRejected as exc:
            if not expanded or not refuses(exc, "expand"):
                raise
            self._remember_refusal(kind, "expand", exc)
            return await ask(expanded=False)

    def _remember_refusal(self, kind: Kind, parameter: str, rejected: KickscaleRejected) -> None:
        """Don't send this parameter again with this binding, if Kickscale refused it and not only its value."""
        if is_unknown_parameter(rejected):
            self._refused_parameters.add((kind, parameter))
