"""Writes down what people type and click before Slack is told that it was received, and begins it at once."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.clock import Clock
from bot.errors import StorageFailed
from bot.model.job import Job, JobKind, Note, OnFailure
from bot.storage.stores import JobQueue

PATIENCE = 2.0
"""Seconds for writing it down: Slack waits for three."""

P = TypeVar("P")
G = TypeVar("G")
L = TypeVar("L")


class BeforeAck(Generic[P, G, L]):
    """Besides its payload, each job has something that only the process has to which Slack sent it."""

    def __init__(self, queue: JobQueue, kind: JobKind[P, G], clock: Clock) -> None:
        self._queue = queue
        self._kind = kind
        self._clock = clock
        self._kept: dict[str, L] = {}
        """What only this process has of the jobs whose first attempt is still to begin, by their keys."""

    def register(
        self,
        handle: Callable[[Job[P, G], Note[G], L | None], Awaitable[None]],
        on_failure: OnFailure[P, G] | None = None,
    ) -> None:
        """Have `handle` do the jobs. A first attempt is given what only this process has of it; others, None."""

        async def attempt(job: Job[P, G], note: Note[G]) -> None:
            kept = self._kept.pop(job.key, None)
            if kept is None and job.attempts == 1:
                return  # it was written down too late: the person was told that it couldn't be
            await handle(job, note, kept)

        self._queue.register(self._kind, attempt, on_failure)

    async def promise(self, payload: P, kept: L) -> None:
        """Write a job down, and begin it here and now. Raises StorageFailed: then it isn't done."""
        key = f"{self._kind.name}:{secrets.token_hex(8)}"
        self._kept[key] = kept
        writing = asyncio.create_task(self._queue.begin(self._kind, key, payload))
        silence = asyncio.create_task(self._clock.sleep(PATIENCE))
        is_written = False
        try:
            await asyncio.wait({writing, silence}, return_when=asyncio.FIRST_COMPLETED)
            is_written = writing.done() and await writing
        finally:
            silence.cancel()
            if not is_written:
                self._kept.pop(key, None)
                writing.add_done_callback(_ignore_failure)
        if not is_written:
            raise StorageFailed("slow", "the database")


def _ignore_failure(writing: asyncio.Task[bool]) -> None:
    """Have nothing logged about what couldn't be written down in time, and then not at all."""
    if not writing.cancelled():
        writing.exception()
