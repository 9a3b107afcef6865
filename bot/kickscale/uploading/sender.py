"""Sending recordings to the API: the one place that makes something there, so nothing in here is sent a second time.

By aiohttp, not the httpx that reads: over loopback and in pieces of 1 MiB it sent 1.3 to 1.9 GB/s where httpx sent
0.85, and it sees an answer that comes before the end of the body. Every recording has a connection of its own, since
one that was kept may be dead, and whether it was dead before or after the bytes cannot be told. No redirect is
followed, no cookie kept, no exception of aiohttp leaves this module, and no credential is in what it raises.
"""

import asyncio
import json
import secrets
import selectors
import socket
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, AbstractStreamWriter, ResolveResult
from aiohttp.payload import Payload
from yarl import URL

from bot.clock import Clock, SystemClock
from bot.errors import (
    KickscaleError,
    KickscaleRejected,
    KickscaleUnavailable,
    KickscaleUnreadable,
    RecordingRefused,
    UploadOutcomeUnknown,
)
from bot.kickscale import protocol
from bot.kickscale.addresses import is_public
from bot.kickscale.binding.operations import Field, Upload
from bot.kickscale.uploading import answers, fields
from bot.kickscale.uploading.answers import Address
from bot.kickscale.uploading.multipart import frame
from bot.tools.proxies import proxy_of

__all__ = ["Address", "Chunks", "Observe", "Recording", "Sender"]

Chunks = AsyncIterator[bytes | memoryview]
Observe = Callable[[str, str, float], None]
"""Told of each request: the operation, its outcome (a status, or a word for what went wrong), and its seconds."""

_CONNECT = 15.0
"""Seconds until a connection is there, with its name looked up and TLS agreed on."""
_ANSWER_BYTES = 2**20
_ERROR_BYTES = 64 * 2**10
_PAUSE = 2**20
"""Bytes after which others have their turn, however fast a recording comes and goes."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The bytes of a recording, and what is told of them."""

    name: str
    media_type: str
    size: int
    """Bytes, exactly."""
    chunks: Callable[[], Chunks]
    """Called once, when its first bytes are wanted. What it yields must not change afterwards."""


