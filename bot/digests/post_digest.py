"""The job that posts a digest: due -> compose -> post -> close.

A digest is a row for a subscription and a local day, and a job. What it lists is chosen and written to the row before
anything is posted. Every attempt begins from the top: it looks at the row and at the job's progress, does what is still
to be done, and ends in an Ending, which closes the row, or in Retry.
"""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.clock import Clock
from bot.digests.compose import Composer
from bot.digests.job_kinds import DIGEST, DigestJob, DigestNote, digest_keys
from bot.digests.pausing import Pausing
from bot.digests.readers import Destination, Readers
from bot.digests.schedule import deadline, is_superseded
from bot.digests.send_digest import DigestSender, Messages
from bot.errors import AccessUndecided, BotError, KickscaleError, RangeTooWide, SlackError, SlackUnavailable
from bot.model.digests import DigestRow, DigestState, Due, Subscription
from bot.model.job import Retry
from bot.slack.failures import is_closed
from bot.storage.stores import DigestStore, JobQueue, SubscriptionStore
from bot.tools.backoff import Backoff

log = logging.getLogger(__name__)

BACKOFF = Backoff(30.0, longest=900.0)
LOOK_AGAIN = 30.0
"""How long to wait for an earlier digest of the subscription."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a digest, and what was there when it began."""

    job: DigestJob
    note: DigestNote
    subscription: Subscription
    row: DigestRow | None
    """None if it hasn't been chosen yet what the digest lists."""
    is_behind: bool
    """An earlier digest of the subscription hasn't ended: this one lists what that one doesn't."""

    @property
    def due(self) -> Due:
        return self.job.payload.due


@dataclass(frozen=True, slots=True)
class Ending:
    """How a digest ended."""

    state: DigestState
    messages: Messages
    """The ones that were posted."""
    ts: str = ""
    """The ts of the first one, or of the one that says that there is no digest."""


