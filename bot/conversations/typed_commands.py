"""Commands that people type: each is written down before it is acknowledged, and answered once.

The bot that acknowledged a command answers it at once. If it dies, another attempt begins when its lease has expired:
in another bot on the database, or in the next one. Slack takes answers for thirty minutes; after that, a command is
dropped.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from bot.clock import Clock
from bot.conversations.attempts import Attempt, AttemptProgress, attempt_answer, explain_missing_answer
from bot.conversations.before_ack import BeforeAck
from bot.conversations.promises import REPLY_LIFETIME
from bot.model.job import Job, JobKind, Note
from bot.storage.stores import JobQueue

log = logging.getLogger(__name__)

COMMAND = "command"


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


CommandJob = Job[TypedCommand, AttemptProgress]
COMMAND_JOB = JobKind(COMMAND, TypedCommand, AttemptProgress, leaves_nothing=True)

Answer = Callable[[TypedCommand, Attempt, str], Awaitable[None]]
"""Answers a command, with whatever went wrong too. The text is the trigger that opens a modal; only the bot that Slack
sent the command to has it. Raises TakenOver and Retry."""
Explain = Callable[[TypedCommand, Exception], Awaitable[None]]
"""Says why a command has no answer."""


class TypedCommands:
    """Takes commands from the beginning, and answers them from `begin` on."""

    _answer: Answer
    _explain: Explain

    def __init__(self, queue: JobQueue, clock: Clock) -> None:
        """Must be made in an event loop."""
        self._clock = clock
        self._promises: BeforeAck[TypedCommand, AttemptProgress, str] = BeforeAck(queue, COMMAND_JOB, clock)
        """With their triggers."""
        self._has_begun = asyncio.Event()
        self._promises.register(self._attempt, self._on_failure)

    def answer_with(self, answer: Answer, explain: Explain) -> None:
        self._answer = answer
        self._explain = explain

    def begin(self) -> None:
        """Answer what was promised, and what will be. `answer_with` must have been called."""
        self._has_begun.set()

    async def promise(self, body: Mapping[str, Any]) -> None:
        """Write down the command in Slack's request, and begin to answer it.

        Raises StorageFailed: then it isn't answered.
        """
        await self._promises.promise(TypedCommand.of(body), str(body.get("trigger_id", "")))

    async def _attempt(self, job: CommandJob, note: Note[AttemptProgress], trigger: str | None) -> None:
        await self._has_begun.wait()
        if self._clock.now() - job.created_at >= REPLY_LIFETIME:
            log.warning("%s: a command is too old to be answered", job.reference)
            return
        await attempt_answer(
            job, note, self._clock, lambda command, attempt: self._answer(command, attempt, trigger or "")
        )

    async def _on_failure(self, job: CommandJob, failure: BaseException) -> None:
        await self._has_begun.wait()
        await explain_missing_answer(job, failure, self._explain)
