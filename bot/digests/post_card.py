"""The job that posts the card of one conversation in one channel, and edits it later."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.access.audience import Audience
from bot.access.policy import bare
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import EVENT_TYPE, PrivateDeliveries
from bot.digests.cards import card_key, find_first_with_news, find_subscribed
from bot.digests.job_kinds import CARD, CardPayload, CardProgress
from bot.digests.pausing import Pausing
from bot.errors import GoneError, KickscaleError, RangeTooWide, SlackError, SlackUnavailable
from bot.jobs.channel_turns import ChannelTurns
from bot.jobs.outbox import Entry, Outbox, Subjects
from bot.jobs.retries import Retries
from bot.model.conversation import Conversation
from bot.model.digests import Card, Subscription
from bot.model.job import Job, Note, Retry
from bot.observe.metrics import Metrics
from bot.render.conversations.card_message import card_message
from bot.render.digests.live_card import fingerprint
from bot.render.kit.limits import Payload
from bot.slack.client import Slack
from bot.slack.failures import is_closed
from bot.storage.stores import CardStore, JobQueue, Ledger, SubscriptionStore
from bot.texts import texts_in
from bot.tools.backoff import Backoff

log = logging.getLogger(__name__)

RETRIES = Retries(Backoff(30.0, longest=900.0), patience=timedelta(days=1))
"""After a day it isn't news any more."""
LOOK_AGAIN = 30.0
BEHIND = timedelta(minutes=15)
"""How long Kickscale's API may lag behind its webhook and its lists: in what it knows of a conversation's analysis and
customers, or in listing it at all."""

CardJob = Job[CardPayload, CardProgress]
CardNote = Note[CardProgress]


