"""Offers: which recordings a message has, and which of them were promised from its thread."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from bot.clock import Clock
from bot.errors import GoneError
from bot.model.uploads import Offer, OfferedFile, SharedMessage, Upload
from bot.slack.client import Slack
from bot.storage.upload_stores import OfferStore, UploadStore
from bot.texts.languages import DEFAULT


class OfferBook:
    def __init__(self, offers: OfferStore, uploads: UploadStore, slack: Slack, clock: Clock) -> None:
        self._offers = offers
        self._uploads = uploads
        self._slack = slack
        self._clock = clock

    async def open(self, message: SharedMessage) -> Offer:
        """Return the offer of a message's recordings: a new one, or the first one, with those that it doesn't have."""
        sharer = await self._slack.people.find(message.user) if message.user else None
        offer = Offer(
            id=secrets.token_hex(8),
            channel=message.channel,
            message_ts=message.ts,
            thread_ts=message.thread_ts,
            shared_by=message.user,
            text=message.text,
            files=tuple(OfferedFile(file.id, file.name, file.size) for file in message.files),
            created_at=self._clock.now(),
            language=sharer.language if sharer else DEFAULT,
        )
        kept, _ = await self._offers.add_offer(offer)
        return kept

    async def find(self, id: str) -> Offer | None:  # noqa: A002
        return await self._offers.offer(id)

    async def require(self, id: str) -> Offer:  # noqa: A002
        """Return an offer. Raises GoneError."""
        offer = await self._offers.offer(id)
        if offer is None:
            raise GoneError("offer", id)
        return offer

    async def at(self, channel: str, message_ts: str) -> Offer | None:
        """Return the offer of this message."""
        return await self._offers.offer_at(channel, message_ts)

    async def offer_of(self, upload: Upload) -> Offer:
        """Return the offer in an upload's thread that has its recording. Raises GoneError."""
        offer = await self._offers.offer_of(upload.channel, upload.thread_ts, upload.source)
        if offer is None:
            raise GoneError("offer")
        return offer

    async def uploads(self, offer: Offer) -> list[Upload]:
        """Return the uploads of its files, from any thread."""
        uploads = [await self._uploads.of_source(file.id) for file in offer.files]
        return [upload for upload in uploads if upload]

    async def promised(self, offer: Offer) -> list[Upload]:
        """Return the uploads that were promised from its thread, and that didn't fail."""
        return [
            upload
            for upload in await self.uploads(offer)
            if not upload.state.can_be_repeated and is_from(upload, offer)
        ]

    async def remaining(self, offer: Offer) -> Offer:
        """Return the offer with only those files that aren't promised."""
        return without(offer, await self.promised(offer))

    async def decline(self, offer: Offer) -> None:
        await self._offers.decline_offer(offer.id)

    async def record_message(self, offer: Offer, ts: str) -> None:
        """Record which message asks about it."""
        await self._offers.record_offer_message(offer.id, ts)


def is_from(upload: Upload, offer: Offer) -> bool:
    """Return whether an upload was promised in the thread of this offer."""
    return (upload.channel, upload.thread_ts) == (offer.channel, offer.thread_ts)


def without(offer: Offer, uploads: Iterable[Upload]) -> Offer:
    """Return the offer with only those files that these uploads aren't of."""
    sources = {upload.source for upload in uploads}
    return replace(offer, files=tuple(file for file in offer.files if file.id not in sources))


def posted_at(offer: Offer) -> datetime:
    """Return when the message with the recordings was posted."""
    try:
        return datetime.fromtimestamp(float(offer.message_ts), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return offer.created_at
