"""The one client of the Kickscale API. Reads only; what can be decided without I/O is in the pure modules beside it.

One connection pool with keep-alive for the life of the process, at most 16 requests at a time, no redirect ever
followed (it would replay the credentials elsewhere), and one deadline for a whole question with all its pages and
retries. No exception of httpx leaves this module, and no credential is in what it logs or raises.
"""

import asyncio
import logging
import random
import ssl
import time
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Coroutine, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlsplit

import httpx
import stamina

from bot.clock import Clock, SystemClock
from bot.errors import (
    GoneError,
    KickscaleRateLimited,
    KickscaleRejected,
    KickscaleTimeout,
    KickscaleUnavailable,
    KickscaleUnreadable,
)
from bot.kickscale import protocol
from bot.kickscale.addresses import check_address
from bot.kickscale.binding.operations import DEFAULT, Binding, ById, Source
from bot.kickscale.paging import all_pages, merged, side_by_side
from bot.kickscale.protocol import PAGE_SIZE, Params
from bot.kickscale.records.parsing import read
from bot.model.conversation import Conversation, Kind, Listing, Page, Scope
from bot.tools.proxies import proxy_of
from bot.tools.single_flight import Flights

log = logging.getLogger(__name__)

Observe = Callable[[str, str, float], None]
"""Told of each request: the operation, its outcome (a status, or a word for what went wrong), and its seconds."""

T = TypeVar("T")

_TIMEOUT = httpx.Timeout(connect=5.0, read=15.0, write=10.0, pool=None)
"""Seconds. Within the question's deadline; a connection that died silently leaves time for another one."""
_PAGE_BYTES = 64 * 2**20
_DOCUMENT_BYTES = 8 * 2**20
_DOCUMENT_DEADLINE = 15.0
_ERROR_BYTES = 64 * 2**10
_GZIP = 31
"""What zlib calls a gzip header, and the largest window."""
_FAULTS = 4
"""How often one request may fail for a passing reason."""
_WAITS = 10
"""How often one request is sent at all, while the API asks for patience."""
_LONGEST_WAIT = 8
"""The longest back-off, in first ones."""
LISTS_AT_ONCE = 4
"""How many whole lists are read at a time: the others wait, as each may have ten thousand records."""
_AS_IT_IS = "%/:?#[]@!$&'()*+,;=~-._"
"""What stands for itself in an address; the rest of one, such as an umlaut in a file's name, is written with %."""
_PASSING = {500, 502, 503, 504, None}
_CLOCKS_APART = timedelta(minutes=1)
"""How far the service's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a call that was sent is there."""

    call: str
    """Its id; empty where none was found."""
    is_certain: bool
    """False where one of the calls might be it, and does not say."""


