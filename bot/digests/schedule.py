"""When a subscription's digests are due: pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.digests import Due, Subscription
from bot.tools import timezones

NOON = time(12)
PATIENCE = timedelta(hours=3)
_DAY = timedelta(days=1)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """That local time as a moment in UTC.

    Where clocks skip it, the first minute that exists after the gap; where it comes twice, the first of the two.
    """
    local = datetime.combine(day, at.replace(fold=0), zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    # Before a gap, `fold=0` reads a skipped time with the offset of before, and so as a moment after the gap.
    low, high = found - _DAY, found
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(second=0, microsecond=0)


def dues(subscription: Subscription, after: datetime) -> Iterator[Due]:
    """Every due moment after `after`, one a local day, without end."""
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
    """The latest due moment up to `until` that was not seen to; earlier ones that were missed are covered by it."""
    zone = timezones.zone(subscription.timezone)
    day = until.astimezone(zone).date()
    for _ in range(8):
        if not subscription.days or day.weekday() in subscription.days:
            at = moment(day, subscription.at, zone)
            if at <= until:
                return Due(day, at) if at > subscription.due_after else None
        day -= _DAY
    return None


def period_start(subscription: Subscription, due: Due) -> datetime:
    """The moment of the digest before: a day, or several, before `due`."""
    zone = timezones.zone(subscription.timezone)
    day = due.day - _DAY
    while subscription.days and day.weekday() not in subscription.days:
        day -= _DAY
    return moment(day, subscription.at, zone)


def deadline(subscription: Subscription, due: Due) -> datetime:
    """Until when a digest that can't be made is tried again: noon of its zone or three hours, whichever is later."""
    return max(moment(due.day, NOON, timezones.zone(subscription.timezone)), due.at + PATIENCE)
