"""What a subscription begins with, which two are the same, and what a change means for what was before: pure."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from bot.digests.schedule import last_due, next_due, period_start
from bot.domains import EVERY, covers, matches_any
from bot.model.conversation import Conversation
from bot.model.digests import Subscription

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
    return replace(subscription, created_at=now, since=since, due_after=now, since_of={})


def resumed(subscription: Subscription, now: datetime) -> Subscription:
    """Going on with what comes from now on: nothing stale. One that is not paused stays as it is."""
    if not subscription.paused:
        return subscription
    return replace(subscription, paused="", since=now, due_after=now, since_of={})


def counts_from(subscription: Subscription, conversation: Conversation) -> datetime:
    """From when on it posts what there is with this one's customers: by the pattern that was there first."""
    if not subscription.since_of:
        return subscription.since
    known = _sinces(subscription)
    found = (since for each, since in known.items() if matches_any([each], conversation.customer_domains))
    return min(found, default=subscription.since)


def is_news(live: Subscription, conversation: Conversation) -> bool:
    """Whether it had not ended when the subscription began: one that was under way then is analysed after it."""
    starts_at = conversation.starts_at
    if starts_at is None:
        return False
    return counts_from(live, conversation) <= starts_at + timedelta(seconds=conversation.duration or 0)


def edited(subscription: Subscription, now: datetime, **changes: Any) -> Subscription:
    """With these changes, and without a flood: a new time that is over today is due tomorrow, and customers that come
    in bring no more of the past than the others usually have to be listed of, which lose nothing by it. In another
    channel, or live where it was not, it begins anew.
    """
    new = replace(subscription, **changes)
    if (new.channel, new.live) != (subscription.channel, subscription.live):
        return replace(begun(new, now), created_at=subscription.created_at)
    if _when(new) != _when(subscription):
        # While the bot is down, what is due is not promised yet: then it is late at its new time too.
        missed, late = last_due(subscription, now), last_due(new, now)
        if missed is None or late is None or late.day < missed.day:
            new = replace(new, due_after=max(now, subscription.due_after))
    if new.domains != subscription.domains:
        start = now - SLOW_LIVE if new.live else _period(new, now) - SLOW
        new = replace(new, since_of=_since_of(subscription, new.domains, max(subscription.since, start)))
    return new


def key(subscription: Subscription) -> Hashable:
    """Equal for two that would post the same in the same place at the same times."""
    when = None if subscription.live else _when(subscription)
    return subscription.channel, frozenset(subscription.domains), when


def _since_of(before: Subscription, patterns: tuple[str, ...], start: datetime) -> Mapping[str, datetime]:
    """`since_of` once the patterns are these: what none of those before covers counts from `start`."""
    known = _sinces(before)
    wide = [each for each in known if EVERY in each]  # any other covers itself alone
    found = {}
    for pattern in patterns:
        covering = [known[each] for each in {pattern, *wide} & known.keys() if covers(each, pattern)]
        found[pattern] = min(covering, default=start)
    wide = [each for each in patterns if EVERY in each]
    taken_in = {
        pattern: since
        for pattern, since in known.items()
        if any(since < found[each] and covers(each, pattern) for each in wide)
    }
    return {each: since for each, since in found.items() if since != before.since} | taken_in


def _sinces(subscription: Subscription) -> dict[str, datetime]:
    return {**dict.fromkeys(subscription.domains, subscription.since), **subscription.since_of}


def _when(subscription: Subscription) -> tuple[time, tuple[int, ...], str]:
    return subscription.at, subscription.days, subscription.timezone


def _period(subscription: Subscription, now: datetime) -> datetime:
    return period_start(subscription, next_due(subscription, now))
