"""The connections of httpx's client to the API, by aiohttp.

With httpx's own, a request takes 1 to 2.5 ms of computing, over ten times what it takes with aiohttp, and the event
loop does nothing else meanwhile. httpx-aiohttp 0.2 would connect the two, but reports a refused connection as a
timeout.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import httpx
from yarl import URL

_READ_BYTES = 2**18
"""How much of an answer is read ahead: about a page."""


class Connections(httpx.AsyncBaseTransport):
    """At most `limit` connections, each kept for `keepalive` seconds after its latest answer. No cookie is kept.

    Nothing is decompressed. Create it inside a running event loop.
    """

    def __init__(self, *, limit: int, keepalive: float, proxy: str | None, certificates: ssl.SSLContext | None) -> None:
        """`certificates` are those that are trusted; None if the API's address has no TLS."""
        self._proxy = proxy
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=limit, keepalive_timeout=keepalive, ssl=certificates or True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            read_bufsize=_READ_BYTES,
            middlewares=(_fail_at_once,),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions["timeout"]
        with _failures(request):
            response = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                timeout=aiohttp.ClientTimeout(sock_connect=timeout["connect"], sock_read=timeout["read"]),
                proxy=self._proxy,
                allow_redirects=False,
            )
        return httpx.Response(
            response.status, headers=response.raw_headers, stream=_Body(response, request), request=request
        )

    async def aclose(self) -> None:
        await self._session.close()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._response = response
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _failures(self._request):
            while chunk := await self._response.content.readany():
                yield chunk

    async def aclose(self) -> None:
        self._response.release()


async def _fail_at_once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a request again by itself after these errors: nobody would count that request."""
    try:
        return await send(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as exc:
        raise aiohttp.ClientConnectionError(f"{type(exc).__name__}: {exc}") from None


@contextmanager
def _failures(request: httpx.Request) -> Iterator[None]:
    """Raise httpx's errors instead of aiohttp's."""
    try:
        yield
    except TimeoutError as exc:
        raise httpx.TimeoutException(str(exc), request=request) from None
    except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as exc:  # the last: it was closed meanwhile
        # Some of aiohttp's errors contain the headers that were sent.
        said = type(exc).__name__ if isinstance(exc, aiohttp.ClientResponseError) else f"{type(exc).__name__}: {exc}"
        raise httpx.TransportError(said, request=request) from None
