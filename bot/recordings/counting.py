"""Bytes that pass by: counted, hashed, and told of."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor

from bot.errors import SlackUnavailable

_BATCH = 2**20
"""Bytes that are hashed at a time: few hand-overs to the thread, and at most twice as many bytes are held."""


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
        digest = hashlib.sha256()
        batch: list[bytes] = []
        waiting = 0
        hashing: Future[None] | None = None
        # hashlib works without the interpreter's lock: beside the event loop, hashing takes little time of its own.
        thread = ThreadPoolExecutor(1)
        try:
            async for chunk in self._chunks:
                if self.given + len(chunk) > self._size:
                    self.sha256 = ""
                    raise SlackUnavailable("truncated")
                batch.append(chunk)
                waiting += len(chunk)
                if waiting >= _BATCH:
                    await _end(hashing)
                    hashing = thread.submit(_update, digest, batch)
                    batch, waiting = [], 0
                self.given += len(chunk)
                if self.given == self._size:
                    await _end(thread.submit(_update, digest, batch))
                    batch, waiting = [], 0
                    self.sha256 = digest.hexdigest()
                yield chunk
                self.sent += len(chunk)
                self._on_progress(self.sent)
        finally:
            thread.shutdown(wait=False)
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()
        if self.sent != self._size:
            raise SlackUnavailable("truncated")
        self.sha256 = self.sha256 or digest.hexdigest()


def _update(digest: "hashlib._Hash", batch: list[bytes]) -> None:
    for chunk in batch:
        digest.update(chunk)


async def _end(hashing: Future[None] | None) -> None:
    if hashing is not None and not hashing.done():
        await asyncio.wrap_future(hashing)
