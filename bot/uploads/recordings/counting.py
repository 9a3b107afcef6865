"""Bytes that pass by: counted, hashed, and told of."""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor

from bot.errors import SlackUnavailable

_BATCH = 2**20
"""Bytes that are worth waking the thread."""
_WAITING = 4
"""How many batches may wait for it."""


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

    The chunks themselves are handed over, some at a time: neither copied nor kept for long. Hashing on the event loop,
    waking the thread for each chunk, or copying them into a buffer of its own made a transfer a fifth slower or more.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._thread = ThreadPoolExecutor(1, "sha256")
        self._batch: list[bytes] = []
        self._size = 0
        self._running: deque[Future[None]] = deque()

    async def take(self, chunk: bytes) -> None:
        self._batch.append(chunk)
        self._size += len(chunk)
        if self._size >= _BATCH:
            await self._hand_over(_WAITING)

    async def end(self) -> str:
        """The hash of all that was taken, in hexadecimal digits."""
        await self._hand_over(0)
        return self._digest.hexdigest()

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _hand_over(self, most: int) -> None:
        """Return once `most` batches at most are still to be hashed."""
        self._running.append(self._thread.submit(self._update, self._batch))
        self._batch, self._size = [], 0
        while self._running and (len(self._running) > most or self._running[0].done()):
            first = self._running.popleft()
            if not first.done():
                await asyncio.wrap_future(first)

    def _update(self, batch: list[bytes]) -> None:
        for chunk in batch:
            self._digest.update(chunk)
        batch.clear()  # here: whoever knows of the batch may live longer
