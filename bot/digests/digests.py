"""Digests: what is due, what is in it, and that it is posted once.

The subscriptions in the database say what is due, by the bot's own clock; `Scheduler` only wakes this up. A digest is a
row for a subscription and a local day, and a job; which conversations it lists is chosen and written down before
anything is posted, and each message carries its key, so that after a crash the bot can tell whether it was posted.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from bot.access.audience import Audience
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.access.policy import public
from bot.clock import Clock
from bot.digests.messages import Inside, Messages
from bot.digests.schedule import deadline, last_due, next_due, period_start
from bot.digests.window import Window, Windows
from bot.domains import matches_any
from bot.errors import (
    AccessDenied,
    AccessUndecided,
    BotError,
    GoneError,
    KickscaleError,
    RangeTooWide,
    SlackDenied,
    SlackError,
    SlackUnavailable,
)
from bot.jobs.channel_turns import Turns
from bot.model.access import Capability
from bot.model.audit import AuditKind
from bot.model.conversation import Conversation
from bot.model.digests import Digest, DigestRow, DigestState, Due, Subscription
from bot.model.job import Job, Note, Retry
from bot.observe.metrics import Metrics
from bot.render.digests.digest import (
    Part,
    digest_parts,
    failed_message,
    named_domains,
    paused_message,
    quiet_message,
    thread_parts,
)
from bot.slack.client import Slack, is_closed
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.texts import Texts
from bot.tools import timezones

log = logging.getLogger(__name__)

DIGEST = "digest"
PAUSED = "digest_paused"
FAILED = "failed"
"""The name of the message that says that there is no digest; the others are named by their place."""

LATE = timedelta(minutes=5)
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 900.0
PAUSED_WITHIN = timedelta(minutes=2)
"""How long it may take from the promise to tell somebody that a subscription was paused until it is."""
TOLD_FOR = timedelta(days=30)
"""How long it is tried to tell somebody that a subscription was paused, where Slack refuses the token itself or is not
there."""

Plan = Callable[[Mapping[datetime, timedelta]], None]
"""Sees to it that `run_due` is called at each of these moments, which come in so long."""


class Digests:
    def __init__(
        self,
        *,
        jobs: Jobs,
        database: Database,
        audit: Audit,
        slack: Slack,
        access: Access,
        audience: Audience,
        windows: Windows,
        clock: Clock,
        texts: Texts,
        metrics: Metrics,
        link_template: str,
        plan: Plan,
    ) -> None:
        self._jobs = jobs
        self._job_rows = database.jobs
        self._subscriptions = database.subscriptions
        self._digests = database.digests
        self._ledger = database.ledger
        self._audit = audit
        self._slack = slack
        self._access = access
        self._audience = audience
        self._windows = windows
        self._clock = clock
        self._texts = texts
        self._metrics = metrics
        self._link_template = link_template
        self._plan = plan
        self._turns = Turns(clock)
        jobs.register(DIGEST, self._digest, on_failure=self._failed)
        jobs.register(PAUSED, self._tell_paused)

    # ---- when --------------------------------------------------------------------------------------------------------

    async def run_due(self) -> None:
        """Promise every digest that is due by now, one a subscription, and plan the next wake-ups."""
        now = self._clock.now()
        scheduled = await self._scheduled()
        self._plan_for(scheduled, now)
        due = [(each, at) for each in scheduled if (at := last_due(each, now)) is not None]
        longest: dict[datetime, datetime] = {}
        for subscription, at in due:
            start = period_start(subscription, at)
            longest[at.at] = min(start, longest.get(at.at, start))
        for subscription, at in due:
            await self._promise(subscription, at, longest[at.at])
        if due:
            await self._subscriptions.seen_to([each.id for each, _ in due], now)

    async def plan(self) -> None:
        """Let the wake-ups follow from the subscriptions: one for each distinct moment."""
        now = self._clock.now()
        self._plan_for(await self._scheduled(), now)

    def _plan_for(self, scheduled: Iterable[Subscription], now: datetime) -> None:
        moments = {next_due(each, now).at for each in scheduled}
        self._plan({each: each - now for each in moments})

    async def run_now(self, id: str) -> DigestRow | None:  # noqa: A002
        """Promise today's digest of a subscription at once; the row of one that was posted today already, or begun.

        Raises GoneError for a subscription that is not there.
        """
        subscription = await self._subscriptions.get(id)
        if subscription is None or subscription.live:
            raise GoneError("subscription", id)
        now = self._clock.now()
        day = now.astimezone(timezones.zone(subscription.timezone)).date()
        row = await self._digests.get(id, day)
        if row is not None and not await self._digests.forget(id, day):
            return row
        # One that failed has noted what is not true of this one, and its message has its key.
        await self._promise(subscription, Due(day, now), now, f":{now.timestamp():.0f}" if row else "")
        return None

    async def _scheduled(self) -> list[Subscription]:
        return [each for each in await self._subscriptions.active() if not each.live]

    async def _promise(self, subscription: Subscription, due: Due, longest: datetime, again: str = "") -> None:
        """`longest` is where the longest of all digests of the moment begins: all of them share one window."""
        payload = {
            "subscription": subscription.id,
            "day": due.day.isoformat(),
            "at": due.at.isoformat(),
            "longest": longest.isoformat(),
        }
        # Anew, as one that ended without a row did nothing: paused at its time, for instance, and resumed for a later
        # one. Where its row has ended too, it does nothing again.
        await self._jobs.add(DIGEST, f"{DIGEST}:{subscription.id}:{due.day}{again}", payload, is_anew=True)

    # ---- what --------------------------------------------------------------------------------------------------------

    async def preview(self, subscription: Subscription) -> Digest:
        """What would be posted now. Raises KickscaleError."""
        now = self._clock.now()
        due = Due(now.astimezone(timezones.zone(subscription.timezone)).date(), now)
        start = await self._start(subscription, due)
        window = await self._windows.passing(start, due.at)
        ids = self._candidates(subscription, window, start)
        return await self._composed(subscription, due, window, await self._digests.unlisted(subscription.id, ids))

    def _candidates(self, subscription: Subscription, window: Window, start: datetime) -> list[str]:
        """The ids of what is to be listed, should it not have been before."""
        found = window.candidates(subscription, start)
        return [each.id for each in found if self._is_about(subscription, each)]

    def _is_about(self, subscription: Subscription, conversation: Conversation) -> bool:
        """Whether it is one of the customers', as they are by now."""
        is_subscribed = matches_any(subscription.domains, conversation.customer_domains)
        return is_subscribed and self._audience.covers(subscription.channel, conversation)

    async def _composed(self, subscription: Subscription, due: Due, window: Window, ids: Sequence[str]) -> Digest:
        zone = timezones.zone(subscription.timezone)
        start = await self._start(subscription, due)
        found = [window.by_id[id_] for id_ in ids if id_ in window.by_id]
        conversations = tuple(each for each in found if self._is_about(subscription, each))
        usual_count, usual_seconds = window.usual(
            subscription, start, partial(self._audience.covers, subscription.channel)
        )
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
        made = await self._digests.last_made(subscription.id, due.at)
        return max(subscription.since, made) if made else subscription.since

    # ---- the job -----------------------------------------------------------------------------------------------------

    async def _digest(self, job: Job, note: Note) -> None:
        subscription, due = await self._of(job)
        row = await self._digests.get(job.payload["subscription"], due.day)
        if row is not None and row.state is not DigestState.BEGUN:
            return
        if subscription is None or _is_left(job, subscription, due):
            await self._leave(job, note, row)
            return
        messages = self._messages(job, note, job.progress.get("to") or subscription.channel, subscription.id)
        if refusal := job.progress.get("pausing"):
            await self._pause(note, messages, subscription, due, refusal)
            return
        if row is None and self._is_covered(subscription, due):
            return
        try:
            messages, held = await self._begun(job, note, subscription)
            if held is not None and not held.to:
                await self._close(subscription, due, messages, DigestState.DROPPED)
                return
            await self._make(job, note, messages, subscription, due, row, held)
        except (SlackUnavailable, AccessUndecided) as exc:
            raise _again(job) from exc
        except SlackError as exc:
            if not is_closed(exc):
                raise
            await self._pause(note, messages, subscription, due, exc.code or "slack")

    async def _leave(self, job: Job, note: Note, row: DigestRow | None) -> None:
        """Write down what is there of a digest that nothing comes after."""
        channel = job.progress.get("channel", "")
        messages = self._messages(job, note, channel, job.payload["subscription"])
        try:
            await messages.recover()
        except SlackUnavailable as exc:
            raise _again(job) from exc
        except SlackError as exc:
            log.warning("what is there of %s in %s can't be looked up (%s)", job.key, channel, exc.code)
        if row is not None:
            state = DigestState.POSTED if messages.posted else DigestState.DROPPED
            await self._end(row, messages, state, messages.thread_ts)

    async def _begun(self, job: Job, note: Note, subscription: Subscription) -> tuple[Messages, "_Held | None"]:
        """Where it goes, and what of it is there already. Raises SlackError."""
        if not job.progress.get("held"):
            messages = self._messages(job, note, subscription.channel, subscription.id)
            await messages.recover()
            if messages.posted:
                return messages, None
        held = await self._held(job, note, subscription)
        messages = self._messages(job, note, held.to if held else subscription.channel, subscription.id)
        if held and held.to:
            await messages.recover()
        return messages, held

    async def _make(  # noqa: PLR0917 all that is known of the digest
        self,
        job: Job,
        note: Note,
        messages: Messages,
        subscription: Subscription,
        due: Due,
        row: DigestRow | None,
        held: "_Held | None",
    ) -> None:
        if job.progress.get("failing") and (ts := await messages.find(FAILED)):
            await self._close(subscription, due, messages, DigestState.FAILED, ts)
            return
        if row is not None and not messages.posted and self._is_covered(subscription, due):
            await self._close(subscription, due, messages, DigestState.DROPPED)
            return
        if row is None and await self._is_behind(job, subscription):
            raise Retry(after=FIRST_PAUSE)
        try:
            start = await self._start(subscription, due)
            window = await self._windows.get(min(start, datetime.fromisoformat(job.payload["longest"])), due.at)
        except (KickscaleError, RangeTooWide) as exc:
            left = deadline(subscription, due) - self._clock.now()
            if left > timedelta(0):
                raise _again(job, left) from exc
            await note({"failing": True})
            await self._give_up(job, messages, subscription, due, exc, held.why if held else "")
            return
        ids = self._candidates(subscription, window, start)
        row = row or await self._digests.begin(subscription.id, due.day, due.at, ids)
        whole = await self._composed(subscription, due, window, row.conversations)
        digest = await self._as_shown(whole, held, is_begun=bool(messages.posted))
        if not (digest.conversations or messages.posted or subscription.empty):
            await self._digests.end(subscription.id, due.day, DigestState.QUIET)
            return
        with self._turns.take(messages.channel, job):
            await self._post(messages, digest, row, whole)
        self._metrics.posted(DIGEST)
        await self._close(subscription, due, messages, DigestState.POSTED, messages.posted[0])

    def _is_covered(self, subscription: Subscription, due: Due) -> bool:
        """Whether the next day's digest is due already: it goes back to where this one would have begun."""
        latest = last_due(replace(subscription, due_after=due.at), self._clock.now())
        return latest is not None and latest.day > due.day

    async def _is_behind(self, job: Job, subscription: Subscription) -> bool:
        """Whether an earlier digest of the subscription has not ended: what it leaves is in this one."""
        under_way = await self._job_rows.open(DIGEST, subscription=subscription.id)
        return any(each.id < job.id for each in under_way)

    def _parts(self, digest: Digest, row: DigestRow, messages: Messages) -> Iterator[Part]:
        """What is to be posted yet."""
        if messages.posted:
            shown = {row.conversations[place] for place in messages.shown}
            return thread_parts(self._texts, digest, link_template=self._link_template, without=shown)
        if digest.conversations:
            return digest_parts(self._texts, digest, link_template=self._link_template)
        return iter([Part(quiet_message(self._texts, digest))])

    async def _post(self, messages: Messages, digest: Digest, row: DigestRow, whole: Digest) -> None:
        """`digest` is the `whole` one as its readers may see it. Raises SlackError; Retry where they have changed."""
        places = {id_: place for place, id_ in enumerate(row.conversations)}
        domains = {each.id: each.customer_domains for each in whole.conversations}
        known = {each.id: each for each in whole.conversations}
        shown = {each.id: each for each in digest.conversations}
        for part in self._parts(digest, row, messages):
            # A long thread takes minutes.
            if messages.posted and await self._subscriptions.get(whole.subscription.id) != whole.subscription:
                raise Retry(after=0)
            if not digest.held and messages.posted:  # somebody may have come
                listed = [known[id_] for id_ in part.shown]
                judgement = await self._audience.inspect(messages.channel, listed)
                if judgement.conversations != tuple(shown[each.id] for each in listed):
                    raise Retry(after=0)
            named = [] if messages.posted else named_domains(whole.subscription)
            about = dict.fromkeys([*named, *(domain for id_ in part.shown for domain in domains[id_])])
            await messages.post(part.payload, Inside([places[id_] for id_ in part.shown], part.shown, list(about)))

    async def _close(
        self, subscription: Subscription, due: Due, messages: Messages, state: DigestState, ts: str = ""
    ) -> None:
        """Write down how it ended. What was shown is listed by it, and all else is free for the next one."""
        row = await self._digests.begin(subscription.id, due.day, due.at, [])
        if state is DigestState.FAILED and ts:
            await messages.book(ts, FAILED, (), named_domains(subscription))
        await self._end(row, messages, state, ts)

    async def _end(self, row: DigestRow, messages: Messages, state: DigestState, ts: str) -> None:
        shown = [row.conversations[place] for place in messages.shown]
        posted_at = self._clock.now() if ts else None
        await self._digests.end(row.subscription, row.day, state, ts=ts, posted_at=posted_at, listed=shown)

    def _messages(self, job: Job, note: Note, channel: str, by: str) -> Messages:
        return Messages(self._slack, self._ledger, self._clock, job, note, channel, by)

    async def _of(self, job: Job) -> tuple[Subscription | None, Due]:
        due = Due(date.fromisoformat(job.payload["day"]), datetime.fromisoformat(job.payload["at"]))
        return await self._subscriptions.get(job.payload["subscription"]), due

    # ---- who listens -------------------------------------------------------------------------------------------------

    async def _held(self, job: Job, note: Note, subscription: Subscription) -> "_Held | None":
        """Where it goes instead of its channel because of who listens there; None where it may be posted.

        Decided before its first message, and written down. Raises SlackError.
        """
        if job.progress.get("held"):
            return _Held(job.progress["held"], job.progress["to"])
        why = await self._audience.why_held(subscription.channel)
        if not why:
            return None
        try:
            await self._access.admit(subscription.created_by, subscription.channel, Capability.CONVERSATIONS)
            to = await self._slack.open_dm(subscription.created_by)
        except (SlackUnavailable, AccessUndecided):
            raise
        except (AccessDenied, SlackError):
            log.warning("digest %s is held, and whoever made it can't have it (%s)", subscription.id, why)
            to = ""
        await note({"held": why, "to": to})
        return _Held(why, to)

    async def _as_shown(self, digest: Digest, held: "_Held | None", *, is_begun: bool) -> Digest:
        """As its readers may see it: everybody in the channel, or whoever made it. Raises SlackError, AccessDenied."""
        subscription = digest.subscription
        if held is None:
            judgement = await self._audience.judge(subscription.channel, digest.conversations)
            if judgement.is_held and not is_begun:  # somebody has come since it was decided where it goes
                raise Retry(after=0)
            return replace(digest, conversations=judgement.conversations)
        ids = [each.id for each in digest.conversations]
        await self._audience.note_withheld(subscription.channel, held.why, ids)
        viewer = await self._access.admit(subscription.created_by, subscription.channel, Capability.CONVERSATIONS)
        seen = [each for each in digest.conversations if self._access.sees(viewer, each)]
        shown = await self._access.show(viewer, seen, DIGEST)
        return replace(digest.cut([public(each) for each in shown]), held=held.why)

    # ---- what goes wrong ---------------------------------------------------------------------------------------------

    async def _failed(self, job: Job, exc: BaseException) -> None:
        """Something that nobody thought of."""
        subscription, due = await self._of(job)
        row = await self._digests.get(subscription.id, due.day) if subscription is not None else None
        if subscription is None or (row is not None and row.state is not DigestState.BEGUN):
            return
        job, _ = await self._jobs.add(DIGEST, job.key, job.payload)  # as it is by now: with what this attempt noted
        channel = job.progress.get("to") or subscription.channel
        messages = self._messages(job, _note_nothing, channel, subscription.id)
        try:
            if not job.progress.get("to") and await self._audience.why_held(subscription.channel):
                await self._close(subscription, due, messages, DigestState.FAILED)
                return
            await messages.recover()
            why = exc if isinstance(exc, BotError) else None
            await self._give_up(job, messages, subscription, due, why, job.progress.get("held", ""))
        except SlackUnavailable as unavailable:
            raise _again(job) from unavailable
        except SlackError as refusal:
            if is_closed(refusal):
                await self._pause(_note_nothing, messages, subscription, due, refusal.code or "slack")
                return
            log.warning("nobody could be told that %s failed (%s)", job.key, refusal.code)
            await self._close(subscription, due, messages, DigestState.FAILED)

    async def _give_up(  # noqa: PLR0917 all that is known of the digest
        self, job: Job, messages: Messages, subscription: Subscription, due: Due, why: BotError | None, held: str
    ) -> None:
        """Say once that there is no digest this time, or no more of it; the next one covers what is not in it."""
        ts = await messages.find(FAILED) if job.attempts > 1 else None
        if ts is None:
            ts = await messages.send(failed_message(self._texts, subscription, due.day, why, held), FAILED)
        await self._close(subscription, due, messages, DigestState.FAILED, ts)

    async def _pause(self, note: Note, messages: Messages, subscription: Subscription, due: Due, refusal: str) -> None:
        """The channel can't be written to: nothing is posted until somebody resumes it, and who made it is told."""
        log.warning("subscription %s is paused: Slack refuses its channel (%s)", subscription.id, refusal)
        await note({"pausing": refusal})
        noted = self._audit.row(AuditKind.CHANGED, "digest pause", channel=subscription.channel)
        await self._subscriptions.change(subscription.id, noted, paused=refusal)
        await self._jobs.add(*paused_job(subscription))
        await self._close(subscription, due, messages, DigestState.DROPPED)

    async def _tell_paused(self, job: Job, note: Note) -> None:
        subscription = await self._subscriptions.get(job.payload["subscription"])
        if subscription is None or not subscription.created_by:
            return
        if not subscription.paused:
            # `Live` promises this before it pauses, and another bot on the database may be as quick as that; after a
            # kill in between, it pauses in its next attempt.
            if self._clock.now() - job.created_at < PAUSED_WITHIN:
                raise Retry(after=FIRST_PAUSE)
            return
        try:
            channel = await self._slack.open_dm(subscription.created_by)
            messages = self._messages(job, note, channel, subscription.created_by)
            await messages.recover()
            if not messages.posted:
                payload = paused_message(self._texts, subscription, subscription.paused)
                await messages.post(payload, Inside(domains=named_domains(subscription)))
        except (SlackDenied, SlackUnavailable) as exc:
            # With a token that is refused nobody can be told either, until somebody puts in another one.
            if self._clock.now() - job.created_at < TOLD_FOR:
                raise _again(job) from exc
            raise


