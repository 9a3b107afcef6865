"""Look after a shared file whose message Slack may not have reported."""

from bot.clock import Clock
from bot.errors import RecordingRefused, SlackUnavailable
from bot.model.job import Job, NoProgress, Note, Retry
from bot.model.uploads import SharedMessage
from bot.slack.client import Slack
from bot.storage.stores import JobQueue
from bot.uploads.offers.book import OfferBook
from bot.uploads.offers.intake import BACKSTOP, FileShared, Intake
from bot.uploads.retrying import FOR_MINUTES
from bot.uploads.sources import may_be_recording

BACKSTOP_AFTER = 10.0
"""Seconds in which the message, which says more, has to arrive first."""


class Backstop:
    def __init__(self, book: OfferBook, slack: Slack, intake: Intake, clock: Clock) -> None:
        self._book = book
        self._slack = slack
        self._intake = intake
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(BACKSTOP, self._look)

    async def _look(self, job: Job[FileShared, NoProgress], note: Note[NoProgress]) -> None:
        if job.attempts == 1:
            raise Retry(after=BACKSTOP_AFTER)
        channel = job.payload.channel
        try:
            file = await self._slack.files.get(job.payload.file)
            ts, thread_ts = file.messages.get(channel, ""), file.threads.get(channel, "")
            if not ts or not may_be_recording(file) or await self._book.at(channel, ts) is not None:
                return
            message = await self._slack.messages.get(channel, ts, thread_ts)
        except SlackUnavailable as exc:
            raise FOR_MINUTES.after(job, self._clock.now(), exc) from exc
        except RecordingRefused:
            return
        await note(job.progress)  # if the job was erased in the meantime, it must not bring back what was erased
        await self._intake.take_message(message or SharedMessage(channel, ts, thread_ts, file.user, files=(file,)))
