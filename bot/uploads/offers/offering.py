"""Offers to upload recordings: made when somebody shares them in a channel, or mentions the bot with them."""

from dataclasses import replace

from bot.clock import Clock
from bot.errors import AccessDenied, AccessUndecided, RecordingRefused, SlackUnavailable
from bot.model.job import Job, Note
from bot.model.uploads import Offer, SharedMessage
from bot.storage.stores import JobQueue
from bot.uploads.offers.acceptance import Acceptance
from bot.uploads.offers.automatic import AutomaticUploads
from bot.uploads.offers.book import OfferBook
from bot.uploads.offers.channels import UploadChannels
from bot.uploads.offers.inspection import Inspection
from bot.uploads.offers.intake import OFFER, OfferingProgress, Shared
from bot.uploads.offers.mentions import Mentions
from bot.uploads.offers.message import OfferMessages
from bot.uploads.offers.replies import Replies
from bot.uploads.retrying import FOR_MINUTES


class Offering:
    def __init__(  # noqa: PLR0917 every way that an offer can take
        self,
        channels: UploadChannels,
        mentions: Mentions,
        book: OfferBook,
        inspection: Inspection,
        acceptance: Acceptance,
        automatic: AutomaticUploads,
        messages: OfferMessages,
        replies: Replies,
        clock: Clock,
    ) -> None:
        self._channels = channels
        self._mentions = mentions
        self._book = book
        self._inspection = inspection
        self._acceptance = acceptance
        self._automatic = automatic
        self._messages = messages
        self._replies = replies
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(OFFER, self._offer, on_failure=self._replies.tell_failure)

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
        shared, asked_by = job.payload, job.payload.asked_by
        message = shared.read()
        if asked_by:
            try:
                message = await self._mentions.find_meant(message, asked_by)
            except AccessDenied as exc:
                await self._replies.say_denied(job, exc)
                return
        recordings, refused = await self._inspection.split(message, is_asked=bool(asked_by))
        await self._replies.say_refused(shared, refused, is_nothing_left=not recordings)
        if not recordings:
            return
        await note(job.progress)  # if the job was erased in the meantime, it must not bring back what was erased
        offer = await self._book.open(replace(message, files=tuple(recordings)))
        if asked_by and (known := await self._acceptance.known(offer.id, asked_by)):
            await self._replies.say_known(shared, known)
            return
        if not (await self._book.remaining(offer)).files:
            return
        if await self._upload_unasked(job, note, offer):
            return
        # Slack reports a message that mentions the bot twice. It is offered once, whichever report comes first.
        if await self._mentions.is_in(message):
            asked_by = asked_by or message.user
        # A person who asks below a message is answered there.
        await self._messages.promise(offer, shared.ts, asked_by)

    async def _upload_unasked(
        self, job: Job[Shared, OfferingProgress], note: Note[OfferingProgress], offer: Offer
    ) -> bool:
        """Promise the uploads at once, if the channel was attested for; False if a person has to be asked."""
        attested = await self._automatic.find_attestation(offer)
        if attested is None:
            return False
        remaining = await self._automatic.find_remaining(offer, has_begun=job.progress.unasked)
        if remaining is None or not remaining.files:
            return remaining is not None
        values = await self._automatic.fill_in(remaining, attested)
        if values is None:
            return False
        await note(replace(job.progress, unasked=True))
        await self._automatic.promise(remaining, values, attested)
        return True