class Sender:
    """Sends recordings.

    An answer may come while the body is still going; it then ends the sending. What the source of the chunks raises is
    passed on as it is, and the service sees a body that breaks off.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        client_id: str,
        *,
        hosts: Collection[str] = (),
        silence: float = 120.0,
        observe: Observe | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`hosts` are the only ones that recordings are put to, where there are any, beside the API's own.

        `silence` is how long the service may neither read nor answer, in seconds; there is no other limit.

        Raises ConfigError for a credential that no header can carry.
        """
        self._base_url = base_url
        self._hosts = hosts
        self._headers = protocol.headers(api_key, client_id)
        self._secrets = [secret.encode() for secret in (api_key.strip(), client_id.strip()) if len(secret) > 3]
        self._silence = silence
        self._observe = observe or (lambda _operation, _outcome, _seconds: None)
        self._clock = clock or SystemClock()
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def aclose(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def send(self, operation: Upload, values: Mapping[str, str], recording: Recording) -> str:
        """Send a recording as a form. Returns the call's id; empty where the answer has none.

        KickscaleRejected, CredentialsRefused, KickscaleRateLimited and KickscaleRedirected mean that nothing was taken,
        KickscaleUnavailable that nothing was sent. Whatever else goes wrong is UploadOutcomeUnknown.
        """
        form = [
            (name, part)
            for name, value in values.items()
            if value
            for part in fields.parts(_field(operation, name), value)
        ]
        framing = frame(form, operation.file_field, recording.name, recording.media_type, secrets.token_hex(16))
        body = _Body(recording, self._silence, before=framing.before, after=framing.after)
        return await self._make("upload", operation, framing.content_type, body)

    async def send_address(self, operation: Upload, values: Mapping[str, str], url: str) -> str:
        """Tell the API where to fetch a recording. Returns the call's id, and raises, as `send` does."""
        body = self._json({**_typed(operation, values), operation.file_field: url})
        return await self._make("upload_address", operation, "application/json", body)

    async def begin(self, operation: Upload, values: Mapping[str, str]) -> Address:
        """Ask where to `put` a recording; whatever fails here, nothing of a recording was sent.

        Raises KickscaleUnavailable where there is no answer, KickscaleUnreadable for one without a usable address.
        """
        body = self._json(_typed(operation, values))
        try:
            answer = await self._post("begin_upload", operation, "application/json", body)
        except _NoAnswer as exc:
            raise KickscaleUnavailable from exc
        error = self._error(answer)
        if error is not None:
            raise error
        return answers.address(protocol.decode(answer.body), operation.url_field, self._base_url, self._hosts)

    async def put(self, address: Address, recording: Recording) -> None:
        """Send the bytes to where `begin` said, without credentials. May be done again: it is the same object.

        Raises KickscaleRejected (with the storage's words; also for 401 and 403, since the address may have expired),
        KickscaleRateLimited, KickscaleRedirected, KickscaleUnavailable, KickscaleUnreadable for a name that turns out
        to be of a private address, and UploadOutcomeUnknown where a page is to be looked at after all bytes were sent.
        """
        headers = {"content-type": recording.media_type or "application/octet-stream"}
        named = {name.lower() for name in address.headers}
        headers = {name: value for name, value in headers.items() if name not in named} | dict(address.headers)
        body = _Body(recording, self._silence)
        try:
            answer = await self._exchange("put_recording", address.method, address.url, headers, body, is_told=True)
        except _NoAnswer as exc:
            raise KickscaleUnavailable from exc
        if 400 <= answer.status < 500 and answer.status != 429:
            said = answer.body
            for _, value in parse_qsl(urlsplit(address.url).query):
                said = said.replace(value.encode(), b"***") if len(value) > 7 else said
            raise KickscaleRejected(answer.status, answers.storage_words(said))
        # What a store answers that has taken something and shows it elsewhere (S3: `success_action_redirect`).
        if answer.status == 303 and body.is_whole:
            raise UploadOutcomeUnknown
        error = self._error(answer)
        if error is not None:
            raise error
        if not body.is_whole:
            raise KickscaleUnavailable(answer.status)

    # ---- what they share ---------------------------------------------------------------------------------------------

    async def _make(self, name: str, operation: Upload, content_type: str, body: "_Body") -> str:
        try:
            answer = await self._post(name, operation, content_type, body)
        except _NoAnswer as exc:
            raise (UploadOutcomeUnknown if body.has_begun else KickscaleUnavailable) from exc
        error = self._error(answer)
        # 303 is what a service answers that has made something and shows it elsewhere.
        if body.has_begun and (isinstance(error, KickscaleUnavailable) or answer.status == 303):
            raise UploadOutcomeUnknown
        if error is not None:
            raise error
        if not body.is_whole:
            raise UploadOutcomeUnknown
        with suppress(KickscaleUnreadable):
            return answers.call_id(protocol.decode(answer.body))
        return ""

    def _json(self, document: Mapping[str, Any]) -> "_Body":
        return _Body(None, self._silence, before=json.dumps(document).encode())

    def _error(self, answer: "_Answer") -> KickscaleError | None:
        body = answer.body
        for secret in self._secrets:
            body = body.replace(secret, b"***")
        return protocol.error(answer.status, answer.headers, body, self._clock.now())

    async def _post(self, name: str, operation: Upload, content_type: str, body: "_Body") -> "_Answer":
        url = protocol.url(self._base_url, operation.path)
        return await self._exchange(name, "POST", url, {**self._headers, "content-type": content_type}, body)

    async def _exchange(
        self, name: str, method: str, url: str, headers: Mapping[str, str], body: "_Body", *, is_told: bool = False
    ) -> "_Answer":
        """The answer, whatever its status. Raises _NoAnswer, and what the source of the body raised."""
        started, outcome = time.perf_counter(), "cancelled"
        answer: _Answer | None = None
        broken: Exception | None = None
        proxy = proxy_of(url)
        # A proxy looks the name up itself.
        session = self._session(is_guarded=is_told and proxy is None)
        try:
            async with asyncio.timeout(None) as body.deadline:
                try:
                    async with session.request(
                        method, URL(url, encoded=True), headers=headers, data=body, proxy=proxy, allow_redirects=False
                    ) as response:
                        # The status says what happened, also where the body breaks off or never ends.
                        answer, outcome = _Answer(response.status, response.headers), str(response.status)
                        answer = replace(answer, body=await _read(response))
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
        if isinstance(broken, aiohttp.ClientConnectorError) and isinstance(broken.os_error, _PrivateError):
            raise KickscaleUnreadable("the address to send the recording to is a private one")
        # Its name alone: some of aiohttp's errors show the headers that were sent.
        raise _NoAnswer(type(broken).__name__)

    def _session(self, *, is_guarded: bool) -> aiohttp.ClientSession:
        """Made when it is first used: it belongs to the event loop that is running then."""
        if is_guarded not in self._sessions:
            host = urlsplit(self._base_url).hostname or ""
            self._sessions[is_guarded] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True, resolver=_Public(host) if is_guarded else None),
                timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._sessions[is_guarded]


