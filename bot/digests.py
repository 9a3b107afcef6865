"""Digests: what is due, what is in it, and that it is posted once.

The subscriptions in the database say what is due, by the bot's own clock; APScheduler only wakes this up. A digest is a
row for a subscription and a local day, and a job; which conversations it lists is chosen and written down before
anything is posted, and each message carries its key, so that after a crash the bot can tell whether it was posted.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from bot.bindings import Bindings
from bot.clock import Clock
from bot.domains import matches_any
from bot.errors import (
    BotError,
    GoneError,
    KickscaleError,
    NotInChannel,
    RangeTooWide,
    SlackDenied,
    SlackError,
    SlackUnavailable,
)
from bot.jobs import Jobs, Note, Retry
from bot.kickscale.client import KickscaleClient
from bot.kickscale.flights import Flights
from bot.kickscale.paging import side_by_side
from bot.metrics import Metrics
from bot.models import Conversation, Digest, DigestRow, DigestState, Due, Job, Kind, Posted, Subscription
from bot.render.digest import CHART, digest_messages, failed_message, paused_message, quiet_message
from bot.render.limits import Payload
from bot.schedule import deadline, last_due, next_due
from bot.slack import Slack
from bot.storage import Database
from bot.texts import Texts

log = logging.getLogger(__name__)

DIGEST = "digest"
PAUSED = "digest_paused"
EVENT_TYPE = "kickscale_digest"

LOOK_BACK = timedelta(days=14)
"""How long after its date a conversation may still become known: what Kickscale's connector (PostHog/posthog, pull
request 84291) re-reads."""
UNANALYSED = timedelta(days=2)
"""After which a conversation is listed although it has no analysis: none is ever coming."""
LATE = timedelta(minutes=5)
KEPT = timedelta(minutes=10)
"""How long a window stays at hand: what is due at one moment is posted within minutes."""
WINDOWS_KEPT = 4
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 900.0
TOLD_FOR = timedelta(days=1)
"""How long it is tried to tell somebody that a subscription was paused."""

Plan = Callable[[Iterable[timedelta]], None]
"""Sees to it that `run_due` is called in so long, once for each."""


@dataclass(frozen=True, slots=True)
class Window:
    """Everything that began in the last `LOOK_BACK` before `end`, newest first."""

    end: datetime
    conversations: tuple[Conversation, ...]


class Digests:
    def __init__(
        self,
        *,
        jobs: Jobs,
        database: Database,
        slack: Slack,
        client: KickscaleClient,
        bindings: Bindings,
        clock: Clock,
        texts: Texts,
        metrics: Metrics,
        link_template: str,
        plan: Plan,
    ) -> None:
        self._jobs = jobs
        self._subscriptions = database.subscriptions
        self._digests = database.digests
        self._ledger = database.ledger
        self._slack = slack
        self._client = client
        self._bindings = bindings
        self._clock = clock
        self._texts = texts
        self._metrics = metrics
        self._link_template = link_template
        self._plan = plan
        self._flights = Flights()
        self._windows: dict[datetime, tuple[datetime, Window]] = {}
        jobs.register(DIGEST, self._digest, on_failure=self._failed)
        jobs.register(PAUSED, self._tell_paused)

    # ---- when --------------------------------------------------------------------------------------------------------

    async def run_due(self) -> None:
        """Promise every digest that is due by now, one a subscription, and plan the next wake-ups."""
        now = self._clock.now()
        seen_to = []
        for subscription in await self._scheduled():
            due = last_due(subscription, now)
            if due is not None:
                await self._promise(subscription, due)
                seen_to.append(subscription.id)
        await self._subscriptions.seen_to(seen_to, now)
        await self.plan()

    async def plan(self) -> None:
        """Let the wake-ups follow from the subscriptions: one for each distinct moment."""
        now = self._clock.now()
        self._plan({next_due(each, now).at - now for each in await self._scheduled()})

    async def run_now(self, id: str) -> DigestRow | None:  # noqa: A002
        """Promise today's digest of a subscription at once; the row of one that was made today already.

        Raises GoneError for a subscription that is not there.
        """
        subscription = await self._subscriptions.get(id)
        if subscription is None or subscription.live:
            raise GoneError("subscription", id)
        now = self._clock.now()
        day = now.astimezone(ZoneInfo(subscription.timezone)).date()
        row = await self._digests.get(id, day)
        if row is None:
            await self._promise(subscription, Due(day, now))
        return row

    async def _scheduled(self) -> list[Subscription]:
        return [each for each in await self._subscriptions.active() if not each.live]

    async def _promise(self, subscription: Subscription, due: Due) -> None:
        payload = {"subscription": subscription.id, "day": due.day.isoformat(), "at": due.at.isoformat()}
        await self._jobs.add(DIGEST, f"{DIGEST}:{subscription.id}:{due.day}", payload)

    # ---- what --------------------------------------------------------------------------------------------------------

    async def preview(self, subscription: Subscription) -> Digest:
        """What would be posted now. Raises KickscaleError."""
        now = self._clock.now()
        due = Due(now.astimezone(ZoneInfo(subscription.timezone)).date(), now)
        window = await self._window(now)
        ids = [each.id for each in _candidates(subscription, window)]
        return await self._composed(subscription, due, window, await self._digests.unlisted(subscription.id, ids))

    async def _window(self, end: datetime) -> Window:
        """Read once for all who ask for it, and kept while what is due at that moment is posted."""
        now = self._clock.now()
        self._windows = {each: kept for each, kept in self._windows.items() if now - kept[0] < KEPT}
        if end in self._windows:
            return self._windows[end][1]
        window: Window = await self._flights.join(end, lambda: self._read(end))
        while len(self._windows) >= WINDOWS_KEPT:
            del self._windows[min(self._windows, key=lambda each: self._windows[each][0])]
        self._windows[end] = now, window
        return window

    async def _read(self, end: datetime) -> Window:
        await self._bindings.ready()
        found = await side_by_side(self._between(kind, end - LOOK_BACK, end) for kind in Kind)
        conversations = sorted(chain(*found), key=lambda each: (each.starts_at or end, each.id), reverse=True)
        return Window(end, tuple(conversations))

    async def _between(self, kind: Kind, start: datetime, end: datetime) -> list[Conversation]:
        """All of them, in as many questions as it takes."""
        try:
            return list((await self._client.conversations(kind, start, end)).conversations)
        except RangeTooWide:
            if end - start < timedelta(minutes=1):
                raise
            middle = start + (end - start) / 2
            halves = await side_by_side([self._between(kind, start, middle), self._between(kind, middle, end)])
            return [each for half in halves for each in half]

    async def _composed(self, subscription: Subscription, due: Due, window: Window, ids: Sequence[str]) -> Digest:
        zone = ZoneInfo(subscription.timezone)
        start = await self._start(subscription, due)
        by_id = {each.id: each for each in window.conversations}
        conversations = tuple(by_id[id_] for id_ in ids if id_ in by_id)
        usual_count, usual_seconds = _usual(subscription, window, start)
        days = Counter(each.starts_at.astimezone(zone).date() for each in conversations if each.starts_at)
        return Digest(
            subscription=subscription,
            day=due.day,
            start=start,
            end=due.at,
            conversations=conversations,
            usual_count=usual_count,
            usual_seconds=usual_seconds,
            counts=tuple((day, days[day]) for day in _days(start.astimezone(zone).date(), due.day)),
            posted_late=self._clock.now() - due.at > LATE,
        )

    async def _start(self, subscription: Subscription, due: Due) -> datetime:
        """The moment of the last digest that was made, or from when on the subscription counts."""
        rows = await self._digests.of_subscription(subscription.id, 30)
        made = (row.due_at for row in rows if row.state in (DigestState.POSTED, DigestState.QUIET))
        return max([subscription.since, *(at for at in made if at < due.at)])

    # ---- the job -----------------------------------------------------------------------------------------------------

    async def _digest(self, job: Job, note: Note) -> None:
        subscription, due = await self._of(job)
        if subscription is None or subscription.paused:
            return
        row = await self._digests.get(subscription.id, due.day)
        if row is not None and row.state is not DigestState.BEGUN:
            return
        try:
            window = await self._window(due.at)
        except (KickscaleError, RangeTooWide) as exc:
            if self._clock.now() < deadline(subscription, due):
                raise _again(job) from exc
            await self._give_up(job, note, subscription, due, exc)
            return
        ids = [each.id for each in _candidates(subscription, window)]
        row = row or await self._digests.begin(subscription.id, due.day, due.at, ids)
        digest = await self._composed(subscription, due, window, row.conversations)
        if not digest.conversations and not subscription.empty:
            await self._digests.end(subscription.id, due.day, DigestState.QUIET)
            return
        messages = (
            digest_messages(self._texts, digest, link_template=self._link_template)
            if digest.conversations
            else [quiet_message(self._texts, digest)]
        )
        try:
            ts = await self._post(job, note, subscription.channel, messages)
        except SlackUnavailable as exc:
            raise _again(job) from exc
        except SlackError as exc:
            if not _is_of_channel(exc):
                raise
            await self._pause(subscription, due, exc)
            return
        await self._digests.end(subscription.id, due.day, DigestState.POSTED, ts=ts, posted_at=self._clock.now())
        posted = Posted(
            subscription.channel, ts, DIGEST, job.key, row.conversations, self._clock.now(), by=subscription.id
        )
        if await self._ledger.add(posted):
            self._metrics.posted(DIGEST)

    async def _of(self, job: Job) -> tuple[Subscription | None, Due]:
        due = Due(date.fromisoformat(job.payload["day"]), datetime.fromisoformat(job.payload["at"]))
        return await self._subscriptions.get(job.payload["subscription"]), due

    async def _post(self, job: Job, note: Note, channel: str, messages: Sequence[Payload]) -> str:
        """Post what is not posted yet: the first in the channel, the rest in its thread. Its ts."""
        posted: list[str] = list(job.progress.get("posted", []))
        unsure = job.progress.get("posting")
        for place in range(len(posted), len(messages)):
            key, thread_ts = f"{job.key}:{place}", posted[0] if posted else ""
            ts = None
            if unsure == place:
                ts = await self._slack.find_posted(channel, EVENT_TYPE, key, job.created_at, thread_ts=thread_ts)
            if ts is None:
                await note({"posting": place})
                metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
                ts = await self._send(channel, {**messages[place], "metadata": metadata}, thread_ts)
            posted.append(ts)
            await note({"posted": posted})
        return posted[0]

    async def _send(self, channel: str, payload: Payload, thread_ts: str) -> str:
        """Post; where a workspace does not know the chart, which is newer than the other blocks, post without it."""
        try:
            return await self._slack.post(channel, payload, thread_ts=thread_ts)
        except SlackError as exc:
            without = [each for each in payload["blocks"] if each["type"] != CHART]
            if exc.code != "invalid_blocks" or len(without) == len(payload["blocks"]):
                raise
            return await self._slack.post(channel, {**payload, "blocks": without}, thread_ts=thread_ts)

    # ---- what goes wrong ---------------------------------------------------------------------------------------------

    async def _failed(self, job: Job, exc: BaseException) -> None:
        """Something that nobody thought of."""
        subscription, due = await self._of(job)
        if subscription is not None:
            await self._digests.end(subscription.id, due.day, DigestState.FAILED)
            why = exc if isinstance(exc, BotError) else None
            await self._slack.post(subscription.channel, failed_message(self._texts, subscription, due.day, why))

    async def _give_up(self, job: Job, note: Note, subscription: Subscription, due: Due, why: BotError) -> None:
        """Say once that there is no digest this time; the next one covers its days."""
        message = failed_message(self._texts, subscription, due.day, why)
        try:
            ts = await self._post(job, note, subscription.channel, [message])
        except SlackUnavailable as exc:
            raise _again(job) from exc
        except SlackError as exc:
            await self._pause(subscription, due, exc)
            return
        await self._digests.begin(subscription.id, due.day, due.at, [])
        await self._digests.end(subscription.id, due.day, DigestState.FAILED, ts=ts, posted_at=self._clock.now())

    async def _pause(self, subscription: Subscription, due: Due, exc: SlackError) -> None:
        """The channel can't be written to: nothing is posted until somebody resumes it, and who made it is told."""
        log.warning("subscription %s is paused: Slack refuses its channel (%s)", subscription.id, exc.code)
        await self._jobs.add(PAUSED, f"{PAUSED}:{subscription.id}:{due.day}", {"subscription": subscription.id})
        await self._subscriptions.change(subscription.id, paused=exc.code or "slack")
        await self._digests.end(subscription.id, due.day, DigestState.DROPPED)

    async def _tell_paused(self, job: Job, note: Note) -> None:
        subscription = await self._subscriptions.get(job.payload["subscription"])
        if subscription is None or not subscription.paused:
            return
        try:
            channel = await self._slack.open_dm(subscription.created_by)
            await self._post(job, note, channel, [paused_message(self._texts, subscription, subscription.paused)])
        except SlackError as exc:
            # With a token that is refused nobody can be told either, until somebody puts in another one.
            if self._clock.now() - job.created_at < TOLD_FOR:
                raise _again(job) from exc
            raise


