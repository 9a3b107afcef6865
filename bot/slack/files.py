"""The files that people share in Slack: what Slack tells of one, and its bytes.

https://docs.slack.dev/reference/objects/file-object
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import aiohttp

from bot.errors import RecordingRefused, SlackUnavailable
from bot.model.uploads import SharedMessage, SlackFile
from bot.tools.proxies import proxy_of

Observe = Callable[[str, str, float], None]

READ_TIMEOUT = 60.0
"""Seconds without a byte after which a download counts as broken. How long all of it takes is nobody's business."""
_CONNECT_TIMEOUT = 10.0
_BUFFER = 256 * 1024
"""Bytes that may wait to be read: the most that asyncio takes off a socket at once."""

_DOMAINS = ("slack.com", "slack-gov.com")
"""GovSlack has a domain of its own (https://api.slack-gov.com/gov-slack/about). Not `slack-files.com`: Slack redirects
there with addresses that are open to whoever has them, and they need no token."""
_PLAIN_HOST = re.compile(r"[a-z0-9.-]+(:443)?", re.ASCII)
_MODES = {"tombstone": "gone", "hidden_by_limit": "hidden", "external": "external"}
"""https://docs.slack.dev/reference/objects/file-object#modes"""
_HTML = {"text/html", "application/xhtml+xml"}


def read_file(json: object) -> SlackFile:
    """A file as an event or `files.info` tells it; what is missing or of another shape is empty.

    Where a file comes from another organisation, an event tells hardly more than its id (mode `file_access`), and
    `files.info` is to be asked: https://docs.slack.dev/reference/events/message/file_share
    """
    file = _mapping(json)
    duration = _number(file.get("duration_ms"))
    shares = dict(_shares(_mapping(file.get("shares"))))
    return SlackFile(
        id=_text(file.get("id")),
        name=_text(file.get("name")) or _text(file.get("title")),
        size=max(0, int(_number(file.get("size")))),
        mimetype=_text(file.get("mimetype")),
        mode="external" if file.get("is_external") is True else _text(file.get("mode")),
        url=_text(file.get("url_private_download")) or _text(file.get("url_private")),
        user=_text(file.get("user")),
        created_at=_moment(file.get("created")),
        duration=duration / 1000 if duration > 0 else None,
        language=_text(_mapping(file.get("transcription")).get("locale")),
        messages={channel: _text(share.get("ts")) for channel, share in shares.items()},
        threads={channel: _text(share.get("thread_ts")) or _text(share.get("ts")) for channel, share in shares.items()},
    )


def read_message(json: object, channel: str) -> SharedMessage:
    """A message as an event, a shortcut or the history tells it."""
    message = _mapping(json)
    files = message.get("files")
    ts = _text(message.get("ts"))
    return SharedMessage(
        channel=channel,
        ts=ts,
        thread_ts=_text(message.get("thread_ts")) or ts,
        user=_text(message.get("user")),
        text=_text(message.get("text")),
        files=tuple(read_file(each) for each in files) if isinstance(files, list) else (),
    )


