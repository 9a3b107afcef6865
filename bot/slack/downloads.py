"""The bytes of files that people share in Slack."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Self

import aiohttp

from bot.errors import RecordingRefused, SlackUnavailable
from bot.model.uploads import SlackFile
from bot.observe.requests import Observe, ignore
from bot.slack.addresses import headers_to, host_of, is_open, is_slacks_own, redirected
from bot.tools.proxies import proxy_of

log = logging.getLogger(__name__)

READ_TIMEOUT = 60.0
"""Seconds without a byte after which a download counts as broken. The whole download may take any time."""
_CONNECT_TIMEOUT = 10.0
_BUFFER = 256 * 1024
"""Bytes that may wait to be read: the most that asyncio reads from a socket at once."""
MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_MODES = {"tombstone": "gone", "hidden_by_limit": "hidden", "external": "external"}
"""https://docs.slack.dev/reference/objects/file-object#modes"""
_HTML = {"text/html", "application/xhtml+xml"}


class Downloads:
    """Downloads files. Every method raises RecordingRefused if Slack won't provide the file, and SlackUnavailable if
    trying again may help.

    Create it inside a running event loop, and close it at the end.
    """

    def __init__(
        self, token: str, api_url: str, *, read_timeout: float = READ_TIMEOUT, observe: Observe = ignore
    ) -> None:
        self._token = token
        self._api_url = api_url
        self._observe = observe
        self._session = aiohttp.ClientSession(
            # The bytes are counted and hashed as Slack stores them, so nothing may be compressed or decompressed.
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_BUFFER,
        )
        self._read_timeout = read_timeout
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT, sock_read=read_timeout)
        self._watched_timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def chunks(self, file: SlackFile) -> AsyncGenerator[bytes]:
        """Yield the bytes of a file as they arrive, up to about 768 KiB at a time.

        Raises SlackUnavailable("truncated") unless there are exactly `file.size`; before the first chunk if the
        answer's length already shows it. Closing the generator closes the connection.
        """
        async with self._open(file, is_watched=True) as response:
            if response.status != 200 or response.content_length not in (None, file.size):
                raise SlackUnavailable("truncated")
            received = 0
            with _SilenceWatch(response, self._read_timeout) as watch:
                while chunk := await response.content.readany():
                    watch.end_wait()
                    received += len(chunk)
                    if received > file.size:
                        break
                    yield chunk
                    watch.begin_wait()
            if received != file.size:
                raise SlackUnavailable("truncated")

    async def head(self, file: SlackFile, length: int) -> bytes:
        """Return the first `length` bytes, or all if there are fewer."""
        wanted = min(length, file.size)
        if not wanted:
            return b""
        async with self._open(file, f"bytes=0-{wanted - 1}") as response:
            if response.status == 206 and _span(response) != (0, wanted - 1):
                raise SlackUnavailable("truncated")
            head = await _read_first(response, wanted)
        if len(head) != wanted:
            raise SlackUnavailable("truncated")
        return head

    async def tail(self, file: SlackFile, length: int) -> bytes:
        """Return the last `length` bytes, or all if there are fewer; none if Slack doesn't support ranges."""
        wanted = min(length, file.size)
        if not wanted:
            return b""
        start = file.size - wanted
        async with self._open(file, f"bytes={start}-{file.size - 1}") as response:
            if response.status != 206 or _span(response) != (start, file.size - 1):
                return b""
            tail = await _read_first(response, wanted)
        return tail if len(tail) == wanted else b""

    @asynccontextmanager
    async def _open(
        self, file: SlackFile, span: str = "", *, is_watched: bool = False
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Return the response with a file's bytes, or with the range `span` of them, before its body is read.

        With `is_watched` the caller notices when no more bytes come; otherwise aiohttp does.
        """
        reason = refusal(file) or ("" if is_slacks_own(file.url, self._api_url) else "external")
        if reason:
            raise RecordingRefused(reason, file.name)
        url = file.url
        for _ in range(1 + MAX_REDIRECTS):
            async with self._request(url, span, is_watched=is_watched) as response:
                location = _location(response)
                if location is None:
                    _check(response, file)
                    yield response
                    return
            url = self._follow(url, location, file)
        log.warning("a download was redirected more than %d times", MAX_REDIRECTS)
        raise RecordingRefused("redirects", file.name)

    @asynccontextmanager
    async def _request(self, url: str, span: str, *, is_watched: bool) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Return one response, whatever its status. Raises SlackUnavailable if there is none, or if it breaks off."""
        headers = headers_to(url, self._api_url, self._token) | ({"Range": span} if span else {})
        timeout = self._watched_timeout if is_watched else self._timeout
        started = time.perf_counter()
        outcome = "no_answer"
        try:
            async with asyncio.timeout(self._read_timeout + _CONNECT_TIMEOUT):
                # aiohttp would follow a redirect to any host, and send the token along.
                response = await self._session.get(
                    url, headers=headers, proxy=proxy_of(url), allow_redirects=False, timeout=timeout
                )
            async with response:
                outcome = str(response.status)
                self._observe("files.download", outcome, time.perf_counter() - started)
                yield response
        except (aiohttp.ClientError, TimeoutError) as exc:
            if outcome == "no_answer":
                self._observe("files.download", outcome, time.perf_counter() - started)
            raise SlackUnavailable("no_answer") from exc

    def _follow(self, url: str, location: str, file: SlackFile) -> str:
        """Return the address that a redirect leads to. Raises RecordingRefused if it isn't Slack's."""
        target = redirected(url, location)
        if is_slacks_own(target, self._api_url) or is_open(target):
            return target
        # Only its host is logged: the rest of the address may give access to something.
        host = host_of(target) or "another address"
        log.warning("a download was redirected to %s, which isn't one of Slack's hosts, so it wasn't followed", host)
        raise RecordingRefused("redirected", file.name, {"host": host})


class _SilenceWatch:
    """Closes a connection on which nothing has arrived for some seconds.

    It checks once in a while. Setting a new timer for each chunk, as aiohttp does, takes a tenth of a transfer's time.
    """

    def __init__(self, response: aiohttp.ClientResponse, seconds: float) -> None:
        self._response = response
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._waiting_since: float | None = None

    def __enter__(self) -> Self:
        self.begin_wait()
        self._watch()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def begin_wait(self) -> None:
        """Note that a chunk is awaited from now on."""
        self._waiting_since = self._loop.time()

    def end_wait(self) -> None:
        """Note that a chunk has arrived."""
        self._waiting_since = None

    def _watch(self) -> None:
        now = self._loop.time()
        deadline = (now if self._waiting_since is None else self._waiting_since) + self._seconds
        if deadline <= now:
            self._response.close()
        else:
            self._timer = self._loop.call_at(deadline, self._watch)


def refusal(file: SlackFile) -> str:
    """Return why Slack won't provide a file's bytes, as a reason of RecordingRefused; empty if it will."""
    if file.mode in _MODES:
        return _MODES[file.mode]
    if file.url:
        return ""
    return "permission" if file.mode == "file_access" else "gone"


def _location(response: aiohttp.ClientResponse) -> str | None:
    """Return where a response redirects to, or None if it is no redirect that can be followed."""
    location = response.headers.get("Location", "").encode("utf-8", "ignore").decode()
    return location if location and response.status in _REDIRECTS else None


def _check(response: aiohttp.ClientResponse, file: SlackFile) -> None:
    """Raise an error if the response has no bytes of the file: by its status, or if it is a sign-in page (with 200)."""
    if response.status in (401, 403) or 300 <= response.status < 400:
        raise RecordingRefused("permission", file.name)
    if response.status in (404, 410):
        raise RecordingRefused("gone", file.name)
    if response.status not in (200, 206):
        raise SlackUnavailable(f"download_{response.status}")
    if response.content_type in _HTML:
        raise RecordingRefused("permission", file.name)


def _span(response: aiohttp.ClientResponse) -> tuple[int, int] | None:
    """Return the first and the last position of a 206: https://www.rfc-editor.org/rfc/rfc9110#name-content-range"""
    match = re.match(r"bytes (\d{1,15})-(\d{1,15})/", response.headers.get("Content-Range", ""), re.ASCII)
    return (int(match[1]), int(match[2])) if match else None


async def _read_first(response: aiohttp.ClientResponse, length: int) -> bytes:
    """Return the first `length` bytes of a body, or all if there are fewer. The rest is never read."""
    head = bytearray()
    async for chunk in response.content.iter_any():
        head += chunk
        if len(head) >= length:
            break
    return bytes(head[:length])