def _candidates(subscription: Subscription, window: Window) -> list[Conversation]:
    """What the subscription has to list, should it not have listed it before."""
    return [
        each
        for each in window.conversations
        if each.starts_at is not None
        and subscription.since <= each.starts_at < window.end
        and matches_any(subscription.domains, each.customer_domains)
        and (is_analysed(each) or each.starts_at < window.end - UNANALYSED)
    ]


def is_analysed(conversation: Conversation) -> bool:
    return bool(conversation.summary or conversation.action_items or conversation.insights)


def _is_of_channel(exc: SlackError) -> bool:
    """Whether nothing can be posted there until somebody does something about it."""
    return isinstance(exc, NotInChannel | SlackDenied) or exc.code in ("is_archived", "restricted_action")


def _usual(subscription: Subscription, window: Window, start: datetime) -> tuple[float | None, float | None]:
    """How many there were, and how long, in as long a time before; None where less than two such times are known."""
    length = window.end - start
    before = start - (window.end - LOOK_BACK)
    if length <= timedelta(0) or before < 2 * length:
        return None, None
    found = [
        each
        for each in window.conversations
        if each.starts_at and each.starts_at < start and matches_any(subscription.domains, each.customer_domains)
    ]
    times = before / length
    return len(found) / times, sum(each.duration or 0 for each in found) / times


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


def _again(job: Job) -> Retry:
    return Retry(after=min(FIRST_PAUSE * 2.0 ** min(job.attempts - 1, 10), LONGEST_PAUSE))
