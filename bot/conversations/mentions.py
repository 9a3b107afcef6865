"""Mentions of the bot that are read as commands: each is written down before Slack's report is acknowledged.

It is answered once, however often Slack reports it, and to whichever bots. The bot that wrote it down answers at once;
if it dies, another attempt begins when its lease has expired.
"""

from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.conversations.attempts import Attempt, AttemptProgress
from bot.conversations.direct_answers import Asked
from bot.model.job import Job, JobKind, Note
from bot.storage.stores import JobQueue

MENTION = "mention"

MentionJob = Job[Asked, AttemptProgress]
MENTION_JOB = JobKind(MENTION, Asked, AttemptProgress)

Answer = Callable[[Asked, Attempt], Awaitable[None]]
"""Answers a mention, with whatever went wrong too. Raises TakenOver and Retry."""
Explain = Callable[[Asked, Exception], Awaitable[None]]
"""Says why a mention has no answer."""


class Mentions:
    def __init__(self, queue: JobQueue, clock: Clock) -> None:
        self._queue = queue
        self._clock = clock

    def register_jobs(self, answer: Answer, explain: Explain) -> None:
        async def begin(job: MentionJob, note: Note[AttemptProgress]) -> None:
            attempt = Attempt(job.payload.typed, job.progress, note, self._clock)
            await attempt.see_through(answer(job.payload, attempt))

        async def on_failure(job: MentionJob, exc: BaseException) -> None:
            if isinstance(exc, Exception) and not job.progress.answering:
                await explain(job.payload, exc)

        self._queue.register(MENTION_JOB, begin, on_failure)

    async def promise(self, asked: Asked) -> None:
        """Write a mention down and begin to answer it, unless that was done before. Raises StorageFailed."""
        await self._queue.begin(MENTION_JOB, f"{MENTION}:{asked.channel}:{asked.ts}", asked)
