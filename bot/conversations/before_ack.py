"""Writes down what people type and click before Slack is told that it was received, and begins it at once."""

import secrets
from typing import Any, Generic, TypeVar

from bot.clock import Clock, timeout
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
        is_written = False
        try:
            # In no task of its own: people wait for each turn of the event loop that takes.
            async with timeout(self._clock, PATIENCE):
                is_written = await self._queue.begin(self._kind, key, payload)
        except TimeoutError:
            raise StorageFailed("slow", "the database") from None
        finally:
            if not is_written:
                self._kept.pop(key, None)

    def take(self, job: Job[P, Any]) -> L | None:
        """Return what only this process has of a job, once; None for the job of another process.

        None for a first attempt means that the job was written down too late: the person was told that it can't be.
        """
        return self._kept.pop(job.key, None)
