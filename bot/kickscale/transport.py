"""GET requests to the Kickscale API.

One connection pool with keep-alive for the life of the process, and at most 16 requests at a time. No redirect is ever
followed: it would send the credentials somewhere else. No exception of httpx leaves this module, and no credential is
in what it logs or raises.
"""

import asyncio
import random
import time
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from functools import cached_property
from typing import TypeVar, cast
from urllib.parse import urlsplit

import httpx
import stamina

from bot.clock import Clock
from bot.errors import KickscaleError, KickscaleRateLimited, KickscaleTimeout, KickscaleUnavailable, KickscaleUnreadable
from bot.kickscale import protocol
from bot.kickscale.connections import Connections
from bot.kickscale.failures import read_failure
from bot.kickscale.protocol import ApiAccess, Params
from bot.observe.requests import Observe
from bot.tools.connecting import why_unreachable
from bot.tools.proxies import proxy_of
from bot.tools.turns import Turns

T = TypeVar("T")

PAGE_BYTES = 64 * 2**20
DOCUMENT_BYTES = 8 * 2**20
_ERROR_BYTES = 64 * 2**10
_TIMEOUT = httpx.Timeout(15.0, connect=5.0)
"""Seconds. Shorter than a question's deadline: if a connection died silently, there is time for another one."""
_GZIP = 31
"""zlib's number for a gzip header and the largest window."""
_MOST_FAULTS = 4
"""How often one request may fail for a temporary reason."""
_MOST_REQUESTS = 10
"""How often one request is sent at all, if the API keeps asking to wait."""
_LONGEST_PAUSE = 8
"""The longest pause between two attempts, as a multiple of the first one."""
_TEMPORARY = {500, 502, 503, 504, None}


class Transport:
    """Sends requests, and repeats those that fail for a temporary reason."""

    def __init__(
        self,
        access: ApiAccess,
        *,
        concurrency: int,
        retry_wait: float,
        observe: Observe,
        clock: Clock,
    ) -> None:
        """`retry_wait` is the first pause before a request is repeated, in seconds.

        Raises ConfigError for a credential that no header can carry.
        """
        self._base_url = access.base_url
        self._secrets = access.secrets()
        self._retry_wait = retry_wait
        self._observe = observe
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._decoding = Turns()
        """Pages arrive side by side, but only one is decoded per turn of the event loop: others need their turns."""
        self._concurrency = concurrency
        self._headers = {**access.headers(), "accept-encoding": "gzip"}

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        """The client, made for the first request: a bot that starts hears Slack before it asks Kickscale."""
        is_plain = urlsplit(self._base_url).scheme == "http"
        return httpx.AsyncClient(
            transport=Connections(
                limit=self._concurrency,
                keepalive=30.0,
                proxy=proxy_of(self._base_url),
                certificates=None if is_plain else httpx.create_ssl_context(),
            ),
            headers=self._headers,
            follow_redirects=False,
            timeout=_TIMEOUT,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        if "_http" in vars(self):
            await self._http.aclose()

    async def get(
        self,
        operation: str,
        path: str,
        params: Params,
        until: float,
        limit: int = PAGE_BYTES,
        *,
        decode: Callable[[bytes], T] = protocol.decode,
    ) -> T:
        """Return what `decode` makes of an answer, of at most `limit` bytes. Raises KickscaleError.

        `until` is when the question must be answered, on the event loop's clock (see `deadline`). `operation` is the
        name under which the request is counted.
        """
        address = protocol.url(self._base_url, path, params)
        try:
            return await self._read(operation, address, limit, decode)
        except KickscaleError as exc:
            failed = exc
        # Only now: the context is fifty objects in cycles, which stay in memory until a full garbage collection.
        async for attempt in stamina.retry_context(
            on=_RetryDecision(until, self._retry_wait),
            attempts=_MOST_REQUESTS,
            timeout=None,
            wait_initial=self._retry_wait,
            wait_max=self._retry_wait * _LONGEST_PAUSE,
            wait_jitter=self._retry_wait,
        ):
            with attempt:
                if attempt.num == 1:
                    raise failed
                return await self._read(operation, address, limit, decode)
        raise AssertionError("an attempt returns or raises")

    async def _read(self, operation: str, address: str, limit: int, decode: Callable[[bytes], T]) -> T:
        body = await self._request(operation, address, limit)
        async with self._decoding.take():
            return decode(body)

    async def _request(self, operation: str, address: str, limit: int) -> bytes:
        async with self._slots:
            started, outcome = time.perf_counter(), "cancelled"
            try:
                async with self._http.stream("GET", address) as response:
                    outcome = str(response.status_code)
                    body = await _read_body(response, limit)
            except httpx.TimeoutException as exc:
                outcome = "timeout"
                raise KickscaleTimeout from exc
            except zlib.error as exc:
                outcome = "unreadable"
                raise KickscaleUnreadable("not compressed as its header says") from exc
            except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as exc:  # the last: it was closed meanwhile
                outcome = "unreachable"
                raise KickscaleUnavailable(why=why_unreachable(exc)) from exc
            finally:
                self._observe(operation, outcome, time.perf_counter() - started)
        error = read_failure(response.status_code, response.headers, body, self._clock.now(), self._secrets)
        if error is not None:
            raise error
        return body


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[float]:
    """Limit the time of a question, and yield its end on the event loop's clock. Raises KickscaleTimeout."""
    try:
        async with asyncio.timeout(seconds) as timeout:
            yield timeout.when() or 0.0
    except TimeoutError as exc:
        raise KickscaleTimeout from exc


class _RetryDecision:
    """Decides for stamina whether a failed request is repeated; a number is the pause before it, in seconds."""

    def __init__(self, until: float, retry_wait: float) -> None:
        self._until = until
        self._retry_wait = retry_wait
        self._faults = 0

    def __call__(self, exc: Exception) -> bool | float:
        remaining = self._until - asyncio.get_running_loop().time()
        if isinstance(exc, KickscaleRateLimited) and exc.retry_after is not None:
            pause = exc.retry_after + random.uniform(0, self._retry_wait)  # noqa: S311  # jitter
            return pause if pause < remaining else False
        is_temporary = isinstance(exc, KickscaleTimeout | KickscaleRateLimited) or (
            isinstance(exc, KickscaleUnavailable) and exc.status in _TEMPORARY
        )
        self._faults += 1
        return is_temporary and self._faults < _MOST_FAULTS and remaining > self._retry_wait * _LONGEST_PAUSE


async def _read_body(response: httpx.Response, limit: int) -> bytes:
    """Return the body. Raises KickscaleUnreadable if it has more than `limit` bytes; an error's is cut instead.

    It is decompressed here: httpx decompresses everything, including gzip within gzip, before the bytes can be counted,
    and 2 KB can become gigabytes. Raises zlib.error.
    """
    most = limit if response.is_success else _ERROR_BYTES
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        if not response.is_success:
            return b""  # the status says enough
        raise KickscaleUnreadable("compressed in an unsupported way")
    decompressor = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    body = bytearray()
    async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw())) as chunks:
        async for chunk in chunks:
            body += decompressor.decompress(chunk, most + 1 - len(body)) if decompressor else chunk
            if len(body) > most:
                if response.is_success:
                    raise KickscaleUnreadable(f"more than {limit} bytes")
                break
    return bytes(body)
