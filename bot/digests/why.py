"""`/kickscale why ID`: where a conversation was posted, when and for whom, or why it was not."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.access.audience import Audience
from bot.access.gate import Access
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import HELD as HELD_CARD
from bot.digests.digests import DIGEST
from bot.digests.live_cards import CARD
from bot.digests.rules import counts_from, is_news
from bot.digests.schedule import next_due
from bot.digests.subscriptions import Subscriptions
from bot.digests.window import LOOK_BACK, UNANALYSED, looks_back_to
from bot.domains import matches_any
from bot.errors import GoneError, KickscaleError, RangeTooWide, SlackError
from bot.model.audit import AuditKind, AuditRow
from bot.model.conversation import Conversation, Kind
from bot.model.digests import DigestState, Subscription, Upcoming
from bot.model.explanation import HELD, Explanation, Reason, Verdict
from bot.model.messages import Posted
from bot.model.people import Viewer
from bot.slack.client import AT_ONCE, Slack
from bot.storage.sqlite import Database

EXTERNAL_ONLY = frozenset(
    ("too_old", "too_old_live", "unanalysed", "unanalysed_live", "trying", "due", "live_soon", "failed", "dropped")
)
"""The reasons that are true of what Kickscale has among its external conversations: no other is looked for."""
TO_COME = frozenset(
    ("posting", "posting_live", "unanalysed", "unanalysed_live", "trying", "due", "live_soon", "failed")
)
"""Those after which something is posted, or goes to whoever made the subscription."""
MOST_ASKED = 20
"""Of how many other channels Slack is asked who can read them: the latest; the rest are not told of."""


class Why:
    def __init__(
        self,
        *,
        database: Database,
        conversations: Conversations,
        subscriptions: Subscriptions,
        audience: Audience,
        access: Access,
        slack: Slack,
        clock: Clock,
    ) -> None:
        self._database = database
        self._conversations = conversations
        self._subscriptions = subscriptions
        self._audience = audience
        self._access = access
        self._slack = slack
        self._clock = clock

    async def explain(self, id: str, viewer: Viewer) -> Explanation:  # noqa: A002
        """Raises GoneError where neither Kickscale nor the bot knows the id, AccessDenied, KickscaleError."""
        posted = await self._database.ledger.of_conversation(id)
        conversation = await self._conversation(id, viewer)
        remembered = await self._database.audit.of_conversation(id, (AuditKind.HELD, AuditKind.ERASED))
        if conversation is None and not self._access.sees_all(viewer):
            readable = {viewer.channel}  # whose it was can't be told any more
        else:
            when = {each.channel: each.posted_at for each in posted}
            for row in remembered:
                when[row.channel] = max(row.at, when.get(row.channel, row.at))
            readable = await self._readable(viewer, sorted(when, key=lambda each: when[each], reverse=True))
        told = tuple(each for each in posted if each.channel in readable)
        remembered = [each for each in remembered if each.channel in readable]
        if conversation is None and not told and not remembered:
            raise GoneError("conversation", id)
        verdicts = await self._verdicts(viewer.channel, conversation, posted, remembered) if conversation else []
        return Explanation(id, conversation, told, tuple(verdicts), tuple(remembered))

    async def _readable(self, viewer: Viewer, channels: Sequence[str]) -> set[str]:
        """Those of the channels that the viewer can read, as far as Slack tells of the first `MOST_ASKED`."""
        asked = [each for each in channels if each not in ("", viewer.channel)][:MOST_ASKED]
        slots = asyncio.Semaphore(AT_ONCE)

        async def can_read(channel: str) -> bool:
            async with slots:
                try:
                    return await self._slack.can_read(channel, viewer.person.id)
                except SlackError:
                    return False

        found = await asyncio.gather(*map(can_read, asked))
        return {"", viewer.channel, *(each for each, is_so in zip(asked, found, strict=True) if is_so)}

    async def _conversation(self, id: str, viewer: Viewer) -> Conversation | None:  # noqa: A002
        for kind in Kind:
            try:
                return await self._conversations.open(viewer, kind, id)
            except GoneError:
                continue
        return None

    # ---- what each subscription of the channel did with it, or does --------------------------------------------------

    async def _verdicts(
        self, channel: str, conversation: Conversation, posted: Sequence[Posted], remembered: Sequence[AuditRow]
    ) -> list[Verdict]:
        was_held = next((each.what for each in reversed(remembered) if _is_from(each, channel)), "")
        verdicts = [
            await self._past(each, conversation, posted, was_held) or await self._future(each, conversation)
            for each in await self._subscriptions.of_channel(channel)
        ]
        if any(each.reason in EXTERNAL_ONLY for each in verdicts) and await self._is_internal(conversation):
            verdicts = [
                replace(each, reason="internal", at=None) if each.reason in EXTERNAL_ONLY else each for each in verdicts
            ]
        is_held = await self._held(channel) if any(each.reason in TO_COME for each in verdicts) else ""
        return [
            replace(each, held=was_held if each.reason in HELD else is_held if each.reason in TO_COME else "")
            for each in verdicts
        ]

    async def _is_internal(self, conversation: Conversation) -> bool:
        """False also where Kickscale does not tell: then it can't be read for the digests either, which try again."""
        try:
            return not await self._conversations.is_external(conversation)
        except (KickscaleError, RangeTooWide):
            return False

    async def _held(self, channel: str) -> str:
        """Because of whom nothing may be posted there; empty also where Slack does not tell."""
        try:
            return await self._audience.why_held(channel)
        except SlackError:
            return ""

    async def _past(
        self, subscription: Subscription, conversation: Conversation, posted: Sequence[Posted], was_held: str
    ) -> Verdict | None:
        """What became of it; None where nothing has yet."""
        own = [each for each in posted if each.by == subscription.id and each.kind in (DIGEST, CARD)]
        if any(each.channel == subscription.channel for each in own):
            return Verdict(subscription, "listed")
        if subscription.live:
            return await self._card(subscription, conversation, posted)
        if own:  # elsewhere: held from here, or from when the subscription was another channel's
            return Verdict(subscription, "held" if was_held else "listed", own[-1].posted_at)
        rows = await self._database.digests.listing(conversation.id)
        row = next((each for each in reversed(rows) if each.subscription == subscription.id), None)
        if row is None:
            return None
        if row.state is not DigestState.BEGUN:
            return Verdict(subscription, "deleted", row.posted_at or row.due_at)
        upcoming = await self._subscriptions.upcoming(subscription)
        is_tried = upcoming is not None and upcoming.trying is not None and upcoming.trying.day == row.day
        return Verdict(subscription, "posting", row.due_at) if is_tried else None

    async def _card(
        self, subscription: Subscription, conversation: Conversation, posted: Sequence[Posted]
    ) -> Verdict | None:
        card = await self._database.cards.get(subscription.channel, conversation.id)
        is_own = card is not None and card.subscription == subscription.id
        if card is None or not (is_own or matches_any(subscription.domains, conversation.customer_domains)):
            return None
        if not card.subscription:
            return Verdict(subscription, "given_up", card.posted_at)
        if not is_own:
            return Verdict(subscription, "listed")
        if card.ts or not card.shown:  # erased, which leaves no more than that there was one
            return Verdict(subscription, "deleted", card.posted_at)
        sent = [each for each in posted if each.kind == HELD_CARD and each.by == subscription.created_by]
        if sent:
            return Verdict(subscription, "held", sent[-1].posted_at)
        is_promised = await self._database.jobs.open(HELD_CARD, channel=card.channel, id=card.conversation)
        return Verdict(subscription, "held_soon" if is_promised else "held_not", card.posted_at)

    async def _future(self, subscription: Subscription, conversation: Conversation) -> Verdict:
        if not matches_any(subscription.domains, conversation.customer_domains):
            return Verdict(subscription, "domain" if conversation.customer_domains else "no_domain")
        if conversation.starts_at is None:
            return Verdict(subscription, "no_start")
        since = counts_from(subscription, conversation)
        is_new = is_news(subscription, conversation) if subscription.live else conversation.starts_at >= since
        if not is_new:
            return Verdict(subscription, "before_live" if subscription.live else "before", since)
        if subscription.live and not subscription.paused:
            return await self._live(subscription, conversation, conversation.starts_at)
        upcoming = await self._subscriptions.upcoming(subscription)
        if upcoming is None:
            return Verdict(subscription, "paused")
        return await self._to_come(subscription, upcoming, conversation, conversation.starts_at)

    async def _live(self, subscription: Subscription, conversation: Conversation, began: datetime) -> Verdict:
        if await self._database.jobs.open(CARD, channel=subscription.channel, id=conversation.id):
            return Verdict(subscription, "posting_live" if conversation.is_analysed else "unanalysed_live")
        if began < self._clock.now() - LOOK_BACK:
            return Verdict(subscription, "too_old_live")
        return Verdict(subscription, "live_soon" if conversation.is_analysed else "unanalysed_live")

    async def _to_come(
        self, subscription: Subscription, upcoming: Upcoming, conversation: Conversation, began: datetime
    ) -> Verdict:
        """Which digest has what none had yet."""
        trying, due = upcoming.trying, upcoming.due
        ready = began if conversation.is_analysed else began + UNANALYSED
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
        if began < looks_back_to(start):
            return Verdict(subscription, "too_old", due.at)
        if is_tried:
            return Verdict(subscription, "trying", due.at)
        if due != upcoming.due and not conversation.is_analysed:
            return Verdict(subscription, "unanalysed", due.at)
        return Verdict(subscription, await self._last_state(subscription, began) or "due", due.at)

    async def _last_state(self, subscription: Subscription, began: datetime) -> Reason | None:
        """Whether a digest that should have had it failed, and the next one will have it."""
        rows = await self._database.digests.of_subscription(subscription.id, 14)
        states = [row.state for row in rows if row.due_at > began]
        if states and states[0] is DigestState.FAILED:
            return "failed"
        return "dropped" if states and states[0] is DigestState.DROPPED else None


def _is_from(row: AuditRow, channel: str) -> bool:
    return row.kind is AuditKind.HELD and row.channel == channel
