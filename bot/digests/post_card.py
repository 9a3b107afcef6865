"""The job of a card: it reads the conversation, and has its card posted or edited in one channel."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.access.audience import Audience
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.digests.cards import find_first_with_news, find_subscribed
from bot.digests.edit_card import CardEditor
from bot.digests.job_kinds import CARD, CardJob, CardNote
from bot.digests.pausing import Pausing
from bot.digests.send_card import CardSender
from bot.errors import GoneError, KickscaleError, RangeTooWide, SlackError, SlackUnavailable
from bot.jobs.channel_turns import ChannelTurns
from bot.jobs.retries import Retries
from bot.model.conversation import Conversation
from bot.model.digests import Card, Subscription
from bot.model.job import Retry
from bot.slack.failures import is_closed
from bot.storage.stores import CardStore, JobQueue, SubscriptionStore
from bot.texts.languages import DEFAULT
from bot.tools.backoff import Backoff

log = logging.getLogger(__name__)

RETRIES = Retries(Backoff(30.0, longest=900.0), patience=timedelta(days=1))
"""After a day it isn't news any more."""
LOOK_AGAIN = 30.0
BEHIND = timedelta(minutes=15)
"""How long Kickscale's API may lag behind its webhook and its lists: in what it knows of a conversation's analysis and
customers, or in listing it at all."""


class CardPoster:
    def __init__(
        self,
        *,
        subscriptions: SubscriptionStore,
        cards: CardStore,
        conversations: Conversations,
        audience: Audience,
        sender: CardSender,
        editor: CardEditor,
        pausing: Pausing,
        clock: Clock,
    ) -> None:
        self._subscriptions = subscriptions
        self._cards = cards
        self._conversations = conversations
        self._audience = audience
        self._sender = sender
        self._editor = editor
        self._pausing = pausing
        self._clock = clock
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
                language = await self._language_of(card, concerned)
                await self._editor.edit(card, conversation, concerned, withdrawn, job.payload.seen, language=language)
            elif (subscription := find_first_with_news(concerned, conversation)) is not None:
                if not conversation.is_analysed:
                    self._wait_for_kickscale(job, LOOK_AGAIN)
                await self._post(job, note, subscription, conversation)
        except SlackUnavailable as exc:
            raise self._retry(job, exc) from exc

    async def _language_of(self, card: Card, concerned: Sequence[Subscription]) -> str:
        """Return the language of the subscription that the card was posted for, or else of one that concerns it now."""
        posted_for = await self._subscriptions.get(card.subscription) if card.subscription else None
        subscription = posted_for or next(iter(concerned), None)
        return subscription.language if subscription else DEFAULT

    def _wait_for_kickscale(self, job: CardJob, seconds: float) -> None:
        """Raise Retry while the API may not know yet what its webhook or its list knew."""
        if self._clock.now() - job.created_at < BEHIND:
            raise Retry(after=seconds)

    async def _post(self, job: CardJob, note: CardNote, subscription: Subscription, conversation: Conversation) -> None:
        """Post the card, or pause the subscription if its channel is closed. Raises SlackError."""
        try:
            await self._sender.post(job, note, subscription, conversation)
        except SlackError as exc:
            if not is_closed(exc):
                raise
            await self._pausing.pause(subscription, exc.code or "slack")

    async def _recover(self, job: CardJob) -> Card | None:
        """Return the card that an earlier attempt posted. Raises Retry while Slack can't say, in the end SlackError."""
        try:
            return await self._sender.recover(job)
        except SlackError as exc:
            raise self._retry(job, exc) from exc

    async def _fail(self, job: CardJob, exc: BaseException) -> None:
        """Write down that the job was given up, so that the next look doesn't promise the same one again."""
        channel, id_ = job.payload.channel, job.payload.id
        log.info("gave up on %s (%s)", job.reference, type(exc).__name__)
        card = await self._cards.get(channel, id_) or Card(channel, id_, "", self._clock.now())
        # If there is a card, the next look brings it up to date.
        seen = card.seen if card.ts else job.payload.seen
        await self._cards.put(replace(card, seen=seen, version=card.version + 1))

    def _retry(self, job: CardJob, cause: Exception) -> Exception:
        return RETRIES.after(job, self._clock.now(), cause)
