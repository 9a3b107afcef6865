"""A service that reads requests byte by byte and answers as it is told, and recordings to send to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.errors import KickscaleError
from bot.kickscale.binding.operations import Field, Upload, UploadStyle
from bot.kickscale.uploading.sender import Recording

FORM = Upload(
    "/calls/upload",
    file_field="recording",
    fields=(
        Field("name", required=True),
        Field("duration", "integer"),
        Field("customerDomains", "array"),
        Field("isInternal", "boolean"),
    ),
)
VALUES = {"name": "Büro", "duration": "600", "customerDomains": "acme.com,example.com", "isInternal": "no", "notes": ""}
TICKET = Upload("/calls/upload-url", UploadStyle.PRESIGNED, "", "data.uploadUrl", fields=FORM.fields)
BY_URL = Upload("/calls", UploadStyle.URL, "recordingUrl", fields=FORM.fields)
PIECE = bytes(range(256)) * 256


class Source:
    """The bytes of a recording, and what became of them."""

    def __init__(self, pieces: int = 4, *, size: int | None = None, failure: BaseException | None = None) -> None:
        self.pieces = pieces
        self.size = pieces * len(PIECE) if size is None else size
        self.failure = failure
        self.given = 0
        self.is_closed = False

    async def chunks(self) -> AsyncIterator[bytes | memoryview]:
        try:
            for _ in range(self.pieces):
                self.given += 1
                yield memoryview(PIECE)
            if self.failure is not None:
                raise self.failure
        finally:
            self.is_closed = True

    @property
    def recording(self) -> Recording:
        return Recording("Gespräch.wav", "audio/wav", self.size, self.chunks)


@dataclass
class Request:
    """What a service read: `body` as far as it came."""

    line: str
    headers: Mapping[str, str]
    body: bytearray = field(default_factory=bytearray)
    is_whole: bool = False


Behaviour = Callable[["Raw", Request, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Raw:
    """A service whose behaviour a test defines, down to the bytes."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = whole()
        self.requests: list[Request] = []
        self.ended = asyncio.Event()
        self.never = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**16)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self.never.set()
        self._server.close()
        for writer in set(self._open):
            writer.transport.abort()
        await self._server.wait_closed()
        await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *lines = head.strip().split("\r\n")
            request = Request(
                line, {name.lower(): value for name, _, value in (line_.partition(": ") for line_ in lines)}
            )
            self.requests.append(request)
            await self.behaviour(self, request, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()
            self.ended.set()


async def take(request: Request, reader: asyncio.StreamReader, most: int | None = None) -> None:
    """Read the body: all of it, `most` bytes, or as far as it comes."""
    length = int(request.headers["content-length"])
    with suppress(OSError):
        while len(request.body) < (length if most is None else most) and (chunk := await reader.read(2**16)):
            request.body += chunk
    request.is_whole = len(request.body) == length


def response(status: int = 201, body: bytes = b'{"id": "c1"}', *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def whole(said: bytes | None = None) -> Behaviour:
    """Reads everything, then says this."""

    async def behave(_: Raw, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await take(request, reader)
        writer.write(response() if said is None else said)
        await writer.drain()

    return behave


def early(said: bytes, *, then: str = "read") -> Behaviour:
    """Answer after the first bytes, and then keep reading, wait, or hang up."""

    async def behave(raw: Raw, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await take(request, reader, 1)
        writer.write(said)
        await writer.drain()
        if then == "read":
            await take(request, reader)
        elif then == "wait":
            await raw.never.wait()

    return behave


async def cut(_: Raw, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up in the midst of the body."""
    await take(request, reader, 2**17)
    writer.transport.abort()


async def cut_at_the_end(_: Raw, request: Request, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Takes it all, and says nothing."""
    await take(request, reader)


async def deaf(raw: Raw, _request: Request, _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Reads no more than the head."""
    await raw.never.wait()


async def mute(raw: Raw, request: Request, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Takes it all, and never answers."""
    await take(request, reader)
    await raw.never.wait()


def silence(behaviour: Behaviour) -> float:
    """Return the allowed silence in seconds: little if that is tested, otherwise enough for a machine that stalls."""
    return 0.2 if behaviour in (deaf, mute) else 60.0


def same(raised: KickscaleError, expected: KickscaleError) -> bool:
    return type(raised) is type(expected) and vars(raised) == vars(expected)
