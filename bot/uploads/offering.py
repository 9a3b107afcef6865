"""Offers to upload recordings: made when somebody shares them in a channel, or mentions the bot with them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.access.gate import Access
from bot.clock import Clock
from bot.errors import AccessDenied, AccessUndecided, RecordingRefused, SlackUnavailable
from bot.jobs.outbox import Outbox
from bot.model.access import Capability
from bot.model.job import Job, JobKind, Note
from bot.model.uploads import Offer, SharedMessage, SlackFile
from bot.render.errors import error_message
from bot.render.uploads.offers import nothing_message, refused_message
from bot.render.uploads.progress import known_messages
from bot.storage.stores import JobQueue
from bot.texts import texts_in
from bot.uploads.acceptance import Acceptance
from bot.uploads.automatic import AutomaticUploads
from bot.uploads.channels import UploadChannels
from bot.uploads.inspection import Inspection, RefusedFile
from bot.uploads.mentions import Mentions
from bot.uploads.offer_book import OfferBook
from bot.uploads.offer_message import OfferMessages
from bot.uploads.refusals import Refusals
from bot.uploads.retrying import FOR_MINUTES
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
    """Of each file its id, its name, and its media type, which jobs of an earlier version don't have."""
    asked_by: str
    """Who mentioned the bot; empty if nobody did, or if that is another job."""
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


class Offering:
    def __init__(  # noqa: PLR0917 every way that an offer can take
        self,
        queue: JobQueue,
        channels: UploadChannels,
        access: Access,
        book: OfferBook,
        inspection: Inspection,
        mentions: Mentions,
        refusals: Refusals,
        acceptance: Acceptance,
        automatic: AutomaticUploads,
        messages: OfferMessages,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._channels = channels
        self._access = access
        self._book = book
        self._inspection = inspection
        self._mentions = mentions
        self._refusals = refusals
        self._acceptance = acceptance
        self._automatic = automatic
        self._messages = messages
        self._outbox = outbox
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(OFFER, self._offer, on_failure=self._tell_failure)

    async def take(self, message: SharedMessage, asked_by: str = "") -> None:
        """Write down that somebody shared files, or (`asked_by`) mentioned the bot: an offer follows if there is one.

        Does nothing if no file can be a recording, or offers are off in the channel, unless the bot was mentioned.
        """
        if not asked_by:
            if not any(may_be_recording(file) for file in message.files):
                return
            if await self._channels.is_off(message.channel):
                return
        key = f"{OFFER.name}:{message.channel}:{message.ts}:{asked_by}"
        await self._queue.promise(OFFER, key, Shared.of(message, asked_by))

    async def offer_of(self, message: SharedMessage) -> tuple[Offer | None, tuple[RecordingRefused, ...]]:
        """Return the offer of a message that a person chose, and why some of its files can't be uploaded.

        None if none can. Raises SlackError.
        """
        recordings, refused = await self._inspection.split(message, is_asked=True)
        offer = await self._book.open(replace(message, files=tuple(recordings))) if recordings else None
        return offer, tuple(refusal.why for refusal in refused)

    async def _offer(self, job: Job[Shared, OfferingProgress], note: Note[OfferingProgress]) -> None:
        shared = job.payload
        if not shared.asked_by and await self._channels.is_off(shared.channel):
            return
        try:
            await self._make_offer(job, note)
        except (SlackUnavailable, AccessUndecided) as exc:
            raise FOR_MINUTES.after(job, self._clock.now(), exc) from exc

    async def _make_offer(self, job: Job[Shared, OfferingProgress], note: Note[OfferingProgress]) -> None:
        asked_by = job.payload.asked_by
        message = await self._message(job)
        if message is None:
            return
        recordings, refused = await self._inspection.split(message, is_asked=bool(asked_by))
        await self._say_refused(job, message, refused, is_nothing_left=not recordings)
        if not recordings:
            return
        await note(job.progress)  # if the job was erased in the meantime, it must not bring back what was erased
        offer = await self._book.open(replace(message, files=tuple(recordings)))
        if asked_by and (known := await self._acceptance.known(offer.id, asked_by)):
            await self._mentions.answer(job.payload.read(), asked_by, known_messages(texts_in(), known))
            return
        if not (await self._book.remaining(offer)).files:
            return
        if await self._upload_unasked(job, note, offer):
            return
        # Slack reports a message that mentions the bot twice. It is offered once, whichever report comes first.
        if await self._mentions.is_in(message):
            asked_by = asked_by or message.user
        # A person who asks below a message is answered there.
        await self._messages.promise(offer, job.payload.ts, asked_by)

    async def _message(self, job: Job[Shared, OfferingProgress]) -> SharedMessage | None:
        """Return the message with the files; None if whoever mentioned it may not upload, which they are told."""
        message, asked_by = job.payload.read(), job.payload.asked_by
        if not asked_by:
            return message
        try:
            await self._access.admit(asked_by, message.channel, Capability.UPLOAD)
        except AccessDenied as exc:
            await self._mentions.answer(message, asked_by, error_message(texts_in(), exc, job.reference))
            return None
        return await self._mentions.find_meant(message)

    async def _upload_unasked(
        self, job: Job[Shared, OfferingProgress], note: Note[OfferingProgress], offer: Offer
    ) -> bool:
        """Promise the uploads at once, if the channel was attested for; False if a person has to be asked."""
        attested = await self._automatic.attestation(offer)
        if attested is None:
            return False
        remaining = await self._automatic.remaining(offer, has_begun=job.progress.unasked)
        if remaining is None or not remaining.files:
            return remaining is not None
        values = await self._automatic.details(remaining, attested)
        if values is None:
            return False
        await note(replace(job.progress, unasked=True))
        await self._automatic.promise(remaining, values, attested)
        return True

    async def _say_refused(
        self,
        job: Job[Shared, OfferingProgress],
        message: SharedMessage,
        refused: Sequence[RefusedFile],
        *,
        is_nothing_left: bool,
    ) -> None:
        """Say why some files can't be uploaded: to the person who asked, or else to the one who shared them."""
        asked_by = job.payload.asked_by
        if not asked_by:
            if not await self._mentions.is_in(message):  # a mention has a job and an answer of its own
                await self._refusals.promise(message, refused)
        elif refused:
            payload = refused_message(texts_in(), *(refusal.why for refusal in refused))
            await self._mentions.answer(job.payload.read(), asked_by, payload)
        elif is_nothing_left:
            await self._mentions.answer(job.payload.read(), asked_by, nothing_message(texts_in()))

    async def _tell_failure(self, job: Job[Shared, OfferingProgress], exc: BaseException) -> None:
        """Tell whoever mentioned the bot, or shared something that claims to be a recording."""
        if asked_by := job.payload.asked_by:
            await self._outbox.notify(asked_by, error_message(texts_in(), exc, job.reference))
        elif not await self._mentions.is_in(message := job.payload.read()):
            await self._refusals.promise_unread(message, exc)