class KickscaleClient:
    """Reads conversations. Every method raises KickscaleError besides what it names."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        client_id: str,
        *,
        hosts: Collection[str] = (),
        binding: Binding = DEFAULT,
        concurrency: int = 16,
        deadline: float = 30.0,
        retry_wait: float = 0.5,
        observe: Observe | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`hosts` are the only ones that links to recordings may lead to, where there are any, beside the API's own.

        `deadline` is for a whole question, `retry_wait` the first back-off, both in seconds.

        Raises ConfigError for a credential that no header can carry.
        """
        self._base_url = base_url
        self._hosts = hosts
        self._secrets = [secret for secret in (api_key.strip(), client_id.strip()) if len(secret) > 3]
        self._binding = binding
        self._deadline = deadline
        self._retry_wait = retry_wait
        self._observe = observe or (lambda _operation, _outcome, _seconds: None)
        self._clock = clock or SystemClock()
        self._slots = asyncio.Semaphore(concurrency)
        self._lists = asyncio.Semaphore(LISTS_AT_ONCE)
        self._flights = Flights()
        self._refused: set[tuple[Kind, str]] = set()
        is_plain = urlsplit(base_url).scheme == "http"
        self._http = httpx.AsyncClient(
            headers={**protocol.headers(api_key, client_id), "accept-encoding": "gzip"},
            follow_redirects=False,
            timeout=_TIMEOUT,
            limits=httpx.Limits(
                max_connections=concurrency, max_keepalive_connections=concurrency, keepalive_expiry=30.0
            ),
            trust_env=False,  # it would read every proxy of the environment, and fail on those that it can't use
            proxy=proxy_of(base_url),
            # Without TLS there is nobody to verify, and reading everybody's certificates takes a while.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else httpx.create_ssl_context(),
        )

    @property
    def binding(self) -> Binding:
        """How the API's undocumented operations are asked."""
        return self._binding

    @binding.setter
    def binding(self, binding: Binding) -> None:
        self._binding = binding
        self._refused.clear()

    async def aclose(self) -> None:
        """End what is under way, and close the connections."""
        await self._flights.end()
        await self._http.aclose()

    # ---- questions ---------------------------------------------------------------------------------------------------

    async def conversations(
        self,
        kind: Kind,
        start: datetime,
        end: datetime,
        *,
        scope: Scope = Scope.EXTERNAL,
        domains: Iterable[str] = (),
    ) -> Listing:
        """All that began from `start` up to but without `end` (aware), of any of `domains` if there are some.

        Each once, newest first; one whose start is unknown is kept. Raises RangeTooWide over a hundred pages.
        """
        wanted = tuple(sorted(set(domains)))

        async def ask() -> Listing:
            async with self._lists, self._until() as until:
                lists = await self._narrowed(
                    kind,
                    wanted,
                    lambda narrowing: all_pages(
                        lambda page: self._page(
                            kind, page, until, start=start, end=end, scope=scope, narrowing=narrowing
                        )
                    ),
                )
            pages = [page for pages in lists for page in pages]
            # Whether `endDate` is inclusive is not established.
            inside = (each for each in merged(pages, wanted) if not each.starts_at or start <= each.starts_at < end)
            return Listing(tuple(inside), sum(page.unreadable for page in pages))

        return await self._flights.join(("conversations", kind, start, end, scope, wanted), ask)

    async def latest(
        self, kind: Kind, *, scope: Scope = Scope.EXTERNAL, domains: Iterable[str] = ()
    ) -> tuple[Conversation, ...]:
        """The newest of all time, at most a page of them, of any of `domains` if there are some."""
        wanted = tuple(sorted(set(domains)))

        async def ask() -> tuple[Conversation, ...]:
            async with self._until() as until:
                pages = await self._narrowed(
                    kind, wanted, lambda narrowing: self._page(kind, 0, until, scope=scope, narrowing=narrowing)
                )
            return tuple(merged(pages, wanted)[:PAGE_SIZE])

        return await self._flights.join(("latest", kind, scope, wanted), ask)

    async def conversation(self, kind: Kind, id: str, *, transcript: bool = False) -> Conversation:  # noqa: A002
        """The one with this very id, with its transcript if asked.

        Raises GoneError where there is none, also when the API answers with another one.
        """

        async def ask() -> Conversation:
            async with self._until() as until:
                document = await self._document_of(kind, id, until, transcript=transcript)
            page = read(protocol.read_one(document), kind)
            if page.received and not page.conversations:
                raise KickscaleUnreadable("a record without an id")
            found = next((each for each in page.conversations if each.id == id), None)
            if found is None:
                raise GoneError(kind.value, id)
            if found.recording_url:
                try:
                    check_address(quote(found.recording_url, safe=_AS_IT_IS), self._base_url, self._hosts)
                except ValueError as exc:
                    log.warning("a link to a recording is withheld: %s", exc)
                    return replace(found, recording_url="")
            return found

        return await self._flights.join(("conversation", kind, id, transcript), ask)

    async def find_by_external_id(self, external_id: str, start: datetime, end: datetime, since: datetime) -> Finding:
        """The call whose `externalCallId` is `external_id`, among all that began from `start` up to `end` (aware).

        `since` is when the sending of it began: an older call that has no `externalCallId` is another one. Raises
        RangeTooWide over a hundred pages.
        """
        # Never joined to a question that is under way: that one may have begun before the call was sent.
        async with self._until() as until:
            pages = await all_pages(
                lambda page: self._page(Kind.CALL, page, until, start=start, end=end, scope=Scope.ALL, narrowing=())
            )
        calls = merged(pages, ())
        found = next((each.id for each in calls if each.raw.get("externalCallId") == external_id), "")
        might_be = (
            each.raw.get("externalCallId") in (None, "")
            and (each.created_at is None or each.created_at >= since - _CLOCKS_APART)
            for each in calls
        )
        return Finding(found, bool(found) or not (any(page.unreadable for page in pages) or any(might_be)))

    async def openapi(self) -> Any:
        """The API's OpenAPI document, at most 8 MB of it, as it is; None for an empty answer."""

        async def ask() -> Any:
            async with self._until(_DOCUMENT_DEADLINE) as until:
                return await self._get("openapi", protocol.DOCUMENT_PATH, (), until, _DOCUMENT_BYTES)

        return await self._flights.join("openapi", ask)

    async def check(self) -> None:
        """Ask for one meeting: whether the API is there and takes the credentials."""
        async with self._until() as until:
            path = self._binding.meetings.list_path
            protocol.read_page(await self._get("check", path, protocol.list_params(0, page_size=1), until))

    # ---- how they are asked ------------------------------------------------------------------------------------------

    async def _narrowed(
        self, kind: Kind, domains: tuple[str, ...], read_list: Callable[[Params], Coroutine[Any, Any, T]]
    ) -> list[T]:
        """What `read_list` gives for each request that these domains take, or for one of all."""
        domain_filter = self._binding.of(kind).domain_filter
        if (kind, domain_filter.name) in self._refused:
            return [await read_list(())]
        narrowings = protocol.narrowings(domain_filter, domains)
        try:
            return await side_by_side(read_list(narrowing) for narrowing in narrowings)
        except KickscaleRejected as exc:
            if narrowings == ((),) or not protocol.refuses(exc, domain_filter.name):
                raise
            log.warning("Kickscale refuses the filter %s: it is applied here", domain_filter.name)
            self._remember_refusal(kind, domain_filter.name, exc)
            return [await read_list(())]

    async def _page(
        self,
        kind: Kind,
        page: int,
        until: float,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        scope: Scope,
        narrowing: Params,
    ) -> Page:
        params = protocol.list_params(page, start=start, end=end, scope=scope, narrowing=narrowing)
        document = await self._get(f"list_{kind}s", self._binding.of(kind).list_path, params, until)
        found = read(protocol.read_page(document), kind)
        if found.unreadable:
            log.warning("%d of %d %ss on page %d are unreadable", found.unreadable, found.received, kind, page)
        return found

    async def _document_of(self, kind: Kind, id: str, until: float, *, transcript: bool) -> Any:  # noqa: A002
        """The answer to a request for one. Where its route is not there, the list is asked for that id."""
        bound = self._binding.of(kind)
        try:
            return await self._ask_for(kind, id, bound.by_id, until, transcript=transcript)
        except KickscaleRejected as exc:
            if exc.status != 404:
                raise
            if not protocol.is_missing_route(exc):
                raise GoneError(kind.value, id) from exc
            if bound.by_id.parameter or bound.by_id.source is Source.OVERRIDE:
                raise
            log.warning("Kickscale has no %s: its list is asked for the id", bound.by_id)
            return await self._ask_for(kind, id, ById(bound.list_path, "id"), until, transcript=transcript)

    async def _ask_for(self, kind: Kind, id: str, how: ById, until: float, *, transcript: bool) -> Any:  # noqa: A002
        async def ask(*, expanded: bool) -> Any:
            try:
                path, params = protocol.by_id(how, id, transcript=transcript, expanded=expanded)
            except ValueError as exc:
                raise GoneError(kind.value, id) from exc
            return await self._get(f"get_{kind}", path, params, until)

        expanded = (kind, "expand") not in self._refused
        try:
            return await ask(expanded=expanded)
        except KickscaleRejected as exc:
            if not expanded or not protocol.refuses(exc, "expand"):
                raise
            self._remember_refusal(kind, "expand", exc)
            return await ask(expanded=False)

    def _remember_refusal(self, kind: Kind, parameter: str, rejected: KickscaleRejected) -> None:
        """For as long as the binding lasts, where the parameter itself was refused rather than its value."""
        if protocol.is_unknown_parameter(rejected):
            self._refused.add((kind, parameter))

    # ---- transport ---------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _until(self, at_most: float | None = None) -> AsyncIterator[float]:
        """The moment (of the event loop's clock) by which the question must be answered."""
        try:
            seconds = self._deadline if at_most is None else min(at_most, self._deadline)
            async with asyncio.timeout(seconds) as deadline:
                yield deadline.when() or 0.0
        except TimeoutError as exc:
            raise KickscaleTimeout from exc

    async def _get(self, operation: str, path: str, params: Params, until: float, limit: int = _PAGE_BYTES) -> Any:
        address = protocol.url(self._base_url, path, params)
        async for attempt in stamina.retry_context(
            on=_Patience(until, self._retry_wait),
            attempts=_WAITS,
            timeout=None,
            wait_initial=self._retry_wait,
            wait_max=self._retry_wait * _LONGEST_WAIT,
            wait_jitter=self._retry_wait,
        ):
            with attempt:
                return protocol.decode(await self._attempt(operation, address, limit))
        raise AssertionError("an attempt returns or raises")

    async def _attempt(self, operation: str, address: str, limit: int) -> bytes:
        async with self._slots:
            started, outcome = time.perf_counter(), "cancelled"
            try:
                async with self._http.stream("GET", address) as response:
                    outcome = str(response.status_code)
                    body = await _body(response, limit)
            except httpx.TimeoutException as exc:
                outcome = "timeout"
                raise KickscaleTimeout from exc
            except zlib.error as exc:
                outcome = "unreadable"
                raise KickscaleUnreadable("not compressed as it says") from exc
            except (httpx.HTTPError, httpx.InvalidURL) as exc:
                outcome = "unreachable"
                raise KickscaleUnavailable from exc
            finally:
                self._observe(operation, outcome, time.perf_counter() - started)
        error = protocol.error(response.status_code, response.headers, body, self._clock.now(), self._secrets)
        if error is not None:
            raise error
        return body


