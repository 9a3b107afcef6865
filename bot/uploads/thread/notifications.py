"""What one person hears about an upload by direct message, because its thread can't or may not say it."""

from dataclasses import dataclass, replace
from typing import Any

from bot.clock import Clock
from bot.jobs.outbox import Draft, Entry, Outbox, PostProgress
from bot.model.job import Job, JobKind, Note
from bot.model.uploads import Upload, UploadState
from bot.render.errors import error_message
from bot.render.kit.limits import Payload
from bot.render.uploads.progress import private_upload_message, words_message
from bot.slack.client import Slack
from bot.storage.stores import JobQueue
from bot.storage.upload_stores import UploadStore
from bot.texts import texts_for
from bot.uploads.retrying import retrying
from bot.uploads.thread.subjects import subjects_of

EVENT_TYPE = "kickscale_upload"
"""Of the metadata of every message about an upload."""
UPLOAD = "upload"
"""The kind of these messages in the ledger."""


@dataclass(frozen=True, slots=True)
class Words:
    upload: int
    round: int
    user: str


@dataclass(frozen=True, slots=True)
class Ending:
    upload: int
    round: int
    state: UploadState
    """The one that the person is to hear of."""
    user: str


WORDS = JobKind("upload_words", Words, PostProgress)
ENDING = JobKind("upload_told", Ending, PostProgress)


class Notifications:
    def __init__(  # noqa: PLR0917 what it reads, and the ways to a person
        self, queue: JobQueue, uploads: UploadStore, slack: Slack, outbox: Outbox, clock: Clock, link_template: str
    ) -> None:
        self._queue = queue
        self._uploads = uploads
        self._slack = slack
        self._outbox = outbox
        self._clock = clock
        self._link_template = link_template

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(WORDS, self._send_words)
        queue.register(ENDING, self._send_ending)

    async def promise_words(self, upload: Upload) -> None:
        """Promise the API's own words to the person who attested, since not everybody in the channel may read them."""
        if user := upload.attestation.by:
            key = f"{WORDS.name}:{upload.id}:{upload.round}"
            await self._queue.promise(WORDS, key, Words(upload.id, upload.round, user))

    async def promise_ending(self, upload: Upload) -> None:
        """Promise that the person who attested is told how it ended, because its thread can't be written to."""
        user = upload.attestation.by
        if user and not upload.state.is_under_way:
            key = f"{ENDING.name}:{upload.id}:{upload.round}:{upload.state}:{upload.reason}"
            await self._queue.promise(ENDING, key, Ending(upload.id, upload.round, upload.state, user))

    async def tell_failure(self, job: Job[Any, Any], exc: BaseException, user: str) -> None:
        """Tell a person that a message couldn't be posted. Raises Retry, SlackError."""
        with retrying(job, self._clock):
            texts = texts_for(await self._slack.people.find(user))
            await self._outbox.notify(user, error_message(texts, exc, job.reference))

    async def _send_words(self, job: Job[Words, PostProgress], note: Note[PostProgress]) -> None:
        upload = await self._uploads.get(job.payload.upload)
        if upload is not None and upload.round == job.payload.round:
            texts = texts_for(await self._slack.people.find(job.payload.user))
            await self._send(job, note, upload, words_message(texts, upload))

    async def _send_ending(self, job: Job[Ending, PostProgress], note: Note[PostProgress]) -> None:
        upload = await self._uploads.get(job.payload.upload)
        if upload is not None and upload.round == job.payload.round:
            ended = replace(upload, state=job.payload.state)
            texts = texts_for(await self._slack.people.find(job.payload.user))
            await self._send(job, note, ended, private_upload_message(texts, ended, self._link_template))

    async def _send(
        self,
        job: Job[Words, PostProgress] | Job[Ending, PostProgress],
        note: Note[PostProgress],
        upload: Upload,
        payload: Payload,
    ) -> None:
        async def compose() -> Draft:
            return Draft(payload, subjects_of(upload))

        with retrying(job, self._clock):
            channel = await self._slack.channels.open_dm(job.payload.user)
            user = job.payload.user
            entry = Entry(job.key, UPLOAD, EVENT_TYPE, channel, job.created_at, by=user, upload=upload.id)
            await self._outbox.post_once(job, note, entry, compose)
