"""Clicks: each is written down before it is acknowledged. It is done once, or the person is told that it may not be.

Only the bot that Slack sent a click to can do it: what opens a modal is good for three seconds. If that bot dies, the
attempt that begins when its lease has expired tells the person.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.conversations.before_ack import BeforeAck
from bot.conversations.promises import RETRIES
from bot.errors import SlackUnavailable
from bot.model.job import Job, JobKind, NoProgress, Note
from bot.storage.stores import JobQueue


@dataclass(frozen=True, slots=True)
class Click:
    user: str
    channel: str
    """In which it was; empty if that isn't known."""


ClickJob = Job[Click, NoProgress]
CLICK_JOB = JobKind("click", Click, NoProgress, leaves_nothing=True)

Work = Callable[[], Awaitable[None]]
"""Does what was clicked, and says so, or what went wrong."""


class Clicks:
    def __init__(self, queue: JobQueue, clock: Clock) -> None:
        self._clock = clock
        self._promises: BeforeAck[Click, NoProgress, Work] = BeforeAck(queue, CLICK_JOB, clock)

    def register_jobs(self, explain: Callable[[Click], Awaitable[None]]) -> None:
        """Have `explain` tell people that their click may not have been done. It raises SlackError."""

        async def do(job: ClickJob, _note: Note[NoProgress], work: Work | None) -> None:
            if work is not None:
                await work()
                return
            try:
                await explain(job.payload)
            except SlackUnavailable as exc:
                raise RETRIES.after(job, self._clock.now(), exc) from exc

        self._promises.register(do)

    async def promise(self, click: Click, work: Work) -> None:
        """Write a click down, and begin to do it. Raises StorageFailed: then it isn't done."""
        await self._promises.promise(click, work)