class _Patience:
    """Whether a request that failed is sent again, and when: decided for stamina, which does the waiting."""

    def __init__(self, until: float, wait: float) -> None:
        self._until = until
        self._wait = wait
        self._faults = 0

    def __call__(self, exc: Exception) -> bool | float:
        left = self._until - asyncio.get_running_loop().time()
        if isinstance(exc, KickscaleRateLimited) and exc.retry_after is not None:
            pause = exc.retry_after + random.uniform(0, self._wait)  # noqa: S311  # jitter
            return pause if pause < left else False
        passing = isinstance(exc, KickscaleTimeout | KickscaleRateLimited) or (
            isinstance(exc, KickscaleUnavailable) and exc.status in _PASSING
        )
        self._faults += 1
        return passing and self._faults < _FAULTS and left > self._wait * _LONGEST_WAIT


async def _body(response: httpx.Response, limit: int) -> bytes:
    """The body, at most `limit` bytes of it: more is KickscaleUnreadable, or cut where it is an error's.

    Unpacked here: httpx unpacks whatever comes, also gzip within gzip, before anybody can count, and 2 KB can be
    gigabytes. Raises zlib.error.
    """
    most = limit if response.is_success else _ERROR_BYTES
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip"):
        if not response.is_success:
            return b""  # its status is enough
        raise KickscaleUnreadable("compressed in a way that was not asked for")
    unpacking = zlib.decompressobj(_GZIP) if packing == "gzip" else None
    body = bytearray()
    async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw())) as chunks:
        async for chunk in chunks:
            body += unpacking.decompress(chunk, most + 1 - len(body)) if unpacking else chunk
            if len(body) > most:
                if response.is_success:
                    raise KickscaleUnreadable(f"more than {limit} bytes")
                break
    return bytes(body)
