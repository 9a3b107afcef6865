"""What each subscription of a channel did with a conversation, or will do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.access.audience import Audience
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import DELIVERY
from bot.digests.due import DueDigests
from bot.digests.job_kinds import CARD, DIGEST
from bot.digests.rules import counts_from, is_news
from bot.digests.schedule import next_due
from bot.digests.window import LOOK_BACK, UNANALYSED, looks_back_to
from bot.domains import matches_any
from bot.errors import KickscaleError, RangeTooWide, SlackError
from bot.model.audit import AuditKind, AuditRow
from bot.model.conversation import Conversation
from bot.model.digests import DigestState, Subscription, Upcoming
from bot.model.explanation import EXTERNAL_ONLY, HELD, TO_COME, Reason, Verdict
from bot.model.messages import Posted
from bot.storage.stores import CardStore, DigestStore, JobQueue, SubscriptionStore

RECENT_DIGESTS = 14


class Verdicts:
    def __init__(
        self,
        *,
        queue: JobQueue,
        subscriptions: SubscriptionStore,
        digests: DigestStore,
        cards: CardStore,
        due: DueDigests,
        conversations: Conversations,
        audience: Audience,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._subscriptions = subscriptions
        self._digests = digests
        self._cards = cards
        self._due = due
        self._conversations = conversations
        self._audience = audience
        self._clock = clock

    async def of_channel(
        self, channel: str, conversation: Conversation, posted: Sequence[Posted], remembered: Sequence[AuditRow]
    ) -> list[Verdict]:
        """Return a verdict for each subscription of the channel.

        `posted` are the messages that the conversation is in, and `remembered` are its rows in the audit log; both have
        the oldest first.
        """
        held_here = [row.what for row in remembered if row.kind is AuditKind.HELD and row.channel == channel]
        held_before = held_here[-1] if held_here else ""
        verdicts = [
            await self._judge_past(subscription, conversation, posted, held_before)
            or await self._judge_future(subscription, conversation)
            for subscription in await self._subscriptions.of_channel(channel)
        ]
        if any(verdict.reason in EXTERNAL_ONLY for verdict in verdicts) and await self._is_internal(conversation):
            verdicts = [
                replace(verdict, reason="internal", at=None) if verdict.reason in EXTERNAL_ONLY else verdict
                for verdict in verdicts
            ]
        held_now = await self._why_held(channel) if any(verdict.reason in TO_COME for verdict in verdicts) else ""
        why = dict.fromkeys(TO_COME, held_now) | dict.fromkeys(HELD, held_before)
        return [replace(verdict, held=why.get(verdict.reason, "")) for verdict in verdicts]

    async def _is_internal(self, conversation: Conversation) -> bool:
        """Return False if Kickscale can't say: then the digests can't read it either, and try again."""
        try:
            return not await self._conversations.is_external(conversation)
        except (KickscaleError, RangeTooWide):
            return False

    async def _why_held(self, channel: str) -> str:
        """Return why nothing may be posted there; empty if something may be posted, or if Slack can't say."""
        try:
            return await self._audience.why_held(channel)
        except SlackError:
            return ""

    # ---- past --------------------------------------------------------------------------------------------------------

    async def _judge_past(
        self, subscription: Subscription, conversation: Conversation, posted: Sequence[Posted], held_before: str
    ) -> Verdict | None:
        """Return what the subscription did with it; None if nothing yet."""
        kinds = (DIGEST.name, CARD.name)
        own = [message for message in posted if message.by == subscription.id and message.kind in kinds]
        if any(message.channel == subscription.channel for message in own):
            return Verdict(subscription, "listed")
        if subscription.live:
            return await self._judge_past_card(subscription, conversation, posted)
        if own:  # elsewhere: held from here, or posted when the subscription was in another channel
            return Verdict(subscription, "held" if held_before else "listed", own[-1].posted_at)
        rows = await self._digests.listing(conversation.id)
        row = next((row for row in reversed(rows) if row.subscription == subscription.id), None)
        if row is None:
            return None
        if row.state is not DigestState.BEGUN:
            return Verdict(subscription, "deleted", row.posted_at or row.due_at)
        upcoming = await self._due.upcoming(subscription)
        is_tried = upcoming is not None and upcoming.trying is not None and upcoming.trying.day == row.day
        return Verdict(subscription, "posting", row.due_at) if is_tried else None

    async def _judge_past_card(
        self, subscription: Subscription, conversation: Conversation, posted: Sequence[Posted]
    ) -> Verdict | None:
        card = await self._cards.get(subscription.channel, conversation.id)
        is_own = card is not None and card.subscription == subscription.id
        if card is None or not (is_own or matches_any(subscription.domains, conversation.customer_domains)):
            return None
        if not card.subscription:
            return Verdict(subscription, "given_up", card.posted_at)
        if not is_own:
            return Verdict(subscription, "listed")
        if card.ts or not card.shown:  # without `shown` it was erased, except that there was one
            return Verdict(subscription, "deleted", card.posted_at)
        sent = [
            message for message in posted if message.kind == DELIVERY.name and message.by == subscription.created_by
        ]
        if sent:
            return Verdict(subscription, "held", sent[-1].posted_at)
        promised = await self._queue.unfinished(DELIVERY, channel=card.channel, id=card.conversation)
        return Verdict(subscription, "held_soon" if promised else "held_not", card.posted_at)

    # ---- future ------------------------------------------------------------------------------------------------------

    async def _judge_future(self, subscription: Subscription, conversation: Conversation) -> Verdict:
        if not matches_any(subscription.domains, conversation.customer_domains):
            return Verdict(subscription, "domain" if conversation.customer_domains else "no_domain")
        if conversation.starts_at is None:
            return Verdict(subscription, "no_start")
        since = counts_from(subscription, conversation)
        is_new = is_news(subscription, conversation) if subscription.live else conversation.starts_at >= since
        if not is_new:
            return Verdict(subscription, "before_live" if subscription.live else "before", since)
        if subscription.live and not subscription.paused:
            return await self._judge_future_card(subscription, conversation, conversation.starts_at)
        upcoming = await self._due.upcoming(subscription)
        if upcoming is None:
            return Verdict(subscription, "paused")
        return await self._judge_future_digest(subscription, upcoming, conversation, conversation.starts_at)

    async def _judge_future_card(
        self, subscription: Subscription, conversation: Conversation, starts_at: datetime
    ) -> Verdict:
        if await self._queue.unfinished(CARD, channel=subscription.channel, id=conversation.id):
            return Verdict(subscription, "posting_live" if conversation.is_analysed else "unanalysed_live")
        if starts_at < self._clock.now() - LOOK_BACK:
            return Verdict(subscription, "too_old_live")
        return Verdict(subscription, "live_soon" if conversation.is_analysed else "unanalysed_live")

    async def _judge_future_digest(
        self, subscription: Subscription, upcoming: Upcoming, conversation: Conversation, starts_at: datetime
    ) -> Verdict:
        """Return which digest lists a conversation that none has listed yet."""
        trying, due = upcoming.trying, upcoming.due
        ready_at = starts_at if conversation.is_analysed else starts_at + UNANALYSED
        is_tried = (
            trying is not None
            and ready_at < trying.at
            and await self._digests.get(subscription.id, trying.day) is None  # it isn't chosen yet what it lists
        )
        if trying is not None and is_tried:
            due = trying
        elif ready_at >= due.at:
            due = next_due(subscription, ready_at)
        start = await self._digests.last_made(subscription.id, due.at) or subscription.since
        if starts_at < looks_back_to(start):
            return Verdict(subscription, "too_old", due.at)
        if is_tried:
            return Verdict(subscription, "trying", due.at)
        if due != upcoming.due and not conversation.is_analysed:
            return Verdict(subscription, "unanalysed", due.at)
        return Verdict(subscription, await self._why_missed(subscription, starts_at) or "due", due.at)

    async def _why_missed(self, subscription: Subscription, starts_at: datetime) -> Reason | None:
        """Return why the digest that should have listed it didn't, if the next one will."""
        rows = await self._digests.of_subscription(subscription.id, RECENT_DIGESTS)
        states = [row.state for row in rows if row.due_at > starts_at]
        if states and states[0] is DigestState.FAILED:
            return "failed"
        return "dropped" if states and states[0] is DigestState.DROPPED else None
