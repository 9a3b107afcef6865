"""Finding news: conversations whose card is missing in a channel that subscribed to them, or out of date.

Kickscale's webhook only reports meetings, and may not be set up. So calls and meetings are also looked for at regular
intervals. For each card that may have to change, a job is promised, which reads the conversation again and decides by
what it finds then.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.access.audience import Audience
from bot.clock import Clock
from bot.digests.cards import card_key, find_first_with_news, find_subscribed
from bot.digests.job_kinds import CARD, CardPayload
from bot.digests.window import LOOK_BACK
from bot.errors import KickscaleError, RangeTooWide
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.window import read_window
from bot.model.conversation import Conversation
from bot.model.digests import Card, Subscription
from bot.render.digests.live_card import fingerprint
from bot.storage.stores import CardStore, JobQueue, Leases, SubscriptionStore

log = logging.getLogger(__name__)

LEASE = "look for news"
RECENT = timedelta(days=1)
"""Most conversations are analysed within hours of their start: these are read each time."""
READ_ALL = timedelta(hours=1)
"""How often everything is read that may have changed."""


class News:
    def __init__(
        self,
        *,
        queue: JobQueue,
        subscriptions: SubscriptionStore,
        cards: CardStore,
        leases: Leases,
        client: KickscaleClient,
        bindings: CurrentBinding,
        audience: Audience,
        clock: Clock,
        holder: str,
        interval: timedelta,
    ) -> None:
        """`holder` is this process's name among those that share the database; `poll` is called once an `interval`."""
        self._queue = queue
        self._subscriptions = subscriptions
        self._cards = cards
        self._leases = leases
        self._client = client
        self._bindings = bindings
        self._audience = audience
        self._clock = clock
        self._holder = holder
        self._interval = interval
        self._read_all_at = clock.elapsed() - READ_ALL

    async def take_report(self, meeting: Conversation) -> None:
        """Promise the cards of a meeting that the webhook reports as analysed. A repeat does nothing."""
        # The webhook reports internal meetings too, and only the list of external ones tells them apart. If this one
        # has no customer's domain, `poll` finds it in that list; otherwise the job asks. Its cards are checked anyway.
        live = await self._live() if meeting.customer_domains else []
        await self._promise_cards([meeting], live, is_reported=True)

    async def poll(self) -> None:
        """Look for what was analysed or has changed, unless nobody subscribed or another bot looks."""
        live = await self._live()
        now = self._clock.now()
        # The lease ends before this bot's own next look, so that another bot takes over if this one dies.
        lease = self._interval.total_seconds() * 0.9
        if not live or not await self._leases.take(LEASE, self._holder, now, lease):
            return
        looked_at = self._clock.elapsed()
        is_whole = looked_at - self._read_all_at >= READ_ALL
        await self._bindings.ready()
        try:
            conversations = await read_window(self._client, now - (LOOK_BACK if is_whole else RECENT), now)
        except (KickscaleError, RangeTooWide) as exc:
            log.warning("looking for news failed (%s); the next look follows", type(exc).__name__)
            return
        await self._promise_cards([conversation for conversation in conversations if conversation.is_analysed], live)
        if is_whole:
            self._read_all_at = looked_at

    async def _live(self) -> list[Subscription]:
        return [subscription for subscription in await self._subscriptions.active() if subscription.live]

    async def _promise_cards(
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
