"""Single HTTP exchanges that send something, by aiohttp, which sees an answer that comes before the end of the body.

Each exchange has a connection of its own: one that was kept open may be dead, and nobody could say whether it died
before or after the bytes. No redirect is followed and no cookie is kept. No exception of aiohttp leaves this module,
and no credential is in what it raises.
"""

import asyncio
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.errors import KickscaleUnreadable
from bot.kickscale.addresses import is_public
from bot.kickscale.uploading.body import Body
from bot.observe.requests import Observe
from bot.tools.proxies import proxy_of

_CONNECT_TIMEOUT = 15.0
"""Seconds until a connection is open, including the name lookup and TLS."""
_ANSWER_BYTES = 2**20
_ERROR_BYTES = 64 * 2**10


class NoAnswer(Exception):
    """The service did not answer. The body knows whether it may have been reached."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Exchanges:
    """Connections to the API, and to the storage that it names."""

    def __init__(self, base_url: str, observe: Observe) -> None:
        self._base_url = base_url
        self._observe = observe
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def aclose(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def send(
        self, name: str, method: str, url: str, headers: Mapping[str, str], body: Body, *, is_foreign: bool = False
    ) -> Answer:
        """Send one request and return the answer, whatever its status. `name` is the operation that is counted.

        An address with `is_foreign` comes from an answer: its host must not resolve to a private address. Raises
        NoAnswer, KickscaleUnreadable for a private address, and what the source of the body raised.
        """
        started, outcome = time.perf_counter(), "cancelled"
        answer: Answer | None = None
        broken: Exception | None = None
        proxy = proxy_of(url)
        # A proxy looks up the name itself.
        session = self._session(is_guarded=is_foreign and proxy is None)
        try:
            async with asyncio.timeout(None) as body.deadline:
                try:
                    async with session.request(
                        method, URL(url, encoded=True), headers=headers, data=body, proxy=proxy, allow_redirects=False
                    ) as response:
                        # The status says what happened, even if the body breaks off or never ends.
                        answer, outcome = Answer(response.status, response.headers), str(response.status)
                        answer = replace(answer, body=await _read_body(response))
                finally:
                    await body.settle()
        except (aiohttp.ClientError, OSError) as exc:
            broken = exc
            if answer is None:
                outcome = "timeout" if isinstance(exc, TimeoutError) else "unreachable"
                outcome = "broken_source" if body.failure else outcome
        finally:
            self._observe(name, outcome, time.perf_counter() - started)
        if answer is not None:
            return answer
        if body.failure is not None:
            raise body.failure
        if isinstance(broken, aiohttp.ClientConnectorError) and isinstance(broken.os_error, _PrivateAddressError):
            raise KickscaleUnreadable("the address to send the recording to is a private one")
        # Only its name: some of aiohttp's errors contain the headers that were sent.
        raise NoAnswer(type(broken).__name__)

    def _session(self, *, is_guarded: bool) -> aiohttp.ClientSession:
        """Return the session, created at its first use since it belongs to the event loop that is running then."""
        if is_guarded not in self._sessions:
            host = urlsplit(self._base_url).hostname or ""
            resolver = _PublicResolver(host) if is_guarded else None
            self._sessions[is_guarded] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True, resolver=resolver),
                timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_TIMEOUT),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._sessions[is_guarded]


class _PrivateAddressError(OSError):
    """A name on the internet resolves to an address within the network."""


class _PublicResolver(AbstractResolver):
    """Looks up names when connecting, and refuses those that resolve to private addresses."""

    def __init__(self, trusted: str) -> None:
        self._trusted = trusted
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        results = await self._resolver.resolve(host, port, family)
        if host != self._trusted and not all(is_public(result["host"]) for result in results):
            raise _PrivateAddressError(f"{host} is a private address")
        return results

    async def close(self) -> None:
        await self._resolver.close()


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    """Return as much of the body as arrived, up to a limit."""
    limit = _ANSWER_BYTES if response.ok else _ERROR_BYTES
    body = bytearray()
    with suppress(aiohttp.ClientError):
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > limit:
                break
    return bytes(body[:limit])
