"""When a subscription's digests are due. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.digests import Due, Subscription
from bot.tools import timezones

NOON = time(12)
PATIENCE = timedelta(hours=3)
_DAY = timedelta(days=1)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return this local time as a moment in UTC.

    A time that the clocks skip becomes the first minute after the gap. A time that comes twice is the first one.
    """
    local = datetime.combine(day, at.replace(fold=0), zone)
    converted = local.astimezone(UTC)
    if converted.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return converted
    # With `fold=0`, a skipped time is read with the offset from before the gap, and so as a moment after the gap.
    low, high = converted - _DAY, converted
    offset_before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset_before else (low, middle)
    return high.replace(second=0, microsecond=0)


def dues(subscription: Subscription, after: datetime) -> Iterator[Due]:
    """Yield the digests due after that moment, one for each local day, endlessly."""
    zone = timezones.zone(subscription.timezone)
    day = after.astimezone(zone).date()
    while True:
        if not subscription.days or day.weekday() in subscription.days:
            at = moment(day, subscription.at, zone)
            if at > after:
                yield Due(day, at)
        day += _DAY


def next_due(subscription: Subscription, after: datetime) -> Due:
    return next(dues(subscription, after))


def last_due(subscription: Subscription, until: datetime) -> Due | None:
    """Return the latest digest due up to `until` that has no job yet; it covers any that were missed before it."""
    zone = timezones.zone(subscription.timezone)
    day = until.astimezone(zone).date()
    for _ in range(8):
        if not subscription.days or day.weekday() in subscription.days:
            at = moment(day, subscription.at, zone)
            if at <= until:
                return Due(day, at) if at > subscription.due_after else None
        day -= _DAY
    return None


def is_superseded(subscription: Subscription, due: Due, now: datetime) -> bool:
    """Return whether the digest of a later day is due too: it covers whatever this one would have covered."""
    latest = last_due(replace(subscription, due_after=due.at), now)
    return latest is not None and latest.day > due.day


def period_start(subscription: Subscription, due: Due) -> datetime:
    """Return the moment of the digest before: a day or several before `due`."""
    zone = timezones.zone(subscription.timezone)
    day = due.day - _DAY
    while subscription.days and day.weekday() not in subscription.days:
        day -= _DAY
    return moment(day, subscription.at, zone)


def deadline(subscription: Subscription, due: Due) -> datetime:
    """Return until when a digest is retried: its local noon, or three hours after it was due if that is later."""
    return max(moment(due.day, NOON, timezones.zone(subscription.timezone)), due.at + PATIENCE)