class CardPoster:
    def __init__(
        self,
        *,
        subscriptions: SubscriptionStore,
        cards: CardStore,
        ledger: Ledger,
        outbox: Outbox,
        slack: Slack,
        conversations: Conversations,
        audience: Audience,
        deliveries: PrivateDeliveries,
        pausing: Pausing,
        clock: Clock,
        metrics: Metrics,
        link_template: str,
    ) -> None:
        self._subscriptions = subscriptions
        self._cards = cards
        self._ledger = ledger
        self._outbox = outbox
        self._slack = slack
        self._conversations = conversations
        self._audience = audience
        self._deliveries = deliveries
        self._pausing = pausing
        self._clock = clock
        self._metrics = metrics
        self._link_template = link_template
        self._turns = ChannelTurns(clock)

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(CARD, self._run_in_turn, on_failure=self._fail)

    async def _run_in_turn(self, job: CardJob, note: CardNote) -> None:
        with self._turns.take(job.payload.channel, job):
            await self._run(job, note)

    async def _run(self, job: CardJob, note: CardNote) -> None:
        """Do one attempt: recover the card, read the conversation, then post or edit. Raises Retry."""
        channel = job.payload.channel
        card = await self._cards.get(channel, job.payload.id)
        if card is None and job.progress.posting:
            card = await self._recover(job)
        try:
            conversation = await self._conversations.read(job.payload.kind, job.payload.id)
            is_external = await self._conversations.is_external(conversation, refresh=card is not None)
        except (KickscaleError, RangeTooWide, GoneError) as exc:  # the webhook may be ahead of the API
            raise self._retry(job, exc) from exc
        here = [
            subscription
            for subscription in await self._subscriptions.active()
            if subscription.live and subscription.channel == channel
        ]
        concerned = find_subscribed(here, conversation, self._audience)
        if card is None and not (is_external and concerned):
            self._wait_for_kickscale(job, BEHIND.total_seconds() / 3)
            return
        try:
            if card is not None:
                withdrawn = "" if is_external else "internal"
                if is_external and not self._audience.covers(channel, conversation):
                    withdrawn = "bound"
                await self._edit(card, conversation, concerned, withdrawn, job.payload.seen)
            elif (subscription := find_first_with_news(concerned, conversation)) is not None:
                if not conversation.is_analysed:
                    self._wait_for_kickscale(job, LOOK_AGAIN)
                await self._post(job, note, subscription, conversation)
        except SlackUnavailable as exc:
            raise self._retry(job, exc) from exc

    def _wait_for_kickscale(self, job: CardJob, seconds: float) -> None:
        """Raise Retry while the API may not know yet what its webhook or its list knew."""
        if self._clock.now() - job.created_at < BEHIND:
            raise Retry(after=seconds)

    # ---- post --------------------------------------------------------------------------------------------------------

    async def _recover(self, job: CardJob) -> Card | None:
        """Return the card that an earlier attempt posted, whatever became of its conversation and subscription since.

        If Slack can't say, raises Retry or, in the end, SlackError: even a closed channel doesn't mean that there is
        none.
        """
        channel, id_, progress = job.payload.channel, job.payload.id, job.progress
        try:
            ts = await self._outbox.find(self._entry(job, progress.subscription))
        except SlackError as exc:
            raise self._retry(job, exc) from exc
        if ts is None:
            return None
        # What it shows isn't known: it is edited like one that shows something else.
        card = Card(channel, id_, progress.subscription, self._clock.now(), ts, version=1)
        await self._record(job, card, progress.domains)
        return card

    async def _post(self, job: CardJob, note: CardNote, subscription: Subscription, conversation: Conversation) -> None:
        """Post the card, or pause the subscription if its channel is closed. Raises SlackError."""
        try:
            ts = await self._post_or_hold(job, note, subscription, conversation)
        except SlackError as exc:
            if not is_closed(exc):
                raise
            await self._pausing.pause(subscription, exc.code or "slack")
            return
        shown, seen = fingerprint(conversation), job.payload.seen
        if shown != seen:
            seen = ""  # as in `_edit`
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
        return await self._outbox.send(self._entry(job, subscription.id), self._render(judgement.conversations[0]))

    async def _record(self, job: CardJob, card: Card, domains: Iterable[str]) -> None:
        """Write down that the card is there, or that there is none for good."""
        if card.ts:
            subjects = Subjects((card.conversation,), tuple(domains))
            if await self._outbox.record(self._entry(job, card.subscription), card.ts, subjects):
                self._metrics.posted(CARD.name)
        # Last, since the card's row means that nothing is left to post.
        await self._cards.put(card)

    def _entry(self, job: CardJob, subscription: str) -> Entry:
        key = card_key(job.payload.channel, job.payload.id)
        return Entry(key, CARD.name, EVENT_TYPE, job.payload.channel, job.created_at, by=subscription)

    def _render(self, conversation: Conversation) -> Payload:
        return card_message(texts_in(), conversation, link_template=self._link_template)

    # ---- edit --------------------------------------------------------------------------------------------------------

    async def _edit(
        self, card: Card, conversation: Conversation, concerned: Sequence[Subscription], withdrawn: str, seen: str
    ) -> None:
        """Have the card show the conversation as it is now, without content if it is `withdrawn`, which says why.

        If nobody subscribes to it any more, the card stays as it is. Raises SlackUnavailable.
        """
        shown = fingerprint(conversation)
        if shown != seen and card.seen:
            # A record that holds less than the list, or an answer from before the change: the next look reads it again.
            seen = ""
        if withdrawn:
            conversation = bare(conversation)
            shown = fingerprint(conversation)
            if withdrawn == "internal":
                seen = ""  # so that the card comes back once a look finds it among the external ones
        elif not concerned:
            shown, seen = card.shown, card.seen  # edited once somebody subscribes to it again
        has_changed = bool(card.ts) and shown != card.shown
        if has_changed and not await self._edit_message(card, conversation, concerned, withdrawn):
            shown, seen = card.shown, card.seen
        await self._cards.put(replace(card, shown=shown, seen=seen, version=card.version + 1))

    async def _edit_message(
        self, card: Card, conversation: Conversation, concerned: Sequence[Subscription], withdrawn: str
    ) -> bool:
        """Edit the message; False if it has to wait, until its channel may see it or a subscription is resumed.

        Raises SlackUnavailable.
        """
        shown = conversation
        try:
            if withdrawn:
                await self._audience.note_withheld(card.channel, withdrawn, [conversation.id])
            else:
                judgement = await self._audience.judge(card.channel, [conversation])
                if judgement.is_held:
                    return False
                (shown,) = judgement.conversations
            await self._ledger.learn(card.channel, card.ts, domains=conversation.customer_domains)
            await self._slack.messages.edit(card.channel, card.ts, self._render(shown))
        except SlackUnavailable:
            raise
        except SlackError as exc:
            if is_closed(exc):
                for subscription in concerned:
                    await self._pausing.pause(subscription, exc.code or "slack")
                return False
            # Somebody deleted it: it isn't posted again.
            log.info("the card of %s in %s can't be edited (%s)", card.conversation, card.channel, exc.code)
        return True

    # ---- failure -----------------------------------------------------------------------------------------------------

    async def _fail(self, job: CardJob, exc: BaseException) -> None:
        """Give up for good: the next look must not promise the same job again."""
        channel, id_ = job.payload.channel, job.payload.id
        log.info("%s is given up (%s)", job.reference, type(exc).__name__)
        card = await self._cards.get(channel, id_) or Card(channel, id_, "", self._clock.now())
        # If there is a card, the next look brings it up to date.
        seen = card.seen if card.ts else job.payload.seen
        await self._cards.put(replace(card, seen=seen, version=card.version + 1))

    def _retry(self, job: CardJob, cause: Exception) -> Exception:
        return RETRIES.after(job, self._clock.now(), cause)
