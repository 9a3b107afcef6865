"""Reminds the bot's admins, by direct message, before the Kickscale API key expires."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.clock import Clock
from bot.errors import SlackDenied, SlackError, SlackUnavailable
from bot.jobs.outbox import Draft, Entry, Outbox, PostProgress, Subjects
from bot.jobs.retries import Retries
from bot.model.job import Job, JobKind, Note
from bot.operations.status import key_days_left
from bot.render.operations.key_reminder import key_reminder_message
from bot.slack.client import Slack
from bot.storage.stores import FactStore, JobQueue
from bot.texts import texts_for
from bot.tools.backoff import Backoff

log = logging.getLogger(__name__)

STAGES = (30, 7, 1)
"""Days before the key expires."""
FACT = "key reminder"
"""The latest stage for which everybody's reminder was promised."""
EVENT_TYPE = "kickscale_key_reminder"
RETRIES = Retries(Backoff(30.0, longest=900.0), patience=timedelta(days=5))


@dataclass(frozen=True, slots=True)
class Reminder:
    user: str
    created: str
    """The day the key was created, in ISO 8601."""


REMINDER = JobKind("key_reminder", Reminder, PostProgress)


class KeyReminders:
    def __init__(  # noqa: PLR0917 what it goes by, and what it posts with
        self,
        created: date | None,
        admins: Iterable[str],
        queue: JobQueue,
        outbox: Outbox,
        slack: Slack,
        facts: FactStore,
        clock: Clock,
    ) -> None:
        """`created` is the day the key was created, if known; `admins` are ids of users and user groups."""
        self._created = created
        self._admins = sorted(admins)
        self._queue = queue
        self._outbox = outbox
        self._slack = slack
        self._facts = facts
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(REMINDER, self._remind)

    async def look(self) -> None:
        """Promise a reminder to each admin if one is due: once for each stage, whatever restarts or runs beside."""
        left = self._days_left()
        if self._created is None or left is None or not 0 < left <= max(STAGES):
            return
        stage = f"{self._created}:{min(days for days in STAGES if left <= days)}"
        # Finished jobs are forgotten some day, and promising one again would repeat it.
        stored = await self._facts.get(FACT)
        if stored is not None and stored[0] == stage:
            return
        log.warning("the Kickscale API key expires in %d days", left)
        try:
            users = await self._find_admins()
        except SlackError as exc:
            log.warning("Slack didn't say who is to be reminded of that (%s); trying again later", exc.code)
            return
        for user in users:
            await self._queue.promise(REMINDER, f"{REMINDER.name}:{stage}:{user}", Reminder(user, str(self._created)))
        await self._facts.set(FACT, stage, self._clock.now())

    async def _find_admins(self) -> list[str]:
        users: set[str] = set()
        for id_ in self._admins:
            users |= await self._slack.people.get_group(id_) if id_.startswith("S") else {id_}
        return sorted(users)

    async def _remind(self, job: Job[Reminder, PostProgress], note: Note[PostProgress]) -> None:
        user = job.payload.user
        if job.payload.created != str(self._created):
            return  # there is another key by now
        try:
            channel = job.progress.to or await self._slack.channels.open_dm(user)
            entry = Entry(job.key, job.kind, EVENT_TYPE, channel, job.created_at, by=user)
            await self._outbox.post_once(job, note, entry, lambda: self._compose(user))
        except (SlackDenied, SlackUnavailable) as exc:
            raise RETRIES.after(job, self._clock.now(), exc) from exc
        except SlackError as exc:
            log.warning("%s can't be reminded that the API key expires (%s)", user, exc.code)

    async def _compose(self, user: str) -> Draft | None:
        left = self._days_left()
        if left is None or left <= 0:
            return None
        texts = texts_for(await self._slack.people.find(user))
        return Draft(key_reminder_message(texts, left, self._today() + timedelta(days=left)), Subjects())

    def _days_left(self) -> int | None:
        return key_days_left(self._created, self._today())

    def _today(self) -> date:
        return self._clock.now().date()
