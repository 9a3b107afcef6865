"""Promises the jobs of the cards that are missing or may have changed."""

from collections.abc import Iterable, Sequence

from bot.access.audience import Audience
from bot.clock import Clock
from bot.digests.cards import card_key, find_first_with_news, find_subscribed
from bot.digests.job_kinds import CARD, CardPayload
from bot.model.conversation import Conversation
from bot.model.digests import Card, Subscription
from bot.render.digests.live_card import fingerprint
from bot.storage.stores import CardStore, JobQueue


class CardPromises:
    def __init__(self, queue: JobQueue, cards: CardStore, audience: Audience, clock: Clock) -> None:
        self._queue = queue
        self._cards = cards
        self._audience = audience
        self._clock = clock

    async def promise(
        self, conversations: Iterable[Conversation], live: Sequence[Subscription], *, is_reported: bool = False
    ) -> None:
        """Promise a job for each card that is missing or may have changed, those of the oldest conversations first.

        With `is_reported`, the webhook reported them. They may have become internal, and nothing in them says so.
        """
        ordered = sorted(conversations, key=lambda conversation: conversation.starts_at or self._clock.now())
        known: dict[str, dict[str, Card]] = {}
        for card in await self._cards.of(conversation.id for conversation in ordered):
            known.setdefault(card.conversation, {})[card.channel] = card
        for conversation in ordered:
            concerned, cards = find_subscribed(live, conversation, self._audience), known.get(conversation.id, {})
            if not (concerned or cards):
                continue
            seen = fingerprint(conversation)
            await self._promise_edits(
                conversation, cards, {subscription.channel for subscription in concerned}, seen, is_reported=is_reported
            )
            for channel in dict.fromkeys(
                subscription.channel for subscription in concerned if subscription.channel not in cards
            ):
                if find_first_with_news(
                    (subscription for subscription in concerned if subscription.channel == channel), conversation
                ):
                    payload = CardPayload(conversation.kind, conversation.id, channel, seen)
                    # Again: a job that ended without a card knew less of the conversation, or another subscription.
                    await self._queue.promise(CARD, card_key(channel, conversation.id), payload, again=True)

    async def _promise_edits(
        self,
        conversation: Conversation,
        cards: dict[str, Card],
        subscribed_channels: set[str],
        seen: str,
        *,
        is_reported: bool,
    ) -> None:
        for channel, card in cards.items():
            is_concerned = channel in subscribed_channels or not self._audience.covers(channel, conversation)
            if card.ts and (is_reported or (is_concerned and seen != card.seen)):
                key = f"{CARD.name}_edit:{card.version}:{channel}:{conversation.id}"
                await self._queue.promise(CARD, key, CardPayload(conversation.kind, conversation.id, channel, seen))
