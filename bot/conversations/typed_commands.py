"""Commands that people type: each is written down before it is acknowledged, and answered once.

The bot that acknowledged a command answers it at once. If it dies, another attempt begins when its lease has expired:
in another bot on the database, or in the next one. Slack takes answers for thirty minutes; after that, a command is
dropped.

Nobody but the asker sees the answer, so the bot can't look up whether it is there. An attempt notes that it is about to
answer before it does. The next attempt that finds this note doesn't answer again, but asks whether the answer came.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from bot.clock import Clock
from bot.conversations.promises import REPLY_LIFETIME, refuse_repetition
from bot.errors import StorageFailed
from bot.model.job import Job, JobKind, Note, Retry
from bot.storage.stores import JobQueue

log = logging.getLogger(__name__)

COMMAND = "command"
ACK_PATIENCE = 2.0
"""Seconds for writing a command down: Slack waits for three."""
NOTE_TRIES = 5
NOTE_PAUSE = 1.0
"""Seconds between them: PostgreSQL may be restarting."""


@dataclass(frozen=True, slots=True)
class TypedCommand:
    user: str
    channel: str
    channel_name: str = ""
    response_url: str = field(default="", repr=False)
    typed: str = ""
    """What follows `/kickscale`. Like the address, it is forgotten once it has been answered."""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Return the command in Slack's request."""
        return cls(
            body["user_id"],
            body["channel_id"],
            str(body.get("channel_name", "")),
            str(body["response_url"]),
            str(body.get("text", "")),
        )


@dataclass(frozen=True, slots=True)
class CommandProgress:
    changing: bool = False
    """An attempt was about to change something, e.g. to add a digest: it may have done so."""
    answering: bool = False
    """An attempt was about to answer: it may have done so."""


CommandJob = Job[TypedCommand, CommandProgress]
COMMAND_JOB = JobKind(COMMAND, TypedCommand, CommandProgress, leaves_nothing=True)


class Attempt:
    """An attempt at a command. `trigger` opens a modal; only the bot that Slack sent the command to has it."""

    def __init__(self, job: CommandJob, note: Note[CommandProgress], trigger: str, clock: Clock) -> None:
        self.command = job.payload
        self.trigger = trigger
        self.may_be_answered = job.progress.answering
        """Whether an earlier attempt may have answered; the next says whether it may have changed something."""
        self.has_last_word = False
        """Whether this attempt has begun to answer."""
        self.may_be_changed = job.progress.changing
        self._progress = job.progress
        self._note = note
        self._clock = clock

    async def before_change(self, state_command: str) -> None:
        """Has to be awaited before anything is changed, with the command that shows whether it was.

        Raises CommandError if an earlier attempt may have done it already, and TakenOver and Retry.
        """
        if self.may_be_changed:
            raise refuse_repetition(self.command.typed, state_command)
        await self._save(replace(self._progress, changing=True))

    async def before_answer(self) -> None:
        """Has to be awaited before the answer is sent, or what is said in its place. Raises TakenOver and Retry."""
        if not self.has_last_word:
            await self._save(replace(self._progress, answering=True))
            self.has_last_word = True

    async def _save(self, progress: CommandProgress) -> None:
        for _ in range(NOTE_TRIES):
            try:
                await self._note(progress)
            except StorageFailed:
                await self._clock.sleep(NOTE_PAUSE)
            else:
                self._progress = progress
                return
        raise Retry(NOTE_PAUSE)


Answer = Callable[[Attempt], Awaitable[None]]
"""Answers a command, with whatever went wrong too. Raises TakenOver and Retry."""
Explain = Callable[[TypedCommand, Exception], Awaitable[None]]
"""Says why a command has no answer."""


class TypedCommands:
    """Takes commands from the beginning, and answers them from `begin` on."""

    _answer: Answer
    _explain: Explain

    def __init__(self, queue: JobQueue, clock: Clock) -> None:
        """Must be made in an event loop."""
        self._queue = queue
        self._clock = clock
        self._triggers: dict[str, str] = {}
        """Of the commands that were promised here and whose first attempt is still to begin, by the jobs' keys."""
        self._has_begun = asyncio.Event()
        queue.register(COMMAND_JOB, self._attempt, self._tell_failure)

    def answer_with(self, answer: Answer, explain: Explain) -> None:
        self._answer = answer
        self._explain = explain

    def begin(self) -> None:
        """Answer what was promised, and what will be. `answer_with` must have been called."""
        self._has_begun.set()

    async def _attempt(self, job: CommandJob, note: Note[CommandProgress]) -> None:
        await self._has_begun.wait()
        trigger = self._triggers.pop(job.key, None)
        if trigger is None and job.attempts == 1:
            return  # it was written down too late: the asker was told that it couldn't be
        if self._clock.now() - job.created_at >= REPLY_LIFETIME:
            log.warning("%s: a command is too old to be answered", job.reference)
            return
        attempt = Attempt(job, note, trigger or "", self._clock)
        try:
            await self._answer(attempt)
        except asyncio.CancelledError:
            if not attempt.has_last_word:
                raise

    async def _tell_failure(self, job: CommandJob, exc: BaseException) -> None:
        await self._has_begun.wait()
        if isinstance(exc, Exception) and not job.progress.answering:
            await self._explain(job.payload, exc)

    async def promise(self, body: Mapping[str, Any]) -> None:
        """Write down the command in Slack's request, and begin to answer it.

        Raises StorageFailed: then it isn't answered.
        """
        command = TypedCommand.of(body)
        key = f"{COMMAND}:{secrets.token_hex(8)}"
        self._triggers[key] = str(body.get("trigger_id", ""))
        writing = asyncio.create_task(self._queue.begin(COMMAND_JOB, key, command))
        silence = asyncio.create_task(self._clock.sleep(ACK_PATIENCE))
        is_written = False
        try:
            await asyncio.wait({writing, silence}, return_when=asyncio.FIRST_COMPLETED)
            is_written = writing.done() and await writing
        finally:
            silence.cancel()
            if not is_written:
                self._triggers.pop(key, None)
                writing.add_done_callback(_ignore_failure)
        if not is_written:
            raise StorageFailed("slow", "the database")


def _ignore_failure(writing: asyncio.Task[bool]) -> None:
    """Have nothing logged about a command that couldn't be written down in time, and then not at all."""
    if not writing.cancelled():
        writing.exception()
