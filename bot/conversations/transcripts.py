"""*Transcript*: sends a transcript as a file to the person who asked, by direct message."""

import contextlib
from dataclasses import dataclass

from bot.access.audit import Audit
from bot.conversations.lookup import Conversations
from bot.conversations.promises import Promises, Reply
from bot.errors import GoneError, RecordingRefused, SlackError
from bot.jobs.outbox import Entry, Outbox, Subjects
from bot.model.access import Capability
from bot.model.audit import AuditKind
from bot.model.conversation import Kind
from bot.model.job import Job, JobKind, Note
from bot.observe.metrics import Metrics
from bot.render.conversations.transcript import file_name, file_title, transcript_comment, transcript_text
from bot.slack.client import Slack
from bot.storage.stores import JobQueue
from bot.texts import texts_for


@dataclass(frozen=True, slots=True)
class TranscriptRequest:
    kind: Kind
    id: str
    user: str
    channel: str = ""
    """Where it was asked for; jobs of earlier versions don't say."""

    @property
    def conversation_ids(self) -> tuple[str, ...]:
        return (self.id,)


@dataclass(frozen=True, slots=True)
class TranscriptProgress:
    file: str = ""
    """The id of the file that is uploaded to Slack, and is about to be shared."""
    to: str = ""
    """The direct message that it is for."""
    conversations: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


TRANSCRIPT = JobKind("transcript", TranscriptRequest, TranscriptProgress)
TranscriptJob = Job[TranscriptRequest, TranscriptProgress]


class Transcripts:
    def __init__(
        self,
        promises: Promises,
        outbox: Outbox,
        slack: Slack,
        conversations: Conversations,
        audit: Audit,
        *,
        metrics: Metrics,
    ) -> None:
        self._promises = promises
        self._outbox = outbox
        self._slack = slack
        self._conversations = conversations
        self._audit = audit
        self._metrics = metrics

    def register_jobs(self, queue: JobQueue) -> None:
        self._promises.register(queue, TRANSCRIPT, self._send)

    async def send(self, request: TranscriptRequest, place: str, reply: Reply) -> bool:
        """Promise to send the transcript, and return True; False if the button at `place` has promised it before.

        `place` is the id of the message or the modal with the button.
        """
        key = f"transcript:{request.user}:{request.kind}:{request.id}:{place}"
        return await self._promises.make(TRANSCRIPT, key, request, reply)

    async def _send(self, job: TranscriptJob, note: Note[TranscriptProgress]) -> None:
        request, progress = job.payload, job.progress
        if progress.file and await self._slack.files.is_shared(progress.file):
            await self._record(job, progress)
            return
        to = await self._slack.channels.open_dm(request.user)
        viewer, conversation = await self._conversations.open_as(
            request.user, request.channel or to, request.kind, request.id, Capability.TRANSCRIPT
        )
        if not conversation.transcript:
            raise GoneError("transcript", conversation.id)
        texts = texts_for(viewer.person)
        content = transcript_text(texts, conversation).encode()
        file = await self._slack.files.upload(file_name(texts, conversation), content)
        about = Subjects.of([conversation])
        progress = TranscriptProgress(file, to, about.conversations, about.domains)
        await note(progress)
        await self._slack.files.share(file, file_title(conversation), to, transcript_comment(texts, conversation))
        await self._record(job, progress)

    async def _record(self, job: TranscriptJob, progress: TranscriptProgress) -> None:
        user = job.payload.user
        ts = ""
        with contextlib.suppress(SlackError, RecordingRefused):  # only of use if the file is removed from there later
            ts = (await self._slack.files.get(progress.file)).messages.get(progress.to, "")
        used = self._audit.row(
            AuditKind.USED,
            TRANSCRIPT.name,
            by=user,
            channel=job.payload.channel or progress.to,
            conversations=progress.conversations,
        )
        entry = Entry(job.key, TRANSCRIPT.name, "", progress.to, job.created_at, by=user)
        about = Subjects(progress.conversations, progress.domains)
        if await self._outbox.record(entry, ts, about, audit=used, file=progress.file):
            self._metrics.posted(TRANSCRIPT.name)
