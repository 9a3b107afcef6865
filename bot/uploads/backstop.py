"""Slack's second report of a shared file, in case the first one, the message, never arrives."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import RecordingRefused, SlackUnavailable
from bot.model.job import Job, JobKind, NoProgress, Note, Retry
from bot.model.uploads import SharedMessage
from bot.slack.client import Slack
from bot.storage.stores import JobQueue
from bot.uploads.channels import UploadChannels
from bot.uploads.offer_book import OfferBook
from bot.uploads.offering import Offering
from bot.uploads.retrying import FOR_MINUTES
from bot.uploads.sources import may_be_recording

BACKSTOP_AFTER = 10.0
"""Seconds in which the message, which says more, has to arrive first."""


@dataclass(frozen=True, slots=True)
class FileShared:
    file: str
    channel: str


BACKSTOP = JobKind("file_shared", FileShared, NoProgress)


class Backstop:
    def __init__(  # noqa: PLR0917 what it looks into, and what it hands over to
        self, queue: JobQueue, channels: UploadChannels, book: OfferBook, slack: Slack, offering: Offering, clock: Clock
    ) -> None:
        self._queue = queue
        self._channels = channels
        self._book = book
        self._slack = slack
        self._offering = offering
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(BACKSTOP, self._look)

    async def take(self, file: str, channel: str) -> None:
        """Write down that a file was shared, unless offers are off in the channel."""
        if not await self._channels.is_off(channel):
            await self._queue.promise(BACKSTOP, f"{BACKSTOP.name}:{channel}:{file}", FileShared(file, channel))

    async def _look(self, job: Job[FileShared, NoProgress], note: Note[NoProgress]) -> None:
        if job.attempts == 1:
            raise Retry(after=BACKSTOP_AFTER)
        channel = job.payload.channel
        try:
            file = await self._slack.file(job.payload.file)
            ts, thread_ts = file.messages.get(channel, ""), file.threads.get(channel, "")
            if not ts or not may_be_recording(file) or await self._book.at(channel, ts) is not None:
                return
            message = await self._slack.message(channel, ts, thread_ts)
        except SlackUnavailable as exc:
            raise FOR_MINUTES.after(job, self._clock.now(), exc) from exc
        except RecordingRefused:
            return
        await note(job.progress)  # if the job was erased in the meantime, it must not bring back what was erased
        await self._offering.take(message or SharedMessage(channel, ts, thread_ts, file.user, files=(file,)))
