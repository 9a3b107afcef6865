"""The job of one upload: attempts until it has ended, and what follows then."""

from typing import Protocol

from bot.errors import SlackUnavailable
from bot.model.job import Job, Note, TakenOver
from bot.model.uploads import UNDER_WAY, Failure, Upload, UploadState
from bot.storage.stores import JobQueue
from bot.storage.upload_stores import UploadStore
from bot.uploads.retrying import ALWAYS
from bot.uploads.thread.known import Asked, KnownRecordings
from bot.uploads.thread.message import UploadMessages
from bot.uploads.transfer.attempt import Attempt, Tools
from bot.uploads.transfer.following import Following
from bot.uploads.transfer.job import TRANSFER, AttemptProgress, Transfer

EDITS = 2
"""How many messages are edited at each look: chat.update allows 50 edits a minute, all channels together
(https://docs.slack.dev/apis/web-api/rate-limits)."""


class UploadMetrics(Protocol):
    def upload(self, outcome: str) -> None:
        """Count an upload that ended."""


def looks_per_edit(concurrency: int) -> int:
    """Return at every how many looks an upload's message is edited, if so many uploads are sent at a time."""
    return -(-concurrency // EDITS)


class Transfers:
    def __init__(
        self,
        tools: Tools,
        messages: UploadMessages,
        following: Following,
        known: KnownRecordings,
        metrics: UploadMetrics,
    ) -> None:
        self._tools = tools
        self._uploads = tools.uploads
        self._messages = messages
        self._following = following
        self._known = known
        self._metrics = metrics

    def register_jobs(self, lanes: JobQueue) -> None:
        lanes.register(TRANSFER, self._transfer, on_failure=self._fail)

    async def _transfer(self, job: Job[Transfer, AttemptProgress], note: Note[AttemptProgress]) -> None:
        upload = await self._uploads.get(job.payload.upload)
        if upload is None or upload.round != job.payload.round:
            return
        if upload.state.is_under_way:
            upload = await Attempt(self._tools, job, note, upload).run()
            self._metrics.upload(upload.state)
        if upload.state is UploadState.SENT:
            await self._following.promise(upload)
        if upload.state is UploadState.DUPLICATE:
            asked = Asked(upload.id, upload.channel, upload.thread_ts, upload.attestation.by, upload.language)
            await self._known.promise_where(upload, asked)
        await self._show(job, upload)
        await self._messages.show_queue()

    async def _fail(self, job: Job[Transfer, AttemptProgress], exc: BaseException) -> None:
        upload = await self._uploads.get(job.payload.upload)
        if upload is None or isinstance(exc, TakenOver):
            return
        self._metrics.upload(await record_defect(self._uploads, job, upload))
        await self._show(job, upload)

    async def _show(self, job: Job[Transfer, AttemptProgress], upload: Upload) -> None:
        try:
            await self._messages.show(upload)
        except SlackUnavailable as exc:
            raise ALWAYS.after(job, self._tools.clock.now(), exc) from exc


async def record_defect(uploads: UploadStore, job: Job[Transfer, AttemptProgress], upload: Upload) -> UploadState:
    """Record that a defect ended an upload, and return its state: what had begun to be sent may have arrived."""
    state = UploadState.ASKING if upload.state is UploadState.SENDING else UploadState.FAILED
    failure = Failure.of("unexpected", job.reference)
    await uploads.change(upload.id, only=UNDER_WAY, of_round=job.payload.round, state=state, failure=failure)
    return state
