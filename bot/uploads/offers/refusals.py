"""Tell the person who shared a file that claims to be a recording why it can't be uploaded: once, and only them."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.clock import Clock
from bot.errors import NotInChannel, RecordingRefused, SlackDenied, SlackError, SlackUnavailable
from bot.model.job import Job, JobKind, Note
from bot.model.uploads import SharedMessage
from bot.render.uploads.offers import refusal_message
from bot.slack.client import Slack
from bot.storage.stores import JobQueue
from bot.texts import texts_for
from bot.uploads.offers.inspection import RefusedFile
from bot.uploads.retrying import FOR_MINUTES
from bot.uploads.sources import claims_to_be_recording

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefusedShare:
    channel: str
    user: str
    """Who shared it."""
    is_by_bot: bool
    file: str
    name: str
    reason: str
    """As in RecordingRefused."""
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TellingProgress:
    telling: bool = False
    """The person may have seen it: an ephemeral message can't be looked for, so it isn't sent twice."""


REFUSED = JobKind("offer_refused", RefusedShare, TellingProgress)


class Refusals:
    def __init__(self, queue: JobQueue, slack: Slack, clock: Clock) -> None:
        self._queue = queue
        self._slack = slack
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(REFUSED, self._tell)

    async def promise(self, message: SharedMessage, refused: Iterable[RefusedFile]) -> None:
        """Promise to tell the person who shared these why they can't be uploaded: once for each file in a channel.

        Files that don't claim to be recordings, or were deleted, are ignored.
        """
        for refusal in refused:
            file, why = refusal.file, refusal.why
            if claims_to_be_recording(file) and why.reason != "gone":
                payload = RefusedShare(
                    channel=message.channel,
                    user=message.user or file.user,
                    is_by_bot=message.is_by_bot,
                    file=file.id,
                    name=why.name,
                    reason=why.reason,
                    values=why.values,
                )
                await self._queue.promise(REFUSED, f"{REFUSED.name}:{message.channel}:{file.id}", payload)

    async def promise_unread(self, message: SharedMessage, exc: BaseException) -> None:
        """Promise the same for all files of a message, if they couldn't even be read."""
        reason = _reason_of(exc)
        await self.promise(message, [RefusedFile(file, RecordingRefused(reason, file.name)) for file in message.files])

    async def _tell(self, job: Job[RefusedShare, TellingProgress], note: Note[TellingProgress]) -> None:
        if job.progress.telling:
            return
        share = job.payload
        try:
            is_by_bot = share.is_by_bot or not share.user or (await self._slack.people.get(share.user)).is_bot
        except SlackUnavailable as exc:
            raise FOR_MINUTES.after(job, self._clock.now(), exc) from exc
        except SlackError:
            is_by_bot = False
        if is_by_bot:
            log.warning(
                "the file %s that a bot shared in %s can't be uploaded (%s)", share.file, share.channel, share.reason
            )
            return
        await note(replace(job.progress, telling=True))
        why = RecordingRefused(share.reason, share.name, share.values)
        try:
            # Not in the thread: nobody has opened that yet, so it wouldn't be seen.
            payload = refusal_message(texts_for(await self._slack.people.find(share.user)), why)
            await self._slack.messages.post_ephemeral(share.channel, share.user, payload)
        except SlackError as exc:
            if exc.code == "ratelimited":  # certainly not sent
                await note(replace(job.progress, telling=False))
                raise FOR_MINUTES.after(job, self._clock.now(), exc) from exc
            log.warning(
                "nobody could be told why the file %s in %s can't be uploaded (%s)", share.file, share.channel, exc.code
            )


def _reason_of(exc: BaseException) -> str:
    """Return why a file can't be uploaded that couldn't even be read, as a reason of RecordingRefused."""
    match exc:
        case SlackDenied() | NotInChannel():
            return "permission"
        case SlackUnavailable():
            return "truncated"
        case _:
            return "other"
