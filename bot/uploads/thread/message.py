"""The one message of an upload: posted in the thread of its recording, and edited until it shows the summary."""

from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.errors import SlackUnavailable
from bot.jobs.outbox import Draft, Entry, Outbox, PostProgress
from bot.model.conversation import Conversation
from bot.model.job import Job, JobKind, Note
from bot.model.uploads import Upload, UploadState
from bot.storage.stores import JobQueue
from bot.storage.upload_stores import UploadStore
from bot.uploads.retrying import ALWAYS, retrying
from bot.uploads.thread.composing import UploadComposer
from bot.uploads.thread.edits import MessageEdits, ProgressEdits
from bot.uploads.thread.notifications import EVENT_TYPE, UPLOAD, Notifications
from bot.uploads.thread.subjects import subjects_of


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    upload: int
    user: str
    round: int | None = None
    """Jobs of an earlier version have none."""


POST = JobKind("upload_message", ThreadMessage, PostProgress)


class UploadMessages:
    def __init__(  # noqa: PLR0917 what it posts through, and what the message says
        self,
        queue: JobQueue,
        uploads: UploadStore,
        outbox: Outbox,
        composer: UploadComposer,
        edits: MessageEdits,
        progress: ProgressEdits,
        notifications: Notifications,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._uploads = uploads
        self._outbox = outbox
        self._composer = composer
        self._edits = edits
        self._progress = progress
        self._notifications = notifications
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(POST, self._post, on_failure=self._tell_failure)

    async def promise(self, upload: Upload) -> None:
        """Promise that the message is posted, whatever state the upload has by then."""
        if upload.channel:
            payload = ThreadMessage(upload.id, upload.attestation.by, upload.round)
            await self._queue.promise(POST, f"{POST.name}:{upload.id}:{upload.round}", payload)

    async def show(self, upload: Upload) -> None:
        """Edit the message to show the upload's present state. If it couldn't be posted, try that once more.

        A message that shows the summary stays as it is. Raises SlackUnavailable.
        """
        async with self._edits.turn(upload.id):
            latest = await self._uploads.get(upload.id)
            if latest is None or latest.state is UploadState.ANALYSED:
                return
            if latest.message_ts:
                await self._edits.edit(latest)
            else:
                await self.promise(latest)

    async def show_analysed(self, upload: Upload, conversation: Conversation) -> None:
        """Edit the message to show the summary, and record that it does. Raises SlackUnavailable."""
        async with self._edits.turn(upload.id):
            latest = await self._uploads.get(upload.id)
            if latest is not None and latest.message_ts:
                await self._edits.edit(replace(latest, state=UploadState.ANALYSED), conversation=conversation)
            await self._uploads.change(upload.id, state=UploadState.ANALYSED, failure=None)
            if latest is not None and not latest.message_ts:
                await self.promise(latest)

    async def show_queue(self) -> None:
        """Show the first of those that wait their new place."""
        await self._progress.show_queue()

    async def _post(self, job: Job[ThreadMessage, PostProgress], note: Note[PostProgress]) -> None:
        upload = await self._uploads.get(job.payload.upload)
        # Once it was started again, it has another message, maybe in another thread.
        if upload is None or upload.message_ts or job.payload.round not in (None, upload.round):
            return
        ts = await self._post_once(job, note, upload)
        async with self._edits.turn(upload.id):
            latest = await self._uploads.get(upload.id) or upload
            if latest.round != upload.round:
                return
            # One that was posted before a kill shows the state of that moment.
            if job.progress.posting or (latest.state, latest.reason) != (upload.state, upload.reason):
                try:
                    await self._edits.edit(replace(latest, message_ts=ts))
                except SlackUnavailable as exc:
                    raise ALWAYS.after(job, self._clock.now(), exc) from exc
            await self._uploads.change(upload.id, of_round=upload.round, message_ts=ts)
            progress = self._progress.take_unposted(upload.id)
        if progress is not None:
            self._progress.tick(latest, progress)

    async def _post_once(self, job: Job[ThreadMessage, PostProgress], note: Note[PostProgress], upload: Upload) -> str:
        async def compose() -> Draft:
            progress = self._progress.take_unposted(upload.id)
            return Draft(await self._composer.compose(upload, progress and progress()), subjects_of(upload))

        entry = Entry(
            job.key,
            UPLOAD,
            EVENT_TYPE,
            upload.channel,
            job.created_at,
            thread_ts=upload.thread_ts,
            by=job.payload.user,
            upload=upload.id,
            is_upload_message=True,
        )
        with retrying(job, self._clock):
            return await self._outbox.post_once(job, note, entry, compose) or ""

    async def _tell_failure(self, job: Job[ThreadMessage, PostProgress], exc: BaseException) -> None:
        """Tell the person who asked that the upload continues without the thread's message, or how it ended."""
        upload = await self._uploads.get(job.payload.upload)
        if upload is not None and not upload.state.is_under_way:
            await self._notifications.promise_ending(upload)
        else:
            await self._notifications.tell_failure(job, exc, job.payload.user)
