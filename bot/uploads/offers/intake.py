"""Writes down, as jobs, what Slack reports about recordings, before the report is acknowledged."""

from dataclasses import dataclass

from bot.model.job import JobKind, NoProgress
from bot.model.uploads import SharedMessage, SlackFile
from bot.storage.stores import JobQueue
from bot.uploads.offers.channels import UploadChannels
from bot.uploads.sources import may_be_recording


@dataclass(frozen=True, slots=True)
class Shared:
    """A message with files, or one that mentions the bot."""

    channel: str
    ts: str
    thread_ts: str
    user: str
    text: str
    files: tuple[tuple[str, ...], ...]
    """The id, name and media type of each file; jobs of an earlier version lack the media type."""
    asked_by: str
    """Who mentioned the bot; empty if nobody did, or if the mention has a job of its own."""
    is_by_bot: bool = False

    @classmethod
    def of(cls, message: SharedMessage, asked_by: str) -> "Shared":
        return cls(
            channel=message.channel,
            ts=message.ts,
            thread_ts=message.thread_ts,
            user=message.user,
            text=message.text,
            files=tuple((file.id, file.name, file.mimetype) for file in message.files),
            asked_by=asked_by,
            is_by_bot=message.is_by_bot,
        )

    def read(self) -> SharedMessage:
        return SharedMessage(
            channel=self.channel,
            ts=self.ts,
            thread_ts=self.thread_ts,
            user=self.user,
            text=self.text,
            files=tuple(SlackFile(id_, name, 0, "".join(mimetype)) for id_, name, *mimetype in self.files),
            is_by_bot=self.is_by_bot,
        )


@dataclass(frozen=True, slots=True)
class OfferingProgress:
    unasked: bool = False
    """Uploads may have been promised without asking."""


OFFER = JobKind("offer", Shared, OfferingProgress)


@dataclass(frozen=True, slots=True)
class FileShared:
    file: str
    channel: str


BACKSTOP = JobKind("file_shared", FileShared, NoProgress)


class Intake:
    def __init__(self, queue: JobQueue, channels: UploadChannels) -> None:
        self._queue = queue
        self._channels = channels

    async def take_message(self, message: SharedMessage, asked_by: str = "") -> None:
        """Write down that somebody shared files, or (`asked_by`) mentioned the bot: an offer follows if there is one.

        Unless the bot was mentioned, this does nothing if no file can be a recording, or if the channel is off.
        """
        if not asked_by:
            if not any(may_be_recording(file) for file in message.files):
                return
            if await self._channels.is_off(message.channel):
                return
        key = f"{OFFER.name}:{message.channel}:{message.ts}:{asked_by}"
        await self._queue.promise(OFFER, key, Shared.of(message, asked_by))

    async def take_file(self, file: str, channel: str) -> None:
        """Write down Slack's second report of a shared file, in case the first one, the message, never arrives.

        Does nothing if the channel is off.
        """
        if not await self._channels.is_off(channel):
            await self._queue.promise(BACKSTOP, f"{BACKSTOP.name}:{channel}:{file}", FileShared(file, channel))
