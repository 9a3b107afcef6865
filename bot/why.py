"""`/kickscale why ID`: where a conversation was posted, when and for whom, or why it was not."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.clock import Clock
from bot.conversations import Conversations
from bot.domains import matches_any
from bot.errors import GoneError, KickscaleError, RangeTooWide
from bot.models import (
    AuditKind,
    Conversation,
    DigestState,
    Explanation,
    Kind,
    Reason,
    Subscription,
    Upcoming,
    Verdict,
    Viewer,
)
from bot.schedule import next_due
from bot.storage import Database
from bot.subscriptions import Subscriptions
from bot.windows import LOOK_BACK, UNANALYSED, is_analysed, looks_back_to

EXTERNAL_ONLY = frozenset(
    ("too_old", "too_old_live", "unanalysed", "unanalysed_live", "trying", "due", "live_soon", "failed", "dropped")
)
"""The reasons that are true of what Kickscale has among its external conversations: no other is looked for."""


class Why:
    def __init__(
        self, database: Database, conversations: Conversations, subscriptions: Subscriptions, clock: Clock
    ) -> None:
        self._database = database
        self._conversations = conversations
        self._subscriptions = subscriptions
        self._clock = clock

    async def explain(self, id: str, viewer: Viewer) -> Explanation:  # noqa: A002
        """Raises GoneError where neither Kickscale nor the bot knows the id, AccessDenied, KickscaleError."""
        posted = await self._database.ledger.of_conversation(id)
        conversation = await self._conversation(id, viewer)
        remembered = await self._database.audit.of_conversation(id, (AuditKind.HELD, AuditKind.ERASED))
        if conversation is None and not posted and not remembered:
            raise GoneError("conversation", id)
        subscriptions = await self._database.subscriptions.of_channel(viewer.channel)
        verdicts = await self._verdicts(subscriptions, conversation) if conversation else []
        return Explanation(id, conversation, tuple(posted), tuple(verdicts), tuple(remembered))

    async def _conversation(self, id: str, viewer: Viewer) -> Conversation | None:  # noqa: A002
        for kind in Kind:
            try:
                return await self._conversations.open(viewer, kind, id)
            except GoneError:
                continue
        return None

    async def _verdicts(self, subscriptions: Iterable[Subscription], conversation: Conversation) -> list[Verdict]:
        verdicts = [await self._verdict(each, conversation) for each in subscriptions]
        if any(each.reason in EXTERNAL_ONLY for each in verdicts) and await self._is_internal(conversation):
            return [
                replace(each, reason="internal", at=None) if each.reason in EXTERNAL_ONLY else each for each in verdicts
            ]
        return verdicts

    async def _is_internal(self, conversation: Conversation) -> bool:
        """False also where Kickscale does not tell: then it can't be read for the digests either, which try again."""
        try:
            return not await self._conversations.is_external(conversation)
        except (KickscaleError, RangeTooWide):
            return False

    async def _verdict(self, subscription: Subscription, conversation: Conversation) -> Verdict:
        listed = [
            row for row in await self._database.digests.listing(conversation.id) if row.subscription == subscription.id
        ]
        if listed:
            return Verdict(subscription, "listed", listed[-1].posted_at or listed[-1].due_at)
        card = await self._database.cards.get(subscription.channel, conversation.id) if subscription.live else None
        if card is not None:
            return Verdict(subscription, "listed" if card.subscription else "given_up", card.posted_at)
        if not matches_any(subscription.domains, conversation.customer_domains):
            return Verdict(subscription, "domain" if conversation.customer_domains else "no_domain")
        if conversation.starts_at is None:
            return Verdict(subscription, "no_start")
        if conversation.starts_at < subscription.since:
            return Verdict(subscription, "before", subscription.since)
        if subscription.live and not subscription.paused:
            return self._live(subscription, conversation, conversation.starts_at)
        upcoming = await self._subscriptions.upcoming(subscription)
        if upcoming is None:
            return Verdict(subscription, "paused")
        return await self._to_come(subscription, upcoming, conversation, conversation.starts_at)

    def _live(self, subscription: Subscription, conversation: Conversation, began: datetime) -> Verdict:
        if began < self._clock.now() - LOOK_BACK:
            return Verdict(subscription, "too_old_live")
        return Verdict(subscription, "live_soon" if is_analysed(conversation) else "unanalysed_live")

    async def _to_come(
        self, subscription: Subscription, upcoming: Upcoming, conversation: Conversation, began: datetime
    ) -> Verdict:
        """Which digest has what none had yet."""
        trying, due = upcoming.trying, upcoming.due
        ready = began if is_analysed(conversation) else began + UNANALYSED
        is_tried = (
            trying is not None
            and ready < trying.at
            and await self._database.digests.get(subscription.id, trying.day) is None  # not chosen yet what is in it
        )
        if trying is not None and is_tried:
            due = trying
        elif ready >= due.at:
            due = next_due(subscription, ready)
        start = await self._database.digests.last_made(subscription.id, due.at) or subscription.since
        if began < looks_back_to(start, due.at):
            return Verdict(subscription, "too_old", due.at)
        if is_tried:
            return Verdict(subscription, "trying", due.at)
        if due != upcoming.due and not is_analysed(conversation):
            return Verdict(subscription, "unanalysed", due.at)
        return Verdict(subscription, await self._last_state(subscription, began) or "due", due.at)

    async def _last_state(self, subscription: Subscription, began: datetime) -> Reason | None:
        """Whether a digest that should have had it failed, and the next one will have it."""
        rows = await self._database.digests.of_subscription(subscription.id, 14)
        states = [row.state for row in rows if row.due_at > began]
        if states and states[0] is DigestState.FAILED:
            return "failed"
        return "dropped" if states and states[0] is DigestState.DROPPED else None
