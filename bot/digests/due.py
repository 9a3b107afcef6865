"""Finds the digests that are due, and promises a job for each.

The subscriptions in the database say what is due, by the bot's own clock. The scheduler only wakes this up.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta

from bot.clock import Clock
from bot.digests.job_kinds import DIGEST, DigestPayload, digest_keys
from bot.digests.schedule import dues, is_superseded, last_due, moment, next_due, period_start
from bot.errors import GoneError
from bot.model.digests import DigestRow, DigestState, Due, Retrial, Subscription, Upcoming
from bot.storage.stores import DigestStore, JobQueue, SubscriptionStore
from bot.tools import timezones

AT_ONCE = 100
"""How many digests are promised in one transaction: others wait for its end."""

Plan = Callable[[Mapping[datetime, timedelta]], None]
"""Has `run_due` called at each of these moments; the values say how far off they are."""


class DueDigests:
    def __init__(
        self, queue: JobQueue, subscriptions: SubscriptionStore, digests: DigestStore, clock: Clock, plan: Plan
    ) -> None:
        self._queue = queue
        self._subscriptions = subscriptions
        self._digests = digests
        self._clock = clock
        self._plan = plan

    async def run_due(self) -> None:
        """Promise every digest that is due by now, one for each subscription, and plan the next wake-ups."""
        now = self._clock.now()
        moments: set[datetime] = set()
        due_now: dict[Due, list[str]] = {}
        longest: dict[datetime, datetime] = {}
        async for subscription in self._subscriptions.scheduled():
            moments.add(next_due(subscription, now).at)
            if (due := last_due(subscription, now)) is not None:
                due_now.setdefault(due, []).append(subscription.id)
                start = period_start(subscription, due)
                longest[due.at] = min(start, longest.get(due.at, start))
        self._plan_wake_ups(moments, now)
        for due, ids in due_now.items():
            for first in range(0, len(ids), AT_ONCE):
                await self._promise(ids[first : first + AT_ONCE], due, longest[due.at])
            await self._subscriptions.mark_promised(ids, now)

    async def scheduled(self) -> list[Subscription]:
        """Return the subscriptions that have digests, and aren't paused."""
        return [subscription async for subscription in self._subscriptions.scheduled()]

    async def row(self, subscription: str, day: date) -> DigestRow | None:
        """Return what became of a subscription's digest of this day, if it has begun."""
        return await self._digests.get(subscription, day)

    async def plan(self) -> None:
        """Plan the wake-ups: one for each moment at which a digest is due next."""
        now = self._clock.now()
        moments = {next_due(subscription, now).at async for subscription in self._subscriptions.scheduled()}
        self._plan_wake_ups(moments, now)

    async def run_now(self, id: str) -> tuple[date, DigestRow | None]:  # noqa: A002
        """Promise today's digest of a subscription at once, and return its day.

        If it was posted already, or is under way, return its row instead of promising it. Raises GoneError for a
        subscription that isn't there.
        """
        subscription = await self._subscriptions.get(id)
        if subscription is None or subscription.live:
            raise GoneError("subscription", id)
        now = self._clock.now()
        day = now.astimezone(timezones.zone(subscription.timezone)).date()
        row = await self._digests.get(id, day)
        if row is not None and not await self._digests.forget(id, day):
            return day, row
        # A digest that failed has left progress and a message under its key, so this one needs another key.
        await self._promise([id], Due(day, now), now, suffix=f":{now.timestamp():.0f}" if row else "")
        return day, None

    async def try_again(self, id: str, day: date) -> Retrial:  # noqa: A002
        """Promise the digest of this day once more if it failed, and return what becomes of it.

        However often this is asked, each failure leads to one job. Raises GoneError if there is nothing to try again.
        """
        subscription = await self._subscriptions.get(id)
        if subscription is None or subscription.live:
            raise GoneError("subscription", id)
        if subscription.paused:
            return "paused"
        now, zone = self._clock.now(), timezones.zone(subscription.timezone)
        if is_superseded(subscription, Due(day, moment(day, time(), zone)), now):
            return "covered"
        row = await self._digests.get(id, day)
        if row is not None and row.state is DigestState.FAILED:
            payload = DigestPayload(id, day, now, now, over=row.ts)
            await self._queue.promise(DIGEST, f"{digest_keys(id)}{day}:{row.ts}", payload)
            return "trying"
        if row is not None and row.state is DigestState.POSTED:
            return "posted"
        if row is not None and row.state is DigestState.QUIET:
            return "quiet"
        jobs = await self._queue.unfinished(DIGEST, digest_keys(id))
        if any(job.payload.day == day for job in jobs):
            return "trying"
        raise GoneError("other", id)

    async def upcoming(self, subscription: Subscription) -> Upcoming | None:
        """Return the subscription's next digest, and one that is still retried; None if none comes.

        A day has only one digest.
        """
        if subscription.live or subscription.paused:
            return None
        trying = await self._trying(subscription)
        for due in dues(subscription, self._clock.now()):
            is_taken = trying is not None and due.day == trying.day
            if not is_taken and await self._digests.get(subscription.id, due.day) is None:
                return Upcoming(due, trying)
        return None

    async def _trying(self, subscription: Subscription) -> Due | None:
        """Return the digest that is due but neither posted nor given up."""
        jobs = await self._queue.unfinished(DIGEST, digest_keys(subscription.id))
        candidates = [job.payload.due for job in jobs]
        if (unpromised := last_due(subscription, self._clock.now())) is not None:
            candidates.append(unpromised)
        if not candidates:
            return None
        latest = max(candidates, key=lambda due: due.at)  # it covers the earlier ones
        row = await self._digests.get(subscription.id, latest.day)
        return latest if row is None or row.state is DigestState.BEGUN else None

    def _plan_wake_ups(self, moments: Iterable[datetime], now: datetime) -> None:
        self._plan({moment: moment - now for moment in moments})

    async def _promise(self, subscriptions: Iterable[str], due: Due, longest: datetime, suffix: str = "") -> None:
        """Promise the jobs of digests. `longest` is where the longest digest due at this moment starts."""
        # A job that ended without a row did nothing: its subscription was paused at the time, for example, and has been
        # resumed for a later time. So it is promised again. If it has a row, it sees that and does nothing.
        payloads = {
            f"{digest_keys(id_)}{due.day}{suffix}": DigestPayload(id_, due.day, due.at, longest)
            for id_ in subscriptions
        }
        await self._queue.promise_all(DIGEST, payloads, again=True)