def _shares(shares: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The newest share in each channel."""
    for where in shares.values():
        for channel, found in _mapping(where).items():
            known = [_mapping(share) for share in found] if isinstance(found, list) else []
            newest = max(known, key=lambda share: _text(share.get("ts")), default={})
            if _text(newest.get("ts")):
                yield channel, newest


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    """Without halves of surrogate pairs, which Slack lets through and neither SQLite nor UTF-8 takes."""
    return value.encode("utf-8", "ignore").decode() if isinstance(value, str) else ""


def _number(value: object) -> float:
    """0 for what is none. JSON as Python reads it can hold infinity."""
    return value if isinstance(value, int | float) and abs(value) < 1e18 else 0


def _moment(value: object) -> datetime | None:
    seconds = _number(value)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None


class SlackFiles:
    """Downloads. Every method raises RecordingRefused where Slack will not give the file, and SlackUnavailable where
    asking again may help.

    Made inside a running event loop, and closed at its end.
    """

    def __init__(
        self, token: str, api_url: str, *, read_timeout: float = READ_TIMEOUT, observe: Observe | None = None
    ) -> None:
        self._api_url = api_url
        self._observe = observe or (lambda _method, _outcome, _seconds: None)
        self._session = aiohttp.ClientSession(
            # What is counted and hashed is what Slack holds: no compression on the way, and none undone.
            headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"},
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_BUFFER,
        )
        self._read_timeout = read_timeout
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT, sock_read=read_timeout)
        self._unwatched = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def chunks(self, file: SlackFile) -> AsyncGenerator[bytes]:
        """All bytes of a file, as they come, up to about 768 KiB at a time.

        As many as Slack said or SlackUnavailable("truncated"), before the first one where the answer tells. Closing the
        generator closes the connection.
        """
        async with self._open(file, is_watched=True) as response:
            if response.status != 200 or response.content_length not in (None, file.size):
                raise SlackUnavailable("truncated")
            received = 0
            with _Silence(response, self._read_timeout) as silence:
                while chunk := await response.content.readany():
                    silence.ends()
                    received += len(chunk)
                    if received > file.size:
                        break
                    yield chunk
                    silence.begins()
            if received != file.size:
                raise SlackUnavailable("truncated")

    async def head(self, file: SlackFile, length: int) -> bytes:
        """The first `length` bytes, or all where there are fewer."""
        wanted = min(length, file.size)
        if not wanted:
            return b""
        async with self._open(file, f"bytes=0-{wanted - 1}") as response:
            if response.status == 206 and _span(response) != (0, wanted - 1):
                raise SlackUnavailable("truncated")
            found = await _first(response, wanted)
        if len(found) != wanted:
            raise SlackUnavailable("truncated")
        return found

    async def tail(self, file: SlackFile, length: int) -> bytes:
        """The last `length` bytes, or all where there are fewer; none where Slack gives no part of a file."""
        wanted = min(length, file.size)
        if not wanted:
            return b""
        start = file.size - wanted
        async with self._open(file, f"bytes={start}-{file.size - 1}") as response:
            if response.status != 206 or _span(response) != (start, file.size - 1):
                return b""
            found = await _first(response, wanted)
        return found if len(found) == wanted else b""

    @asynccontextmanager
    async def _open(
        self, file: SlackFile, span: str = "", *, is_watched: bool = False
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """The answer with a file's bytes, or with a part of them, before it is read.

        Whether more of it comes is watched by whoever reads it, or else by aiohttp.
        """
        reason = refusal(file) or ("" if is_slacks_own(file.url, self._api_url) else "external")
        if reason:
            raise RecordingRefused(reason, file.name)
        headers = {"Range": span} if span else {}
        started = time.perf_counter()
        outcome = "no_answer"
        try:
            timeout = self._unwatched if is_watched else self._timeout
            async with asyncio.timeout(self._read_timeout + _CONNECT_TIMEOUT):
                # A redirect would take the token elsewhere.
                response = await self._session.get(
                    file.url, headers=headers, proxy=proxy_of(file.url), allow_redirects=False, timeout=timeout
                )
            async with response:
                outcome = str(response.status)
                self._observe("files.download", outcome, time.perf_counter() - started)
                _check(response, file)
                yield response
        except (aiohttp.ClientError, TimeoutError) as exc:
            if outcome == "no_answer":
                self._observe("files.download", outcome, time.perf_counter() - started)
            raise SlackUnavailable("no_answer") from exc


class _Silence:
    """Closes a connection on which nothing has come for so many seconds. Looked at now and then: to set a timer anew
    for each chunk, as aiohttp does, takes a tenth of the time that a transfer takes.
    """

    def __init__(self, response: aiohttp.ClientResponse, seconds: float) -> None:
        self._response = response
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None

    def __enter__(self) -> Self:
        self.begins()
        self._watch()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def begins(self) -> None:
        """A chunk is waited for."""
        self._since = self._loop.time()

    def ends(self) -> None:
        """It is there."""
        self._since = None

    def _watch(self) -> None:
        now = self._loop.time()
        end = (now if self._since is None else self._since) + self._seconds
        if end <= now:
            self._response.close()
        else:
            self._timer = self._loop.call_at(end, self._watch)


def refusal(file: SlackFile) -> str:
    """Why Slack has no bytes of a file for the bot, as a reason of RecordingRefused; empty where it has."""
    if file.mode in _MODES:
        return _MODES[file.mode]
    if file.url:
        return ""
    return "permission" if file.mode == "file_access" else "gone"


def is_slacks_own(url: str, api_url: str) -> bool:
    """Whether the bot's token may go there: to Slack over https, or to the very server of the configured Web API."""
    try:
        there, api = _split(url), _split(api_url)
    except ValueError:
        return False
    if (there.scheme, there.netloc) == (api.scheme, api.netloc):
        return True
    # Nothing but a host, so that nobody reads another one out of it (`https://slack.com\\@example.com`).
    if there.scheme != "https" or not _PLAIN_HOST.fullmatch(there.netloc):
        return False
    host = there.netloc.removesuffix(":443")
    return any(host == domain or host.endswith(f".{domain}") for domain in _DOMAINS)


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.lower())


def _check(response: aiohttp.ClientResponse, file: SlackFile) -> None:
    """Raise what a status means that brings no bytes, and for the sign-in page that comes with 200 instead of them."""
    if response.status in (401, 403) or 300 <= response.status < 400:
        raise RecordingRefused("permission", file.name)
    if response.status in (404, 410):
        raise RecordingRefused("gone", file.name)
    if response.status not in (200, 206):
        raise SlackUnavailable(f"download_{response.status}")
    if response.content_type in _HTML:
        raise RecordingRefused("permission", file.name)


def _span(response: aiohttp.ClientResponse) -> tuple[int, int] | None:
    """The first and the last byte that a 206 brings: https://www.rfc-editor.org/rfc/rfc9110#name-content-range"""
    found = re.match(r"bytes (\d{1,15})-(\d{1,15})/", response.headers.get("Content-Range", ""), re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


async def _first(response: aiohttp.ClientResponse, length: int) -> bytes:
    """So many bytes of a body, or fewer where it ends before; the rest stays unread, and its connection is closed."""
    found = bytearray()
    async for chunk in response.content.iter_any():
        found += chunk
        if len(found) >= length:
            break
    return bytes(found[:length])
