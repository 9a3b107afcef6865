"""What is in a digest: the conversations that it lists, and the figures above them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from bot.access.audience import Audience
from bot.clock import Clock
from bot.digests.schedule import last_due, period_start
from bot.digests.window import Window, Windows
from bot.domains import matches_any
from bot.model.conversation import Conversation
from bot.model.digests import Digest, Due, Subscription
from bot.storage.stores import DigestStore
from bot.tools import timezones

LONGEST_PERIOD = timedelta(days=8)
"""A digest comes at least once a week."""
LATE = timedelta(minutes=5)
"""A digest that is later than this says so."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a digest is composed from."""

    subscription: Subscription
    due: Due
    start: datetime
    """The digest covers what became known from this moment until it is due."""
    window: Window


class Composer:
    def __init__(self, windows: Windows, digests: DigestStore, audience: Audience, clock: Clock) -> None:
        self._windows = windows
        self._digests = digests
        self._audience = audience
        self._clock = clock

    async def collect(self, subscription: Subscription, due: Due, longest: datetime | None) -> Material:
        """Read what a digest may list. `longest` is where the longest digest due at this moment starts.

        Raises KickscaleError, RangeTooWide.
        """
        start = await self._start(subscription, due)
        window = await self._windows.get(min(start, longest or start), due.at)
        return Material(subscription, due, start, window)

    def choose(self, material: Material) -> list[str]:
        """Return the ids of the conversations that the digest is to list, unless an earlier one listed them."""
        candidates = material.window.candidates(material.subscription, material.start)
        return [conversation.id for conversation in candidates if self._is_wanted(material.subscription, conversation)]

    def compose(self, material: Material, chosen: Sequence[str]) -> Digest:
        """Return the digest of the chosen conversations, except for those that it may not list any more."""
        subscription, due, start, window = material.subscription, material.due, material.start, material.window
        known = [window.by_id[id_] for id_ in chosen if id_ in window.by_id]
        conversations = tuple(conversation for conversation in known if self._is_wanted(subscription, conversation))
        usual_count, usual_seconds = window.usual(
            subscription, start, partial(self._audience.covers, subscription.channel)
        )
        zone = timezones.zone(subscription.timezone)
        last_day = max(due.day, due.at.astimezone(zone).date())  # one that failed may be tried again on the next day
        counts = Counter(
            conversation.starts_at.astimezone(zone).date() for conversation in conversations if conversation.starts_at
        )
        return Digest(
            subscription=subscription,
            day=due.day,
            start=start,
            end=due.at,
            conversations=conversations,
            usual_count=usual_count,
            usual_seconds=usual_seconds,
            counts=tuple((day, counts[day]) for day in _days(start.astimezone(zone).date(), last_day)),
            posted_late=self._clock.now() - due.at > LATE,
        )

    async def preview(self, subscription: Subscription) -> Digest:
        """Return the digest that would be posted now. Raises KickscaleError, RangeTooWide."""
        now = self._clock.now()
        due = Due(now.astimezone(timezones.zone(subscription.timezone)).date(), now)
        start = await self._start(subscription, due)
        material = Material(subscription, due, start, await self._windows.get_uncached(start, due.at))
        return self.compose(material, await self._digests.unlisted(subscription.id, self.choose(material)))

    async def preview_last_period(self, subscription: Subscription) -> Digest | None:
        """Return the last digest that the subscription would have had, if it has had none yet; else None.

        Raises KickscaleError, RangeTooWide.
        """
        now = self._clock.now()
        due = last_due(replace(subscription, due_after=now - LONGEST_PERIOD), now)
        if due is None or await self._digests.last_made(subscription.id, now) is not None:
            return None
        start = period_start(subscription, due)
        earlier = replace(subscription, since=start, since_of={})
        material = Material(earlier, due, start, await self._windows.get_uncached(start, due.at))
        return replace(self.compose(material, self.choose(material)), posted_late=False)

    async def _start(self, subscription: Subscription, due: Due) -> datetime:
        """Return where the digest starts: at the last one that was made, or where the subscription starts, if later."""
        last = await self._digests.last_made(subscription.id, due.at)
        return max(subscription.since, last) if last else subscription.since

    def _is_wanted(self, subscription: Subscription, conversation: Conversation) -> bool:
        """Return whether it is about the subscription's customers, and the channel's: either may have changed."""
        is_subscribed = matches_any(subscription.domains, conversation.customer_domains)
        return is_subscribed and self._audience.covers(subscription.channel, conversation)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
