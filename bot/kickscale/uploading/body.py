"""The body of an upload: a recording's chunks as they come, and what frames them."""

import asyncio
import selectors
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from bot.errors import RecordingRefused

Chunks = AsyncIterator[bytes | memoryview]

_YIELD_AFTER = 2**20
"""Bytes after which other tasks get their turn, however fast a recording is read and sent."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The bytes of a recording, and what the API is told about them."""

    name: str
    media_type: str
    size: int
    """Bytes, exactly."""
    chunks: Callable[[], Chunks]
    """Called once, when the first bytes are needed. The chunks must not change after they were yielded."""


class Body(Payload):
    """Written by a task of aiohttp. Watches that the service keeps reading."""

    _autoclose = True

    def __init__(self, recording: Recording | None, silence: float, *, before: bytes = b"", after: bytes = b"") -> None:
        super().__init__(recording)
        self._recording = recording
        self._before = before
        self._after = after
        self._remaining = recording.size if recording else 0
        self._size = len(before) + self._remaining + len(after)
        self._silence = silence
        self._transport: asyncio.WriteTransport | None = None
        self._ended = asyncio.Event()
        self._until: float | None = None
        """When the service will have been silent for too long; None while the recording's source is awaited."""
        self._timer: asyncio.TimerHandle | None = None
        self._sent_since_yield = 0
        self._incoming: selectors.BaseSelector | None = None
        self.deadline: asyncio.Timeout | None = None
        """Ends the request. Set by the code that makes it."""
        self.has_begun = False
        """Whether a byte may have been sent."""
        self.is_whole = False
        """Whether the last bytes may have been sent."""
        self.failure: BaseException | None = None
        """What the recording's source raised."""

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
                await self._send(writer, self._before, is_last=self._recording is None)
                if self._recording is not None:
                    await self._send_recording(writer, self._recording)
                    await self._send(writer, self._after, is_last=True)
        finally:
            self._ended.set()

    async def settle(self) -> None:
        """Cut the connection, and return once nothing is written any more and the source is closed."""
        if self._timer is not None:
            self._timer.cancel()
        if self._consumed:
            await self._ended.wait()
        if self._transport is not None:
            # close() would wait for a service that doesn't read.
            self._transport.abort()

    async def _send_recording(self, writer: AbstractStreamWriter, recording: Recording) -> None:
        chunks = recording.chunks()
        try:
            while (chunk := await self._next(chunks)) is not None:
                self._remaining -= memoryview(chunk).nbytes
                if self._remaining < 0:
                    break
                await self._send(writer, chunk, is_last=not self._remaining and not self._after)
            if self._remaining:
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

    async def _send(self, writer: AbstractStreamWriter, chunk: bytes | memoryview, *, is_last: bool) -> None:
        self._until = asyncio.get_running_loop().time() + self._silence
        self._sent_since_yield += len(chunk)
        # A service that refuses a recording answers, then hangs up. To write then would lose its answer.
        if self._sent_since_yield >= _YIELD_AFTER or self._is_answered():
            self._sent_since_yield = 0
            await asyncio.sleep(0)
        self.has_begun = True
        self.is_whole = self.is_whole or is_last
        if chunk:
            await writer.write(chunk)
        self._until = asyncio.get_running_loop().time() + self._silence

    def _is_answered(self) -> bool:
        """Return whether something arrived that the event loop has not read yet."""
        return self._incoming is not None and bool(self._incoming.select(0))

    def _watch(self) -> None:
        """End the request once the service has been silent for too long."""
        loop = asyncio.get_running_loop()
        if self._until is not None and self._until <= loop.time():
            if self.deadline is not None:
                self.deadline.reschedule(self._until)
        else:
            # Checked once in a while: setting a new timer for each chunk takes longer than sending it.
            self._timer = loop.call_at(self._until or loop.time() + self._silence, self._watch)
