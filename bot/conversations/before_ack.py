"""Writes down what people type and click before Slack is told that it was received, and begins it at once."""

import asyncio
import secrets
from typing import Any, Generic, TypeVar

from bot.clock import Clock
from bot.errors import StorageFailed
from bot.model.job import Job, JobKind
from bot.storage.stores import JobQueue

PATIENCE = 2.0
"""Seconds for writing it down: Slack waits for three."""

P = TypeVar("P")
L = TypeVar("L")


class BeforeAck(Generic[P, L]):
    """Besides its payload, each job has something that only the process has to which Slack sent it."""

    def __init__(self, queue: JobQueue, kind: JobKind[P, Any], clock: Clock) -> None:
        self._queue = queue
        self._kind = kind
        self._clock = clock
        self._kept: dict[str, L] = {}
        """What only this process has of the jobs whose first attempt is still to begin, by their keys."""

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

    def take(self, job: Job[P, Any]) -> L | None:
        """Return what only this process has of a job, once; None for the job of another process.

        None for a first attempt means that the job was written down too late: the person was told that it can't be.
        """
        return self._kept.pop(job.key, None)


def _ignore_failure(writing: asyncio.Task[bool]) -> None:
    """Have nothing logged about what couldn't be written down in time, and then not at all."""
    if not writing.cancelled():
        writing.exception()
