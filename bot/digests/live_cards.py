"""News as it happens: a card for each conversation, in each channel that subscribed to it, and kept current.

Kickscale's webhook tells of meetings alone, and may not be set up: so calls and meetings are also looked for from time
to time. Whoever finds one promises a job; the job reads the conversation anew and judges by what is true then.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.access.audience import Audience
from bot.access.audit import Audit
from bot.access.policy import bare
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import Held
from bot.digests.digests import paused_job
from bot.digests.rules import is_news
from bot.digests.window import LOOK_BACK
from bot.domains import matches_any
from bot.errors import GoneError, KickscaleError, RangeTooWide, SlackError, SlackUnavailable
from bot.jobs.channel_turns import Turns
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.window import read_window
from bot.model.audit import AuditKind
from bot.model.conversation import Conversation, Kind
from bot.model.digests import Card, Subscription
from bot.model.job import Job, Note, Retry
from bot.model.messages import Posted
from bot.observe.metrics import Metrics
from bot.render.digests.live_card import EVENT_TYPE, card_message, fingerprint, metadata
from bot.render.kit.limits import Payload
from bot.slack.client import Slack, is_closed
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.texts import Texts

log = logging.getLogger(__name__)

CARD = "card"
LEASE = "look for news"
RECENT = timedelta(days=1)
"""Most conversations are analysed within hours of their start: these are read each time."""
READ_ALL = timedelta(hours=1)
"""How often everything is read in which something may have changed."""
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 900.0
BEHIND = timedelta(minutes=15)
"""How long the API may tell of a conversation without the analysis or the customer that its webhook or its list had, or
have it in no list yet."""
TRIED_FOR = timedelta(days=1)
"""News that can't be posted for longer is none any more."""


