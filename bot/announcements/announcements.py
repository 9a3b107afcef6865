"""Tells a channel, in one short line, who changed what the bot does there."""

import secrets
from dataclasses import dataclass

from bot.access.audience import Audience
from bot.clock import Clock
from bot.errors import SlackUnavailable
from bot.jobs.outbox import Draft, Entry, Outbox, PostProgress, Subjects
from bot.jobs.retries import Retries
from bot.model.job import Job, JobKind, Note
from bot.render.announcements import announcement_message, unannounced_message
from bot.storage.stores import JobQueue
from bot.texts import texts_in
from bot.tools.backoff import Backoff

EVENT_TYPE = "kickscale_announcement"
RETRIES = Retries(Backoff(first=2.0), attempts=10)
"""A quarter of an hour in all: Slack may be down, or the network."""


@dataclass(frozen=True, slots=True)
class Announcement:
    channel: str
    by: str
    """The Slack user who made the change."""
    text: str
    """mrkdwn."""
    language: str
    domains: tuple[str, ...] = ()
    """The customers' domains and patterns in the text."""
    held_text: str = ""
    """mrkdwn without them: for a channel with people who can't see conversations."""


ANNOUNCEMENT = JobKind("announcement", Announcement, PostProgress)


class Announcements:
    def __init__(self, queue: JobQueue, outbox: Outbox, audience: Audience, clock: Clock) -> None:
        self._queue = queue
        self._outbox = outbox
        self._audience = audience
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(ANNOUNCEMENT, self._post, on_failure=self._tell_author)

    async def promise(self, announcement: Announcement) -> None:
        """Promise to post it once. In a direct message, nobody else would read it, so there it isn't posted."""
        if not announcement.channel.startswith("D"):
            key = f"{ANNOUNCEMENT.name}:{secrets.token_hex(8)}"
            await self._queue.promise(ANNOUNCEMENT, key, announcement)

    async def _post(self, job: Job[Announcement, PostProgress], note: Note[PostProgress]) -> None:
        announcement = job.payload
        entry = Entry(job.key, job.kind, EVENT_TYPE, announcement.channel, job.created_at, by=announcement.by)
        try:
            await self._outbox.post_once(job, note, entry, lambda: self._compose(announcement))
        except SlackUnavailable as exc:
            raise RETRIES.after(job, self._clock.now(), exc) from exc

    async def _compose(self, announcement: Announcement) -> Draft:
        if announcement.domains and await self._audience.why_held(announcement.channel):
            return Draft(announcement_message(announcement.held_text))
        return Draft(announcement_message(announcement.text), Subjects(domains=announcement.domains))

    async def _tell_author(self, job: Job[Announcement, PostProgress], exc: BaseException) -> None:
        """Tell the person who made the change that the channel doesn't know of it."""
        announcement = job.payload
        texts = texts_in(announcement.language)
        message = unannounced_message(texts, announcement.channel, announcement.text, exc)
        try:
            await self._outbox.notify(announcement.by, message, domains=announcement.domains)
        except SlackUnavailable as unavailable:
            raise RETRIES.after(job, self._clock.now(), unavailable) from unavailable
