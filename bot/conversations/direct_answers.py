"""Answers in the app's own messages: each is promised before Slack's report is acknowledged, and posted once.

They are ordinary messages, recorded so that erasure reaches them. And who was greeted is remembered here.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.clock import Clock
from bot.conversations.promises import Promises, refuse_repetition
from bot.errors import SlackError
from bot.jobs.outbox import Draft, Entry, Outbox, PostProgress, Subjects
from bot.model.job import Job, JobKind, Note
from bot.render.kit.charts import without_charts
from bot.render.kit.subjects import conversations_in, domains_in
from bot.slack.client import Slack
from bot.slack.payloads import Payload
from bot.storage.stores import FactStore, JobQueue, Ledger
from bot.tools.cache import TtlCache

log = logging.getLogger(__name__)

ANSWER = "answer"
EVENT_TYPE = "kickscale_answer"
GREETED = "greeted."
"""The name of a fact, followed by the person's id."""
COMPOSED_LIFETIME = timedelta(minutes=30)
"""How long an answer is kept that Slack didn't accept yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to the bot."""

    channel: str
    ts: str
    user: str
    typed: str = ""
    """Its text, which is forgotten once it has been answered."""
    thread_ts: str = ""
    """The thread in which it was written; empty if in none."""

    @property
    def conversation_ids(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class AnswerProgress(PostProgress):
    changing: bool = False
    """An attempt was about to change something, e.g. to add a digest: it may have done so."""


BeforeChange = Callable[[str], Awaitable[None]]
"""Has to be awaited before anything is changed, with the command that shows whether it was. Raises CommandError if an
earlier attempt may have done it already."""
Compose = Callable[[Asked, BeforeChange], Awaitable[Payload | None]]
"""Returns the answer; None if there is nothing to say."""
AnswerJob = Job[Asked, AnswerProgress]
ANSWER_JOB = JobKind(ANSWER, Asked, AnswerProgress)


class DirectAnswers:
    def __init__(
        self,
        queue: JobQueue,
        slack: Slack,
        outbox: Outbox,
        ledger: Ledger,
        facts: FactStore,
        *,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._promises = Promises(queue, slack, outbox, clock)
        self._slack = slack
        self._outbox = outbox
        self._ledger = ledger
        self._facts = facts
        self._clock = clock
        self._composed: TtlCache[Draft] = TtlCache(clock, COMPOSED_LIFETIME)
        self._meanwhile: TtlCache[str] = TtlCache(clock, COMPOSED_LIFETIME)
        """The ts of what was said while an answer took long, by the job's key."""

    def register_jobs(self, compose: Compose) -> None:
        """Have messages answered with what `compose` returns."""

        async def attempt(job: AnswerJob, note: Note[AnswerProgress]) -> None:
            await self._answer(job, note, compose)
            self._composed.pop(job.key)
            await self._take_back(job)

        self._promises.register(self._queue, ANSWER_JOB, attempt)

    async def promise(self, asked: Asked) -> None:
        """Promise an answer, once for each message however often Slack reports it."""
        await self._queue.promise(ANSWER_JOB, _key(asked), asked)

    async def _answer(self, job: AnswerJob, note: Note[AnswerProgress], compose: Compose) -> None:
        asked, is_changing = job.payload, job.progress.changing

        async def before_change(state_command: str) -> None:
            nonlocal is_changing
            if is_changing:
                raise refuse_repetition(asked.typed, state_command)
            is_changing = True
            await note(replace(job.progress, changing=True))

        async def note_posting(progress: AnswerProgress) -> None:
            await note(replace(progress, changing=is_changing))

        async def draft() -> Draft | None:
            if (composed := self._composed.get(job.key)) is not None:
                return composed
            payload = await compose(asked, before_change)
            if payload is None:
                return None
            composed = Draft(payload, _subjects(payload), fallback=without_charts(dict(payload)))
            self._composed.put(job.key, composed)
            return composed

        entry = Entry(
            job.key, ANSWER, EVENT_TYPE, asked.channel, job.created_at, thread_ts=asked.thread_ts, by=asked.user
        )
        await self._outbox.post_once(job, note_posting, entry, draft)

    async def say_meanwhile(self, asked: Asked, payload: Payload) -> None:
        """Say something until the answer is there. Not promised. Raises SlackError."""
        ts = await self._slack.messages.post(asked.channel, payload, asked.thread_ts)
        key = f"{ANSWER}:{asked.channel}:{ts}"
        entry = Entry(key, ANSWER, "", asked.channel, self._clock.now(), thread_ts=asked.thread_ts, by=asked.user)
        await self._outbox.record(entry, ts, _subjects(payload))
        self._meanwhile.put(_key(asked), ts)

    async def _take_back(self, job: AnswerJob) -> None:
        """Delete what was said until the answer was there. If Slack doesn't accept that, it is only logged."""
        if (ts := self._meanwhile.pop(job.key)) is None:
            return
        try:
            await self._slack.messages.delete(job.payload.channel, ts)
        except SlackError as exc:
            log.info("%s: what was said before the answer can't be deleted (%s)", job.reference, exc.code)

    async def learn(self, channel: str, ts: str, payload: Payload) -> None:
        """Record what an answer is about since a button has changed it."""
        await self._ledger.learn(channel, ts, conversations_in(payload), domains_in(payload))

    async def greet(self, user: str, message: str) -> bool:
        """Return whether this is the first message that somebody writes to the bot, and remember that it is."""
        name = GREETED + user
        greeted = await self._facts.get(name)
        if greeted is not None:
            return bool(greeted[0] == message)  # it is answered again after a kill
        await self._facts.set(name, value=message, now=self._clock.now())
        return True


def _key(asked: Asked) -> str:
    return f"{ANSWER}:{asked.channel}:{asked.ts}"


def _subjects(payload: Payload) -> Subjects:
    return Subjects(conversations_in(payload), domains_in(payload))
