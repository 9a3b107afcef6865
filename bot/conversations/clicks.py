"""Clicks: each is written down before it is acknowledged. It is done once, or the person is told that it may not be.

Only the bot that Slack sent a click to can do it: what opens a modal is good for three seconds. If that bot dies, the
attempt that begins when its lease has expired tells the person. Slack takes answers for thirty minutes; after that, a
click is dropped.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.conversations.before_ack import BeforeAck
from bot.conversations.promises import REPLY_LIFETIME
from bot.model.job import Job, JobKind, NoProgress, Note
from bot.storage.stores import JobQueue

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Click:
    user: str
    channel: str
    """In which it was; empty if that isn't known."""
    response_url: str = field(default="", repr=False)
    """Empty for a click in a modal."""


ClickJob = Job[Click, NoProgress]
CLICK_JOB = JobKind("click", Click, NoProgress, leaves_nothing=True)

Work = Callable[[], Awaitable[None]]
"""Does what was clicked, and says so, or what went wrong."""


class Clicks:
    def __init__(self, queue: JobQueue, clock: Clock) -> None:
        self._queue = queue
        self._clock = clock
        self._promises: BeforeAck[Click, Work] = BeforeAck(queue, CLICK_JOB, clock)

    def register_jobs(self, explain: Callable[[Click], Awaitable[None]]) -> None:
        """Have `explain` tell people that their click may not have been done."""

        async def do(job: ClickJob, _note: Note[NoProgress]) -> None:
            work = self._promises.take(job)
            if work is not None:
                await work()
            elif self._clock.now() - job.created_at >= REPLY_LIFETIME:
                log.warning("%s: a click is too old for an answer", job.reference)
            elif job.attempts > 1:  # a first attempt was written down too late: the person was told that it couldn't be
                await explain(job.payload)

        self._queue.register(CLICK_JOB, do)

    async def promise(self, click: Click, work: Work) -> None:
        """Write a click down, and begin to do it. Raises StorageFailed: then it isn't done."""
        await self._promises.promise(click, work)