class _NoAnswer(Exception):
    """The service did not answer; whether it was reached is for the body to say."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class _PrivateError(OSError):
    """A name of the world outside resolves to an address within."""


class _Public(AbstractResolver):
    """Looks names up, and refuses those that stand for private addresses, at the moment of connecting."""

    def __init__(self, trusted: str) -> None:
        self._trusted = trusted
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if host != self._trusted and not all(is_public(each["host"]) for each in found):
            raise _PrivateError(f"{host} is a private address")
        return found

    async def close(self) -> None:
        await self._resolver.close()


class _Body(Payload):
    """What is sent: what frames a recording, and its chunks as they come. Written by a task of aiohttp's."""

    _autoclose = True

    def __init__(self, recording: Recording | None, silence: float, *, before: bytes = b"", after: bytes = b"") -> None:
        super().__init__(recording)
        self._recording = recording
        self._before = before
        self._after = after
        self._left = recording.size if recording else 0
        self._size = len(before) + self._left + len(after)
        self._silence = silence
        self._transport: asyncio.WriteTransport | None = None
        self._ended = asyncio.Event()
        self._until: float | None = None
        """When the service has been silent for too long; none while the source is waited for."""
        self._timer: asyncio.TimerHandle | None = None
        self._since_pause = 0
        self._incoming: selectors.BaseSelector | None = None
        self.deadline: asyncio.Timeout | None = None
        """Ends the request. Set by whoever makes it."""
        self.has_begun = False
        """Whether a byte may be out."""
        self.is_whole = False
        """Whether the last bytes may be out."""
        self.failure: BaseException | None = None
        """What the source raised."""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002
        raise TypeError("a recording is no text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        self._consumed = True
        self._transport = getattr(writer, "transport", None)
        self._watch()
        try:
            with selectors.DefaultSelector() as self._incoming:
                connection = self._transport and self._transport.get_extra_info("socket")
                if connection and connection.fileno() >= 0:
                    self._incoming.register(connection, selectors.EVENT_READ)
                await self._give(writer, self._before, is_last=self._recording is None)
                if self._recording is not None:
                    await self._pass_on(writer, self._recording)
                    await self._give(writer, self._after, is_last=True)
        finally:
            self._ended.set()

    async def settle(self) -> None:
        """Return once nothing is written any more and the source is closed, with the connection cut."""
        if self._timer is not None:
            self._timer.cancel()
        if self._consumed:
            await self._ended.wait()
        if self._transport is not None:
            # Closing it would wait for a service that does not read.
            self._transport.abort()

    async def _pass_on(self, writer: AbstractStreamWriter, recording: Recording) -> None:
        chunks = recording.chunks()
        try:
            while (chunk := await self._next(chunks)) is not None:
                self._left -= memoryview(chunk).nbytes
                if self._left < 0:
                    break
                await self._give(writer, chunk, is_last=not self._left and not self._after)
            if self._left:
                self.failure = RecordingRefused("truncated", recording.name)
                raise self.failure
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    async def _next(self, chunks: Chunks) -> bytes | memoryview | None:
        self._until = None
        try:
            return await anext(chunks, None)
        except asyncio.CancelledError as exc:
            task = asyncio.current_task()
            if task is None or not task.cancelling():
                self.failure = exc
            raise
        except Exception as exc:
            self.failure = exc
            raise

    async def _give(self, writer: AbstractStreamWriter, chunk: bytes | memoryview, *, is_last: bool) -> None:
        self._until = asyncio.get_running_loop().time() + self._silence
        self._since_pause += len(chunk)
        # A service that refuses answers, then hangs up. Its answer is read first: to write would lose it.
        if self._since_pause >= _PAUSE or self._is_answered():
            self._since_pause = 0
            await asyncio.sleep(0)
        self.has_begun = True
        self.is_whole = self.is_whole or is_last
        if chunk:
            await writer.write(chunk)
        self._until = asyncio.get_running_loop().time() + self._silence

    def _is_answered(self) -> bool:
        """Whether something came that the event loop has not read yet."""
        return self._incoming is not None and bool(self._incoming.select(0))

    def _watch(self) -> None:
        """End the request once the service has been silent for too long."""
        loop = asyncio.get_running_loop()
        if self._until is not None and self._until <= loop.time():
            if self.deadline is not None:
                self.deadline.reschedule(self._until)
        else:
            # Looked at now and then: to set a timer anew for each chunk takes longer than to send it.
            self._timer = loop.call_at(self._until or loop.time() + self._silence, self._watch)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """As much of the body as counts, as far as it came."""
    limit = _ANSWER_BYTES if response.ok else _ERROR_BYTES
    body = bytearray()
    with suppress(aiohttp.ClientError):
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > limit:
                break
    return bytes(body[:limit])


def _field(operation: Upload, name: str) -> Field:
    return next((each for each in operation.fields if each.name == name), Field(name))


def _typed(operation: Upload, values: Mapping[str, str]) -> dict[str, Any]:
    return {name: fields.wire(_field(operation, name), value) for name, value in values.items() if value}