class DigestPoster:
    def __init__(
        self,
        *,
        queue: JobQueue,
        subscriptions: SubscriptionStore,
        digests: DigestStore,
        composer: Composer,
        readers: Readers,
        sender: DigestSender,
        pausing: Pausing,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._subscriptions = subscriptions
        self._digests = digests
        self._composer = composer
        self._readers = readers
        self._sender = sender
        self._pausing = pausing
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(DIGEST, self._run, on_failure=self._fail)

    async def _run(self, job: DigestJob, note: DigestNote) -> None:
        """Do one attempt. Raises Retry if the digest has to wait."""
        row, subscription, is_behind = await asyncio.gather(  # at once: the database then has its thread wake up once
            self._digests.get(job.payload.subscription, job.payload.day),
            self._subscriptions.get(job.payload.subscription),
            self._queue.has_earlier(job, digest_keys(job.payload.subscription)),
        )
        if row is not None and _failed_before(job, row) and await self._digests.forget(row.subscription, row.day):
            row = None
        if row is not None and row.state is not DigestState.BEGUN:
            return
        if subscription is None or _is_abandoned(job, subscription):
            await self._abandon(job, row)
            return
        attempt = Attempt(job, note, subscription, row, is_behind)
        messages = self._sender.messages(job, job.progress.to or subscription.channel)
        if job.progress.pausing:
            await self._pause(attempt, messages, job.progress.pausing)
            return
        if row is None and is_superseded(subscription, attempt.due, self._clock.now()):
            return
        try:
            messages, destination = await self._decide_destination(attempt)
            ending = await self._end_early(attempt, messages, destination)
            if ending is None:
                ending = await self._compose_and_post(attempt, messages, destination)
        except (SlackUnavailable, AccessUndecided) as exc:
            raise _retry(job) from exc
        except SlackError as exc:
            if not is_closed(exc):
                raise
            await note(replace(messages.progress, pausing=exc.code or "slack"))
            await self._pause(attempt, messages, exc.code or "slack")
            return
        await self._close(job, ending)

    # ---- due ---------------------------------------------------------------------------------------------------------

    async def _decide_destination(self, attempt: Attempt) -> tuple[Messages, Destination]:
        """Decide where the digest goes, and find out which of its messages are there.

        It is decided once, before the first message, and noted. Raises SlackError, AccessUndecided.
        """
        job, subscription = attempt.job, attempt.subscription
        destination = Destination(job.progress.to, job.progress.held)
        progress = job.progress
        if not destination.held:
            messages = self._sender.messages(job, subscription.channel)
            await messages.recover()
            if messages.first_ts:
                return messages, Destination(subscription.channel)
            destination = await self._readers.find_destination(subscription)
            if not destination.held:
                return messages, destination
            # An earlier attempt may have been about to post in the channel, but nothing is there.
            progress = replace(
                progress, held=destination.held, to=destination.channel, channel="", posting=None, showing=()
            )
            await attempt.note(progress)
        messages = self._sender.messages(job, destination.channel, progress)
        if destination.channel:
            await messages.recover()
        return messages, destination

    async def _end_early(self, attempt: Attempt, messages: Messages, destination: Destination) -> Ending | None:
        """Return how the digest ended if nothing is to be posted any more. Raises SlackError, Retry."""
        subscription, row = attempt.subscription, attempt.row
        if not destination.channel:
            return Ending(DigestState.DROPPED, messages)
        if attempt.job.progress.failing and (ts := await self._sender.find_failure(messages)):
            await self._sender.record_failure(messages, subscription, ts)
            return Ending(DigestState.FAILED, messages, ts)
        if row is None:
            if attempt.is_behind:
                raise Retry(after=LOOK_AGAIN)
        elif not messages.first_ts and is_superseded(subscription, attempt.due, self._clock.now()):
            return Ending(DigestState.DROPPED, messages)
        return None

    # ---- compose -----------------------------------------------------------------------------------------------------

    async def _compose_and_post(self, attempt: Attempt, messages: Messages, destination: Destination) -> Ending:
        """Do the rest of the attempt. Raises SlackError, AccessDenied, AccessUndecided, Retry."""
        job, subscription, due = attempt.job, attempt.subscription, attempt.due
        try:
            material = await self._composer.collect(subscription, due, job.payload.longest)
        except (KickscaleError, RangeTooWide) as exc:
            time_left = deadline(subscription, due) - self._clock.now()
            if time_left > timedelta(0):
                raise _retry(job, time_left) from exc
            await attempt.note(replace(messages.progress, failing=True))
            return await self._give_up(job, messages, subscription, exc, destination.held)
        row = attempt.row
        if row is None:
            chosen = self._composer.choose(material)
            row = await self._digests.begin(subscription.id, due.day, due.at, chosen)
        whole = self._composer.compose(material, row.conversations)
        digest = await self._readers.show(whole, destination, is_begun=bool(messages.first_ts))
        if not (digest.conversations or messages.first_ts or subscription.empty):
            return Ending(DigestState.QUIET, messages)
        await self._sender.post(job, attempt.note, messages, row, whole=whole, digest=digest)
        return Ending(DigestState.POSTED, messages, messages.first_ts)

    # ---- close -------------------------------------------------------------------------------------------------------

    async def _close(self, job: DigestJob, ending: Ending) -> None:
        """Write down how the digest ended. The next one may list what its messages don't show."""
        await self._digests.end(
            job.payload.subscription,
            job.payload.due,
            ending.state,
            ts=ending.ts,
            posted_at=self._clock.now() if ending.ts else None,
            listed=ending.messages.progress.shown,
        )

    async def _abandon(self, job: DigestJob, row: DigestRow | None) -> None:
        """Close a digest of which nothing more is to be posted, and record what was posted. Raises Retry."""
        messages = self._sender.messages(job, job.progress.channel)
        try:
            await messages.recover()
        except SlackUnavailable as exc:
            raise _retry(job) from exc
        except SlackError as exc:
            log.warning("Slack didn't return what was posted for %s in %s (%s)", job.key, messages.channel, exc.code)
        if row is not None:
            state = DigestState.POSTED if messages.first_ts else DigestState.DROPPED
            await self._close(job, Ending(state, messages, messages.first_ts))

    async def _pause(self, attempt: Attempt, messages: Messages, refusal: str) -> None:
        """Close a digest whose channel can't be posted in, and pause its subscription."""
        await self._pausing.pause(attempt.subscription, refusal)
        await self._close(attempt.job, Ending(DigestState.DROPPED, messages))

    async def _fail(self, job: DigestJob, exc: BaseException) -> None:
        """Close a digest that failed for an unexpected reason, and say so. Raises Retry."""
        subscription = await self._subscriptions.get(job.payload.subscription)
        row = await self._digests.get(job.payload.subscription, job.payload.day)
        if subscription is None or (row is not None and row.state is not DigestState.BEGUN):
            return
        messages = self._sender.messages(job, job.progress.to or subscription.channel)
        ending = Ending(DigestState.FAILED, messages)
        try:
            if job.progress.to or await self._readers.may_read(subscription):
                await messages.recover()
                why = exc if isinstance(exc, BotError) else None
                ending = await self._give_up(job, messages, subscription, why, job.progress.held)
        except SlackUnavailable as unavailable:
            raise _retry(job) from unavailable
        except SlackError as refusal:
            if is_closed(refusal):
                await self._pausing.pause(subscription, refusal.code or "slack")
                ending = Ending(DigestState.DROPPED, messages)
            else:
                log.warning("%s failed, and nobody could be notified (%s)", job.key, refusal.code)
        await self._close(job, ending)

    async def _give_up(
        self, job: DigestJob, messages: Messages, subscription: Subscription, why: BotError | None, held: str
    ) -> Ending:
        """Say that there is no digest this time, or no more of it. Raises SlackError."""
        ts = await self._sender.say_failed(job, messages, subscription, why, held)
        return Ending(DigestState.FAILED, messages, ts)


def _is_abandoned(job: DigestJob, subscription: Subscription) -> bool:
    """Return whether nothing more is to be posted: the subscription was paused since, made live, or moved."""
    progress = job.progress
    is_paused = bool(subscription.paused) and not progress.pausing
    was_paused = subscription.since > job.payload.at
    to = progress.to or subscription.channel
    has_moved = progress.channel not in ("", to)
    return is_paused or was_paused or subscription.live or has_moved


def _failed_before(job: DigestJob, row: DigestRow) -> bool:
    """Return whether the row is that of the failure after which this job was promised."""
    return row.state is DigestState.FAILED and bool(row.ts) and row.ts == job.payload.over


def _retry(job: DigestJob, time_left: timedelta = timedelta.max) -> Retry:
    """Return a Retry that comes later each time, and at the latest when no time is left."""
    return Retry(after=min(BACKOFF.pause(job.attempts), time_left.total_seconds()))
