"""How a subscription starts, which two are the same, and what a change means for past conversations. Pure."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Unpack

from bot.digests.schedule import last_due, next_due, period_start
from bot.domains import EVERY, covers, matches_any
from bot.model.conversation import Conversation
from bot.model.digests import Subscription, SubscriptionFields
from bot.tools.timezones import canonical

DEFAULT_AT = time(8, 30)
SLOW = timedelta(days=2)
"""After this time, a conversation is listed even if it wasn't analysed."""
SLOW_LIVE = timedelta(hours=3)
"""How long it takes at most, usually, from the beginning of a conversation until it is analysed."""


def begin(subscription: Subscription, now: datetime) -> Subscription:
    """Return the subscription as it starts: news from now on, or a first digest about the current period."""
    since = now if subscription.live else _current_period_start(subscription, now)
    return replace(subscription, created_at=now, since=since, due_after=now, since_of={})


def resume(subscription: Subscription, now: datetime) -> Subscription:
    """Return the subscription resumed, with nothing from before now. If it isn't paused, it stays as it is."""
    if not subscription.paused:
        return subscription
    return replace(subscription, paused="", since=now, due_after=now, since_of={})


def counts_from(subscription: Subscription, conversation: Conversation) -> datetime:
    """Return the moment from which on it posts conversations with these customers: that of the earliest pattern."""
    if not subscription.since_of:
        return subscription.since
    domains = conversation.customer_domains
    matching = (since for pattern, since in _starts(subscription).items() if matches_any([pattern], domains))
    return min(matching, default=subscription.since)


def is_news(live: Subscription, conversation: Conversation) -> bool:
    """Return whether the conversation ended after the subscription started: then it is analysed after that, too."""
    starts_at = conversation.starts_at
    if starts_at is None:
        return False
    return counts_from(live, conversation) <= starts_at + timedelta(seconds=conversation.duration or 0)


def edit(subscription: Subscription, now: datetime, **changes: Unpack[SubscriptionFields]) -> Subscription:
    """Return the subscription with these changes, in a way that neither floods the channel nor loses anything.

    If the new time has passed today, the next digest is due tomorrow. Added customers bring only as much of the past as
    a digest usually lists. In another channel, or if it becomes live or isn't any more, the subscription starts again.
    """
    new = replace(subscription, **changes)
    if (new.channel, new.live) != (subscription.channel, subscription.live):
        return replace(begin(new, now), created_at=subscription.created_at)
    if _timing(new) != _timing(subscription):
        # A digest that was missed because the bot was down has no job yet, and is also due at the new time.
        missed, late = last_due(subscription, now), last_due(new, now)
        if missed is None or late is None or late.day < missed.day:
            new = replace(new, due_after=max(now, subscription.due_after))
    if new.domains != subscription.domains:
        start = now - SLOW_LIVE if new.live else _current_period_start(new, now) - SLOW
        new = replace(new, since_of=_edit_starts(subscription, new.domains, max(subscription.since, start)))
    return new


def identity(subscription: Subscription) -> Hashable:
    """Return a key that is equal for subscriptions that post the same in the same place at the same times."""
    timing = None if subscription.live else _timing(subscription)
    return subscription.channel, frozenset(subscription.domains), timing


def _edit_starts(before: Subscription, patterns: tuple[str, ...], start: datetime) -> Mapping[str, datetime]:
    """Return `since_of` for new patterns: those that no earlier pattern covers count from `start`."""
    known = _starts(before)
    wide = [pattern for pattern in known if EVERY in pattern]  # any other covers only itself
    starts = {}
    for pattern in patterns:
        covering = [known[earlier] for earlier in {pattern, *wide} & known.keys() if covers(earlier, pattern)]
        starts[pattern] = min(covering, default=start)
    wide = [pattern for pattern in patterns if EVERY in pattern]
    replaced = {
        earlier: since
        for earlier, since in known.items()
        if any(since < starts[pattern] and covers(pattern, earlier) for pattern in wide)
    }
    return {pattern: since for pattern, since in starts.items() if since != before.since} | replaced


def _starts(subscription: Subscription) -> dict[str, datetime]:
    """Return the moment from which on each pattern counts."""
    return {**dict.fromkeys(subscription.domains, subscription.since), **subscription.since_of}


def _timing(subscription: Subscription) -> tuple[time, tuple[int, ...], str]:
    return subscription.at, subscription.days, canonical(subscription.timezone)


def _current_period_start(subscription: Subscription, now: datetime) -> datetime:
    return period_start(subscription, next_due(subscription, now))
