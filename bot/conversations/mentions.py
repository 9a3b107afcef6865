"""Mentions of the bot that are read as commands: each is written down before Slack's report is acknowledged.

It is answered once, however often Slack reports it, and to whichever bots. The bot that wrote it down answers at once;
if it dies, another attempt begins when its lease has expired.
"""

from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.conversations.attempts import Attempt, AttemptProgress, attempt_answer, explain_missing_answer
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
        async def attempt(job: MentionJob, note: Note[AttemptProgress]) -> None:
            await attempt_answer(job, note, self._clock, answer)

        async def on_failure(job: MentionJob, failure: BaseException) -> None:
            await explain_missing_answer(job, failure, explain)

        self._queue.register(MENTION_JOB, attempt, on_failure)

    async def promise(self, asked: Asked) -> None:
        """Write a mention down and begin to answer it, unless that was done before. Raises StorageFailed."""
        await self._queue.begin(MENTION_JOB, f"{MENTION}:{asked.channel}:{asked.ts}", asked)
