"""Counts and hashes the bytes of a transfer, and reports its progress."""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor

from bot.errors import SlackUnavailable

_BATCH = 2**20
"""How many bytes are hashed at a time, since waking the thread takes time."""
_WAITING = 4
"""How many batches may wait for the thread."""


class Counted:
    """The bytes of one file during a transfer. Read once, with `async for`.

    It never yields more than `size` bytes, and raises SlackUnavailable("truncated") if there are more or fewer, so that
    the transfer is not completed. `on_progress` is called after each chunk with the number of bytes so far.
    """

    def __init__(
        self, chunks: AsyncIterator[bytes], size: int, on_progress: Callable[[int], None] | None = None
    ) -> None:
        self._chunks = chunks
        self._size = size
        self._on_progress = on_progress or (lambda _sent: None)
        self.handed_over = 0
        """Bytes that were yielded: until these are all, the other side can't have the whole file."""
        self.sent = 0
        """Bytes that were processed, which the reader shows by asking for more."""
        self.sha256 = ""
        """The hash of all bytes, in hexadecimal digits; empty until the last one is yielded. The reader may not
        ask for more."""

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        hashing = _Hashing()
        try:
            async for chunk in self._chunks:
                if self.handed_over + len(chunk) > self._size:
                    self.sha256 = ""
                    raise SlackUnavailable("truncated")
                await hashing.take(chunk)
                self.handed_over += len(chunk)
                if self.handed_over == self._size:
                    self.sha256 = await hashing.end()
                yield chunk
                self.sent += len(chunk)
                self._on_progress(self.sent)
            if self.handed_over != self._size:
                raise SlackUnavailable("truncated")
            self.sha256 = await hashing.end()
        finally:
            hashing.close()
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()


class _Hashing:
    """SHA-256 in a thread: hashlib releases the interpreter's lock.

    The thread gets batches of the chunks themselves, which are neither copied nor held for long. Hashing on the event
    loop, waking the thread for each chunk, or copying the chunks made a transfer at least a fifth slower.
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
        """Return the hash of everything so far, in hexadecimal digits."""
        await self._hand_over(0)
        return self._digest.hexdigest()

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _hand_over(self, most: int) -> None:
        """Give the batch to the thread, and return once at most `most` batches are waiting."""
        self._running.append(self._thread.submit(self._update, self._batch))
        self._batch, self._size = [], 0
        while self._running and (len(self._running) > most or self._running[0].done()):
            first = self._running.popleft()
            if not first.done():
                await asyncio.wrap_future(first)

    def _update(self, batch: list[bytes]) -> None:
        for chunk in batch:
            self._digest.update(chunk)
        batch.clear()  # cleared here, since references to the batch may live longer
