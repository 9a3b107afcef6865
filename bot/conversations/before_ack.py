"""Writes down what people type and click before Slack is told that it was received, and begins it at once."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.clock import Clock, timeout
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
