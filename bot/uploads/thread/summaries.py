"""The summary of an uploaded call, as the channel of its thread may see it."""

from bot.access.audience import Audience
from bot.conversations.private_delivery import PrivateDeliveries
from bot.model.conversation import Conversation
from bot.model.uploads import Upload
from bot.storage.stores import Ledger
from bot.storage.upload_stores import OfferStore


class Summaries:
    def __init__(self, offers: OfferStore, ledger: Ledger, audience: Audience, deliveries: PrivateDeliveries) -> None:
        self._offers = offers
        self._ledger = ledger
        self._audience = audience
        self._deliveries = deliveries

    async def for_channel(self, upload: Upload, conversation: Conversation) -> Conversation | None:
        """Return the call as the channel may see it; None if it may not, and then only its uploader gets it.

        Raises SlackError.
        """
        await self._learn(upload, conversation)
        judgement = await self._audience.judge(upload.channel, [conversation])
        if judgement.is_held:
            await self._deliveries.promise(upload.attestation.by, upload.channel, conversation, judgement.why)
            return None
        return judgement.conversations[0]

    async def _learn(self, upload: Upload, conversation: Conversation) -> None:
        """Record whom the upload's messages are about, that of its offer included, before they show it."""
        offer = await self._offers.offer_of(upload.channel, upload.thread_ts, upload.source)
        for ts in (upload.message_ts, offer.posted_ts if offer else ""):
            if ts:
                await self._ledger.learn(upload.channel, ts, (conversation.id,), conversation.customer_domains)
