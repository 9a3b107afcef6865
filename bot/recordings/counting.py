"""Bytes that pass by: counted, hashed, and told of."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor

from bot.errors import SlackUnavailable

_BATCH = 4 * 2**20


class Counted:
    """The bytes of one file on their way to somewhere: read once, with `async for`.

    Never more of them than `size`, and SlackUnavailable("truncated") where they end at another count: what was promised
    to the other side is then not completed. `on_progress` is told after each chunk how many bytes were taken.
    """

    def __init__(
        self, chunks: AsyncIterator[bytes], size: int, on_progress: Callable[[int], None] | None = None
    ) -> None:
        self._chunks = chunks
        self._size = size
        self._on_progress = on_progress or (lambda _sent: None)
        self.given = 0
        """Bytes that were handed over: as long as these are not all, the other side cannot have the whole."""
        self.sent = 0
        """Bytes that were taken, as shown by asking for more."""
        self.sha256 = ""
        """Of all bytes, in hexadecimal digits; empty until the last one is handed over. Who takes that one may not ask
        for more."""

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        hashing = _Hashing()
        try:
            async for chunk in self._chunks:
                if self.given + len(chunk) > self._size:
                    self.sha256 = ""
                    raise SlackUnavailable("truncated")
                await hashing.take(chunk)
                self.given += len(chunk)
                if self.given == self._size:
                    self.sha256 = await hashing.end()
                yield chunk
                self.sent += len(chunk)
                self._on_progress(self.sent)
            if self.given != self._size:
                raise SlackUnavailable("truncated")
            self.sha256 = await hashing.end()
        finally:
            hashing.close()
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()


class _Hashing:
    """SHA-256 beside the event loop: hashlib works without the interpreter's lock.

    One buffer is filled while the other one is hashed. The copying pays: chunks are freed at once, and the thread is
    woken seldom. Hashing on the event loop, or each chunk in the thread, made a transfer a third slower.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._thread = ThreadPoolExecutor(1, "sha256")
        self._filling, self._hashed = memoryview(bytearray(_BATCH)), memoryview(bytearray(_BATCH))
        self._filled = 0
        self._running: Future[None] | None = None

    async def take(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            part = rest[: _BATCH - self._filled]
            self._filling[self._filled : self._filled + len(part)] = part
            self._filled += len(part)
            rest = rest[len(part) :]
            if self._filled == _BATCH:
                await self._hash()

    async def end(self) -> str:
        """The hash of all that was taken, in hexadecimal digits."""
        if self._filled:
            await self._hash()
        await self._rest()
        return self._digest.hexdigest()

    def close(self) -> None:
        self._thread.shutdown(wait=False)

    async def _hash(self) -> None:
        await self._rest()
        self._running = self._thread.submit(self._digest.update, self._filling[: self._filled])
        self._filling, self._hashed = self._hashed, self._filling
        self._filled = 0

    async def _rest(self) -> None:
        """Return once the thread has nothing to do."""
        if self._running is not None and not self._running.done():
            await asyncio.wrap_future(self._running)
