"""Sends the card of a conversation to a channel, once; or to the subscription's creator, if it is held."""

from collections.abc import Iterable

from bot.access.audience import Audience
from bot.clock import Clock
from bot.conversations.private_delivery import EVENT_TYPE, PrivateDeliveries
from bot.digests.cards import card_key
from bot.digests.job_kinds import CARD, CardJob, CardNote, CardProgress
from bot.jobs.outbox import Entry, Outbox, Subjects
from bot.model.conversation import Conversation
from bot.model.digests import Card, Subscription
from bot.observe.metrics import Metrics
from bot.render.conversations.card_message import card_message
from bot.render.digests.live_card import fingerprint
from bot.storage.stores import CardStore
from bot.texts import texts_in


class CardSender:
    def __init__(
        self,
        *,
        cards: CardStore,
        outbox: Outbox,
        audience: Audience,
        deliveries: PrivateDeliveries,
        clock: Clock,
        metrics: Metrics,
        link_template: str,
    ) -> None:
        self._cards = cards
        self._outbox = outbox
        self._audience = audience
        self._deliveries = deliveries
        self._clock = clock
        self._metrics = metrics
        self._link_template = link_template

    async def recover(self, job: CardJob) -> Card | None:
        """Return the card that an earlier attempt posted, whatever became of its conversation and subscription since.

        Raises SlackError if Slack can't say: even a closed channel doesn't mean that there is none.
        """
        channel, id_, progress = job.payload.channel, job.payload.id, job.progress
        ts = await self._outbox.find(_entry(job, progress.subscription))
        if ts is None:
            return None
        # What it shows isn't known: it is edited like one that shows something else.
        card = Card(channel, id_, progress.subscription, self._clock.now(), ts, version=1)
        await self._record(job, card, progress.domains)
        return card

    async def post(self, job: CardJob, note: CardNote, subscription: Subscription, conversation: Conversation) -> None:
        """Post the card, or promise it to the subscription's creator, and write it down. Raises SlackError."""
        ts = await self._post_or_hold(job, note, subscription, conversation)
        shown, seen = fingerprint(conversation), job.payload.seen
        if shown != seen:
            seen = ""  # as in `CardEditor.edit`
        now = self._clock.now()
        card = Card(subscription.channel, conversation.id, subscription.id, now, ts, shown, seen, version=1)
        await self._record(job, card, conversation.customer_domains)

    async def _post_or_hold(
        self, job: CardJob, note: CardNote, subscription: Subscription, conversation: Conversation
    ) -> str:
        """Return the ts of the card; empty if it goes to the subscription's creator instead. Raises SlackError."""
        channel = subscription.channel
        judgement = await self._audience.judge(channel, [conversation])
        if judgement.is_held:
            await self._deliveries.promise(subscription.created_by, channel, conversation, judgement.why)
            return ""
        await note(CardProgress(posting=True, subscription=subscription.id, domains=conversation.customer_domains))
        (shown,) = judgement.conversations
        payload = card_message(
            texts_in(subscription.language), shown, link_template=self._link_template, followed_by=subscription
        )
        return await self._outbox.send(_entry(job, subscription.id), payload)

    async def _record(self, job: CardJob, card: Card, domains: Iterable[str]) -> None:
        """Write down that the card is there, or that there will never be one."""
        if card.ts:
            subjects = Subjects((card.conversation,), tuple(domains))
            if await self._outbox.record(_entry(job, card.subscription), card.ts, subjects):
                self._metrics.posted(CARD.name)
        # Last, since the card's row means that nothing is left to post.
        await self._cards.put(card)


def _entry(job: CardJob, subscription: str) -> Entry:
    key = card_key(job.payload.channel, job.payload.id)
    return Entry(key, CARD.name, EVENT_TYPE, job.payload.channel, job.created_at, by=subscription)
