"""What people were promised after a click: it is done in spite of restarts and outages, or they hear why not.

Each promise is a job in the durable queue. A job notes what it is about to do before it does it, so that the next
attempt after a crash can look in Slack whether it was done.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol, TypeVar

from bot.clock import Clock
from bot.errors import AccessUndecided, CommandError, SlackError, SlackUnavailable, Suggestion
from bot.jobs.outbox import Outbox
from bot.jobs.retries import Retries
from bot.model.job import Handler, Job, JobKind, Note
from bot.render.errors import error_message
from bot.render.kit.limits import Payload
from bot.slack.client import Slack
from bot.storage.stores import JobQueue
from bot.texts import texts_for
from bot.tools.backoff import Backoff
from bot.tools.cache import TtlCache

log = logging.getLogger(__name__)

RETRIES = Retries(Backoff(first=2.0), attempts=10)
"""A quarter of an hour in all: Slack may be down, or the network."""
REPLY_LIFETIME = timedelta(minutes=30)
"""How long Slack takes answers to a click."""

Reply = Callable[[Payload], Awaitable[None]]
"""Answers a person where they clicked. Raises SlackError if that isn't possible any more."""


class Request(Protocol):
    """What somebody asked for: the payload of a job."""

    @property
    def user(self) -> str:
        """The Slack user who asked."""
        ...

    @property
    def conversation_ids(self) -> tuple[str, ...]:
        """The ids of the conversations that an error message would be about."""
        ...


R = TypeVar("R", bound=Request)
G = TypeVar("G")


def refuse_repetition(typed: str, state_command: str) -> CommandError:
    """Return why a command isn't tried again: an earlier attempt may have changed something already.

    `state_command` is the command that shows whether it has.
    """
    return CommandError(typed, "interrupted", suggestions=(Suggestion(state_command, state_command),))


class Promises:
    def __init__(self, queue: JobQueue, slack: Slack, outbox: Outbox, clock: Clock) -> None:
        self._queue = queue
        self._slack = slack
        self._outbox = outbox
        self._clock = clock
        # They expire, since another bot on the same database may be the one that does the job.
        self._replies: TtlCache[Reply] = TtlCache(clock, REPLY_LIFETIME)
        """By the jobs' keys. After a restart there are none, and people are told by direct message."""

    async def make(self, kind: JobKind[R, G], key: str, request: R, reply: Reply) -> bool:
        """Write the promise down, and return True; False if the same was promised before.

        If it can't be kept, `reply` says why.
        """
        is_new = await self._queue.promise(kind, key, request)
        if is_new:
            self._replies.put(key, reply)
        return is_new

    def register(self, queue: JobQueue, kind: JobKind[R, G], handle: Handler[R, G]) -> None:
        """Have promises of this kind kept by `handle`, which is tried again while Slack doesn't answer."""

        async def attempt(job: Job[R, G], note: Note[G]) -> None:
            try:
                await handle(job, note)
            except (SlackUnavailable, AccessUndecided) as exc:
                raise RETRIES.after(job, self._clock.now(), exc) from exc
            self._replies.pop(job.key)

        queue.register(kind, attempt, on_failure=self._explain_failure)

    async def _explain_failure(self, job: Job[R, G], failure: BaseException) -> None:
        """Tell the person where they clicked, or else by direct message."""
        message = error_message(texts_for(await self._slack.people.find(job.payload.user)), failure, job.reference)
        reply = self._replies.pop(job.key)
        if reply is not None:
            try:
                await reply(message)
            except SlackError as exc:  # the modal was closed, or the click is too long ago
                log.info("%s: sending a direct message instead (%s)", job.reference, exc.code)
            else:
                return
        try:
            await self._outbox.notify(job.payload.user, message, job.payload.conversation_ids)
        except SlackUnavailable as exc:
            raise RETRIES.after(job, self._clock.now(), exc) from exc
