"""Attempts at answers that only the asker sees: to a command, or to a mention of the bot.

The bot can't look up whether such an answer is there. So an attempt notes that it is about to answer before it does.
The next attempt that finds this note doesn't answer again, but asks whether the answer came.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from bot.clock import Clock
from bot.conversations.promises import refuse_repetition
from bot.errors import StorageFailed
from bot.model.job import Job, Note, Retry

NOTE_TRIES = 5
NOTE_PAUSE = 1.0
"""Seconds between them: PostgreSQL may be restarting."""


@dataclass(frozen=True, slots=True)
class AttemptProgress:
    changing: bool = False
    """An attempt was about to change something, e.g. to add a digest: it may have done so."""
    answering: bool = False
    """An attempt was about to answer: it may have done so."""


class Typed(Protocol):
    """What is answered: the payload of a job."""

    @property
    def typed(self) -> str:
        """What the person typed."""
        ...


T = TypeVar("T", bound=Typed)


class Attempt:
    """`typed` is what is answered, and `progress` what earlier attempts noted."""

    def __init__(self, typed: str, progress: AttemptProgress, note: Note[AttemptProgress], clock: Clock) -> None:
        self.may_be_answered = progress.answering
        """Whether an earlier attempt may have answered; the next says whether it may have changed something."""
        self.may_be_changed = progress.changing
        self.has_last_word = False
        """Whether this attempt has begun to answer."""
        self._typed = typed
        self._progress = progress
        self._note = note
        self._clock = clock

    async def before_change(self, state_command: str) -> None:
        """Has to be awaited before anything is changed, with the command that shows whether it was.

        Raises CommandError if an earlier attempt may have done it already, and TakenOver and Retry.
        """
        if self.may_be_changed:
            raise refuse_repetition(self._typed, state_command)
        await self._save(replace(self._progress, changing=True))

    async def before_answer(self) -> None:
        """Has to be awaited before the answer is sent, or what is said in its place. Raises TakenOver and Retry."""
        if not self.has_last_word:
            await self._save(replace(self._progress, answering=True))
            self.has_last_word = True

    async def _save(self, progress: AttemptProgress) -> None:
        for _ in range(NOTE_TRIES):
            try:
                await self._note(progress)
            except StorageFailed:
                await self._clock.sleep(NOTE_PAUSE)
            else:
                self._progress = progress
                return
        raise Retry(NOTE_PAUSE)


async def attempt_answer(
    job: Job[T, AttemptProgress],
    note: Note[AttemptProgress],
    clock: Clock,
    answer: Callable[[T, Attempt], Awaitable[None]],
) -> None:
    """Have `answer` answer a job. If that is cancelled once the answer has begun to be sent, it counts as sent."""
    attempt = Attempt(job.payload.typed, job.progress, note, clock)
    try:
        await answer(job.payload, attempt)
    except asyncio.CancelledError:
        if not attempt.has_last_word:
            raise


async def explain_missing_answer(
    job: Job[T, AttemptProgress], failure: BaseException, explain: Callable[[T, Exception], Awaitable[None]]
) -> None:
    """Have `explain` say why a job has no answer, unless an attempt has begun to send one: it may be there."""
    if isinstance(failure, Exception) and not job.progress.answering:
        await explain(job.payload, failure)