@dataclass(frozen=True, slots=True)
class _Held:
    """A digest that its channel may not see."""

    why: str
    """A key of the text catalogue (`digestpost.held.<why>`)."""
    to: str
    """The direct message of whoever made it; empty where they may not have it either."""


def paused_job(subscription: Subscription) -> tuple[str, str, dict[str, str]]:
    """What tells whoever made it that it was paused: once, until somebody resumes it."""
    key = f"{PAUSED}:{subscription.id}:{subscription.since.isoformat()}"
    return PAUSED, key, {"subscription": subscription.id}


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


def _is_left(job: Job, subscription: Subscription, due: Due) -> bool:
    """Whether nothing is to be posted any more: it was paused, also if it goes on by now, made live, or moved."""
    to = job.progress.get("to") or subscription.channel
    is_paused = (bool(subscription.paused) and not job.progress.get("pausing")) or subscription.since > due.at
    return is_paused or subscription.live or job.progress.get("channel", to) != to


async def _note_nothing(_: Mapping[str, object]) -> None:
    """Where the attempt is over."""


def _again(job: Job, left: timedelta = timedelta.max) -> Retry:
    """Later each time, and at the latest when no time is left."""
    pause = min(FIRST_PAUSE * 2.0 ** min(job.attempts - 1, 10), LONGEST_PAUSE)
    return Retry(after=min(pause, left.total_seconds()))