class Live:
    """`holder` is this process's own name among those that share the database, `interval` that between two polls."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        database: Database,
        audit: Audit,
        slack: Slack,
        client: KickscaleClient,
        bindings: CurrentBinding,
        conversations: Conversations,
        audience: Audience,
        held: Held,
        clock: Clock,
        texts: Texts,
        metrics: Metrics,
        link_template: str,
        holder: str,
        interval: timedelta,
    ) -> None:
        self._jobs = jobs
        self._subscriptions = database.subscriptions
        self._cards = database.cards
        self._leases = database.leases
        self._ledger = database.ledger
        self._audit = audit
        self._slack = slack
        self._client = client
        self._bindings = bindings
        self._conversations = conversations
        self._audience = audience
        self._held = held
        self._clock = clock
        self._texts = texts
        self._metrics = metrics
        self._link_template = link_template
        self._holder = holder
        self._interval = interval
        self._read_all_at = clock.elapsed() - READ_ALL
        self._turns = Turns(clock)
        jobs.register(CARD, self._in_turn, on_failure=self._failed)

    # ---- what there is -----------------------------------------------------------------------------------------------

    async def heard(self, meeting: Conversation) -> None:
        """The webhook says that this meeting was analysed: on disk when this returns. A repeat does nothing."""
        # Internal meetings have a webhook too. Whether one is external only the list of external ones tells: where it
        # has no customer's domain, `poll` finds it there, and else the job asks. A card that it has is looked at anew.
        await self._promise([meeting], await self._live() if meeting.customer_domains else [], is_heard=True)

    async def poll(self) -> None:
        """Look for what was analysed or has changed; nothing where nobody subscribed, or another bot looks."""
        live = await self._live()
        now = self._clock.now()
        # Over before this bot's own next look, so that another one takes over from it.
        if not live or not await self._leases.take(LEASE, self._holder, now, self._interval.total_seconds() * 0.9):
            return
        looked_at = self._clock.elapsed()
        is_whole = looked_at - self._read_all_at >= READ_ALL
        await self._bindings.ready()
        try:
            found = await read_window(self._client, now - (LOOK_BACK if is_whole else RECENT), now)
        except (KickscaleError, RangeTooWide) as exc:
            log.warning("no look for news was possible (%s); another one follows", type(exc).__name__)
            return
        await self._promise((each for each in found if each.is_analysed), live)
        if is_whole:
            self._read_all_at = looked_at

    async def _live(self) -> list[Subscription]:
        return [each for each in await self._subscriptions.active() if each.live]

    async def _promise(
        self, conversations: Iterable[Conversation], live: Sequence[Subscription], *, is_heard: bool = False
    ) -> None:
        """A job for each card that is missing or may say something else by now; those of the oldest come first.

        One that `is_heard` of may be internal by now, which nothing in it says.
        """
        ordered = sorted(conversations, key=lambda each: each.starts_at or self._clock.now())
        known: dict[str, dict[str, Card]] = {}
        for card in await self._cards.of(each.id for each in ordered):
            known.setdefault(card.conversation, {})[card.channel] = card
        for conversation in ordered:
            covering, cards = self._covering(live, conversation), known.get(conversation.id, {})
            if not (covering or cards):
                continue
            seen = fingerprint(conversation)
            payload = {"kind": conversation.kind, "id": conversation.id, "seen": seen}
            covered = {each.channel for each in covering}
            for channel, card in cards.items():
                is_concerned = channel in covered or not self._audience.covers(channel, conversation)
                if card.ts and (is_heard or (is_concerned and seen != card.seen)):
                    edit = f"{CARD}_edit:{card.version}:{channel}:{conversation.id}"
                    await self._jobs.add(CARD, edit, {**payload, "channel": channel})
            for channel in dict.fromkeys(each.channel for each in covering if each.channel not in cards):
                if _newsworthy((each for each in covering if each.channel == channel), conversation):
                    key, told = _key(channel, conversation.id), {**payload, "channel": channel}
                    # One that ended without a card was told something else by the API, or of the subscription.
                    await self._jobs.add(CARD, key, told, is_anew=True)

    def _covering(self, live: Iterable[Subscription], conversation: Conversation) -> list[Subscription]:
        return [
            each
            for each in live
            if matches_any(each.domains, conversation.customer_domains)
            and self._audience.covers(each.channel, conversation)
        ]

    def _payload(self, conversation: Conversation) -> Payload:
        return card_message(self._texts, conversation, link_template=self._link_template)

    # ---- the job -----------------------------------------------------------------------------------------------------

    async def _in_turn(self, job: Job, note: Note) -> None:
        with self._turns.take(job.payload["channel"], job):
            await self._card(job, note)

    async def _card(self, job: Job, note: Note) -> None:
        channel = job.payload["channel"]
        card = await self._cards.get(channel, job.payload["id"])
        if card is None and job.progress.get("posting"):
            card = await self._recovered(job)
        try:
            conversation = await self._conversations.one(Kind(job.payload["kind"]), job.payload["id"])
            is_external = await self._conversations.is_external(conversation, anew=card is not None)
        except (KickscaleError, RangeTooWide, GoneError) as exc:  # the webhook may be ahead of the API
            raise self._again(job, exc) from exc
        covering = self._covering([each for each in await self._live() if each.channel == channel], conversation)
        if card is None and not (is_external and covering):
            if self._clock.now() - job.created_at < BEHIND:
                raise Retry(after=BEHIND.total_seconds() / 3)
            return
        try:
            if card is not None:
                is_covered = self._audience.covers(channel, conversation)
                withdrawn = "internal" if not is_external else "" if is_covered else "bound"
                await self._edit(job, card, conversation, covering, withdrawn)
            elif (subscription := _newsworthy(covering, conversation)) is not None:
                if not conversation.is_analysed and self._clock.now() - job.created_at < BEHIND:
                    raise Retry(after=FIRST_PAUSE)
                await self._post(job, note, subscription, conversation)
        except SlackUnavailable as exc:
            raise self._again(job, exc) from exc

    async def _recovered(self, job: Job) -> Card | None:
        """The card that an earlier attempt posted, whatever has become since of its conversation and its subscription.

        Raises what `_again` does where Slack can't say: not even a closed channel tells that there is none.
        """
        channel, id_, told = job.payload["channel"], job.payload["id"], job.progress
        try:
            ts = await self._slack.find_posted(channel, EVENT_TYPE, _key(channel, id_), job.created_at)
        except SlackError as exc:
            raise self._again(job, exc) from exc
        if ts is None:
            return None
        # What it says is not known: it is edited like one that says something else.
        card = Card(channel, id_, told.get("subscription", ""), self._clock.now(), ts, version=1)
        await self._book(card, told.get("domains", ()))
        return card

    async def _post(self, job: Job, note: Note, subscription: Subscription, conversation: Conversation) -> None:
        channel = subscription.channel
        try:
            ts = await self._post_or_hold(note, subscription, conversation)
        except SlackError as exc:
            if not is_closed(exc):
                raise
            await self._pause(subscription, exc)
            return
        shown, seen = fingerprint(conversation), job.payload["seen"]
        if shown != seen:
            seen = ""  # as in `_edit`
        card = Card(channel, conversation.id, subscription.id, self._clock.now(), ts, shown, seen, version=1)
        await self._book(card, conversation.customer_domains)

    async def _book(self, card: Card, domains: Iterable[str]) -> None:
        """Write down that the card is there, or that there is none for good."""
        if card.ts:
            key, inside = _key(card.channel, card.conversation), (card.conversation,)
            by, about = card.subscription, tuple(domains)
            posted = Posted(card.channel, card.ts, CARD, key, inside, card.posted_at, by=by, domains=about)
            if await self._ledger.add(posted):
                self._metrics.posted(CARD)
        # Last, as it is what says that nothing is left to post.
        await self._cards.put(card)

    async def _post_or_hold(self, note: Note, subscription: Subscription, conversation: Conversation) -> str:
        """The ts of the card; empty where the channel may not see it. Raises SlackError."""
        channel = subscription.channel
        judgement = await self._audience.judge(channel, [conversation])
        if judgement.is_held:
            await self._held.promise(subscription.created_by, channel, conversation, judgement.why)
            return ""
        about = list(conversation.customer_domains)
        await note({"posting": True, "subscription": subscription.id, "domains": about})
        message = {**self._payload(judgement.conversations[0]), "metadata": metadata(_key(channel, conversation.id))}
        return await self._slack.post(channel, message)

    async def _edit(
        self, job: Job, card: Card, conversation: Conversation, covering: Sequence[Subscription], withdrawn: str = ""
    ) -> None:
        """Have the card say what is so by now; without content where it is `withdrawn`, which is why.

        Where nobody subscribes to it any more, it stays as it is.
        """
        shown, seen = fingerprint(conversation), job.payload["seen"]
        if shown != seen and card.seen:
            # A record that tells less, or an answer from before the change: the next look has it read once more.
            seen = ""
        if withdrawn:
            conversation = bare(conversation)
            shown = fingerprint(conversation)
            if withdrawn == "internal":
                seen = ""  # a look that has it among the external ones again has it shown again
        elif not covering:
            shown, seen = card.shown, card.seen  # edited once somebody subscribes to it again
        is_new = bool(card.ts) and shown != card.shown
        if is_new and not await self._is_told(card, conversation, covering, withdrawn):
            shown, seen = card.shown, card.seen
        await self._cards.put(replace(card, shown=shown, seen=seen, version=card.version + 1))

    async def _is_told(
        self, card: Card, conversation: Conversation, covering: Sequence[Subscription], withdrawn: str
    ) -> bool:
        """Edit the message; False where it stays as it is until nobody listens who may not see it, or somebody resumed
        a subscription.
        """
        shown = conversation
        try:
            if withdrawn:
                await self._audience.remember(card.channel, withdrawn, [conversation.id])
            else:
                judgement = await self._audience.judge(card.channel, [conversation])
                if judgement.is_held:
                    return False
                (shown,) = judgement.conversations
            await self._ledger.learn(card.channel, card.ts, domains=conversation.customer_domains)
            await self._slack.edit(card.channel, card.ts, self._payload(shown))
        except SlackUnavailable:
            raise
        except SlackError as exc:
            if is_closed(exc):
                for each in covering:
                    await self._pause(each, exc)
                return False
            # Somebody deleted it: it is not posted again.
            log.info("the card of %s in %s can't be edited (%s)", card.conversation, card.channel, exc.code)
        return True

    # ---- what goes wrong ---------------------------------------------------------------------------------------------

    async def _pause(self, subscription: Subscription, exc: SlackError) -> None:
        """The channel can't be written to: whoever subscribed is told, once."""
        log.warning("subscription %s is paused: Slack refuses its channel (%s)", subscription.id, exc.code)
        await self._jobs.add(*paused_job(subscription))
        noted = self._audit.row(AuditKind.CHANGED, "digest pause", channel=subscription.channel)
        await self._subscriptions.change(subscription.id, noted, paused=exc.code or "slack")

    async def _failed(self, job: Job, exc: BaseException) -> None:
        """Given up for good: the next look must not promise the same again."""
        channel, id_ = job.payload["channel"], job.payload["id"]
        log.info("%s is given up (%s)", job.reference, type(exc).__name__)
        card = await self._cards.get(channel, id_) or Card(channel, id_, "", self._clock.now())
        # What is posted is brought up to date by the next one.
        seen = card.seen if card.ts else job.payload["seen"]
        await self._cards.put(replace(card, seen=seen, version=card.version + 1))

    def _again(self, job: Job, exc: Exception) -> Exception:
        """Another try, later each time; after a day, the failure itself."""
        if self._clock.now() - job.created_at >= TRIED_FOR:
            return exc
        return Retry(after=min(FIRST_PAUSE * 2.0 ** min(job.attempts - 1, 10), LONGEST_PAUSE))


def _key(channel: str, conversation: str) -> str:
    return f"{CARD}:{channel}:{conversation}"


def _newsworthy(covering: Iterable[Subscription], conversation: Conversation) -> Subscription | None:
    """The first that already counted when it ended; for the others it is stale."""
    return next((each for each in covering if is_news(each, conversation)), None)
