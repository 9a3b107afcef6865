"""A kind of job, and a handler that records what it was given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import Clock
from bot.model.job import Job, JobKind, Note
from bot.storage.stores import JobQueue
from tests.conformance.implementations import Storage


@dataclass(frozen=True, slots=True)
class Order:
    user: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    file: str = ""
    posting: bool = False


SHARE = JobKind("share", Order, Steps)
OTHER = JobKind("other", Order, Steps)
BRIEF = JobKind("brief", Order, Steps, leaves_nothing=True)


class Recorder:
    """Waits for its gate, notes `notes`, and then raises the next of `raises`."""

    def __init__(self) -> None:
        self.begun: list[Job[Order, Steps]] = []
        self.failures: list[tuple[str, BaseException]] = []
        self.raises: list[BaseException] = []
        self.notes: list[Steps] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.most = 0
        """How many ran at the same time."""
        self._running = 0
        self._news = asyncio.Event()

    async def handle(self, job: Job[Order, Steps], note: Note[Steps]) -> None:
        self.begun.append(job)
        self._news.set()
        self._running += 1
        self.most = max(self.most, self._running)
        try:
            await self.gate.wait()
            for steps in self.notes:
                await note(steps)
            if self.raises:
                raise self.raises.pop(0)
        finally:
            self._running -= 1

    async def on_failure(self, job: Job[Order, Steps], exc: BaseException) -> None:
        self.failures.append((job.key, exc))

    async def until_begun(self, count: int = 1) -> None:
        while len(self.begun) < count:
            self._news.clear()
            await self._news.wait()


@asynccontextmanager
async def running(
    storage: Storage, clock: Clock, recorder: Recorder, holder: str = "a", concurrency: int = 8
) -> AsyncIterator[JobQueue]:
    """Run a queue that does jobs of the kind SHARE."""
    queue = storage.queue(clock, holder, concurrency=concurrency)
    queue.register(SHARE, recorder.handle, recorder.on_failure)
    await queue.start()
    try:
        yield queue
    finally:
        await queue.stop()
