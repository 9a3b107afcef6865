"""What a subscription begins with, which two are the same, and what a change means for what was before: pure."""

from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from bot.models import Conversation, Subscription
from bot.schedule import next_due, period_start

DEFAULT_AT = time(8, 30)
ASKED = "asked"
"""Why one is paused that somebody paused."""
SLOW = timedelta(days=2)
"""So long after it began a conversation is listed in any case, analysed or not."""
SLOW_LIVE = timedelta(hours=3)
"""So long a conversation usually takes from its beginning until it is analysed, with some to spare."""


def begun(subscription: Subscription, now: datetime) -> Subscription:
    """As it begins: news from now on; the first digest covers the period that is under way, and what comes of it."""
    since = now if subscription.live else _period(subscription, now)
    return replace(subscription, created_at=now, since=since, due_after=now)


def resumed(subscription: Subscription, now: datetime) -> Subscription:
    """Going on with what comes from now on: nothing stale. One that is not paused stays as it is."""
    return replace(subscription, paused="", since=now, due_after=now) if subscription.paused else subscription


def is_news(live: Subscription, conversation: Conversation) -> bool:
    """Whether it had not ended when the subscription began: one that was under way then is analysed after it."""
    starts_at = conversation.starts_at
    return starts_at is not None and live.since <= starts_at + timedelta(seconds=conversation.duration or 0)


def edited(subscription: Subscription, now: datetime, **changes: Any) -> Subscription:
    """With these changes, and without a flood: a new time that is over today is due tomorrow, and customers that come
    in bring no more of the past than the others may still have to be listed of. In another channel, or live where it
    was not, it begins anew.
    """
    new = replace(subscription, **changes)
    if (new.channel, new.live) != (subscription.channel, subscription.live):
        return replace(begun(new, now), created_at=subscription.created_at)
    if _when(new) != _when(subscription):
        new = replace(new, due_after=max(now, subscription.due_after))
    if not set(new.domains) <= set(subscription.domains):
        start = now - SLOW_LIVE if new.live else _period(new, now) - SLOW
        new = replace(new, since=max(subscription.since, start))
    return new


def key(subscription: Subscription) -> Hashable:
    """Equal for two that would post the same in the same place at the same times."""
    when = None if subscription.live else _when(subscription)
    return subscription.channel, frozenset(subscription.domains), when


def _when(subscription: Subscription) -> tuple[time, tuple[int, ...], str]:
    return subscription.at, subscription.days, subscription.timezone


def _period(subscription: Subscription, now: datetime) -> datetime:
    return period_start(subscription, next_due(subscription, now))
