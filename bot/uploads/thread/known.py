"""Recordings that somebody asks for again: the thread leads to the upload that brought them to Kickscale first."""

import logging
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.errors import SlackError, SlackUnavailable
from bot.jobs.outbox import Draft, Entry, Outbox, PostProgress
from bot.model.job import Job, JobKind, NoProgress, Note, Retry
from bot.model.uploads import KnownRecording, Upload
from bot.render.uploads.progress import known_messages
from bot.slack.client import Slack
from bot.slack.failures import may_pass
from bot.storage.stores import JobQueue
from bot.storage.upload_stores import UploadStore
from bot.texts import texts_in
from bot.texts.languages import DEFAULT
from bot.tools.backoff import Backoff
from bot.uploads.retrying import FOR_MINUTES, retrying
from bot.uploads.thread.notifications import EVENT_TYPE, UPLOAD, Notifications
from bot.uploads.thread.subjects import subjects_of

log = logging.getLogger(__name__)

LOOKS = Backoff(first=6.5, factor=1.3, longest=120.0)
"""The interval for checking the state of the first upload."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for a recording that was uploaded before."""

    upload: int
    channel: str
    """Where they asked."""
    thread_ts: str
    user: str
    language: str = DEFAULT
    """Of what they are told. Jobs of an earlier version have none."""


@dataclass(frozen=True, slots=True)
class LinkProgress(PostProgress):
    ts: str = ""
    """The message, once it is posted."""
    shown: str = ""
    """Which state of the upload it shows."""


KNOWN = JobKind("upload_known", Asked, LinkProgress)
WHERE = JobKind("upload_where", Asked, NoProgress)


class KnownRecordings:
    def __init__(  # noqa: PLR0917 what it reads, and the ways to those who asked
        self,
        queue: JobQueue,
        uploads: UploadStore,
        slack: Slack,
        outbox: Outbox,
        notifications: Notifications,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._uploads = uploads
        self._slack = slack
        self._outbox = outbox
        self._notifications = notifications
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(KNOWN, self._lead_to_first, on_failure=self._tell_failure)
        queue.register(WHERE, self._tell_where)

    async def look_up(self, upload: Upload, channel: str, user: str = "") -> KnownRecording:
        """Return what may be said in `channel`, or only to `user` there, about a recording that was uploaded before.

        It names the first upload if everybody who reads this is in that one's channel. Raises SlackUnavailable.
        """
        first = await self._first(upload)
        if first.channel == channel or (user and await self._is_in(first.channel, user)):
            return KnownRecording(first, await address_of(self._slack, first))
        return KnownRecording(first, is_elsewhere=True)

    async def promise_link(self, upload: Upload, channel: str, thread_ts: str, user: str, language: str) -> bool:
        """Promise that this thread leads to the first upload, and shows how that ended; False if it was promised."""
        key = f"{KNOWN.name}:{upload.id}:{upload.round}:{channel}:{thread_ts}"
        return await self._queue.promise(KNOWN, key, Asked(upload.id, channel, thread_ts, user, language))

    async def promise_where(self, upload: Upload, asked: Asked) -> None:
        """Promise to tell who asked where it was uploaded first, if they are in that channel.

        The thread may have readers who aren't.
        """
        first = await self._first(upload)
        if asked.channel and first.channel not in ("", asked.channel):
            key = f"{WHERE.name}:{upload.id}:{upload.round}:{asked.channel}:{asked.thread_ts}"
            await self._queue.promise(WHERE, key, replace(asked, upload=first.id))

    async def _first(self, upload: Upload) -> Upload:
        return (await self._uploads.get(upload.same_as) if upload.same_as else None) or upload

    async def _is_in(self, channel: str, user: str) -> bool:
        if not channel:
            return False
        try:
            return await self._slack.channels.is_in(channel, user)
        except SlackUnavailable:
            raise
        except SlackError as exc:
            log.info("Slack didn't return a channel's members (%s)", exc.code)
            return False

    async def _lead_to_first(self, job: Job[Asked, LinkProgress], note: Note[LinkProgress]) -> None:
        upload, asked, progress = await self._uploads.get(job.payload.upload), job.payload, job.progress
        if upload is None:
            return
        if not progress.ts:
            ts = await self._post(job, note, upload)
            await self.promise_where(upload, asked)
            # One that was posted before a kill shows the state of that moment.
            shown = "" if progress.posting else upload.state
            progress = replace(progress, posting=True, ts=ts, shown=shown)
            await note(progress)
        look = Retry(after=LOOKS.pause(job.attempts))
        if progress.shown != upload.state:
            try:
                known = await self.look_up(upload, asked.channel)
                payload = known_messages(texts_in(asked.language), [known])
                await self._slack.messages.edit(asked.channel, progress.ts, payload)
            except SlackError as exc:
                if may_pass(exc):
                    raise look from exc
                log.warning("the message that links to upload %d can't be edited (%s)", upload.id, exc.code)
            await note(replace(progress, shown=upload.state))
        if upload.state.is_pending:
            raise look

    async def _post(self, job: Job[Asked, LinkProgress], note: Note[LinkProgress], upload: Upload) -> str:
        asked = job.payload

        async def compose() -> Draft:
            known = await self.look_up(upload, asked.channel)
            return Draft(known_messages(texts_in(asked.language), [known]), subjects_of(upload))

        entry = Entry(
            job.key,
            UPLOAD,
            EVENT_TYPE,
            asked.channel,
            job.created_at,
            thread_ts=asked.thread_ts,
            by=asked.user,
            upload=upload.id,
        )
        with retrying(job, self._clock):
            return await self._outbox.post_once(job, note, entry, compose) or ""

    async def _tell_where(self, job: Job[Asked, NoProgress], _note: Note[NoProgress]) -> None:
        first, asked = await self._uploads.get(job.payload.upload), job.payload
        if first is None:
            return
        try:
            with retrying(job, self._clock, FOR_MINUTES):
                if await self._is_in(first.channel, asked.user):
                    known = await self.look_up(first, first.channel)
                    payload = known_messages(texts_in(asked.language), [known])
                    await self._slack.messages.post_ephemeral(
                        asked.channel, asked.user, payload, thread_ts=asked.thread_ts
                    )
        except SlackError as exc:
            if may_pass(exc):
                raise
            log.warning("a person couldn't be told where upload %d is (%s)", first.id, exc.code)

    async def _tell_failure(self, job: Job[Asked, LinkProgress], exc: BaseException) -> None:
        await self._notifications.tell_failure(job, exc, job.payload.user)


async def address_of(slack: Slack, upload: Upload) -> str:
    """Return where an upload's message is, or its recording; empty for one that isn't in Slack."""
    ts = upload.message_ts or upload.thread_ts
    if not upload.channel or not ts:
        return ""
    try:
        return await slack.messages.get_permalink(upload.channel, ts)
    except SlackError as exc:
        log.info("there is no link to upload %d (%s)", upload.id, exc.code)
        return ""
