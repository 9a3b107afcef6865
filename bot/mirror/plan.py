"""Which days are read next. Pure: it depends on when each day was last read and on nothing else, so that a bot that was
killed, or down for a week, goes on where it was.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.commands import Days

NEWEST = timedelta(minutes=5)
"""How old the copy of today and yesterday may be."""
TRAILING = 14
"""Days that are read again each night: Kickscale changes records days after their date, and can't be asked what has
changed. Its connector reads as many again (PostHog/posthog, pull request 84291)."""
NIGHT = time(2)
"""When nobody works, in the bot's time zone."""
DAY = timedelta(days=1)


def window(now: datetime, days: int) -> Days:
    """Return the days (UTC) that are copied, up to tomorrow: a conversation's date may be a little ahead."""
    today = now.astimezone(UTC).date()
    return Days(today - timedelta(days=days - 1), today + DAY)


def due(now: datetime, zone: ZoneInfo, covered: Days, read: Mapping[date, datetime]) -> list[date]:
    """Return the days that have to be read, the newest first. `read` says as of when each is known."""
    newest = covered.last - 2 * DAY
    trailing = covered.last - TRAILING * DAY
    night = last_night(now, zone)
    weekend = last_night(now, zone, weekday=6)

    def is_due(day: date) -> bool:
        at = read.get(day)
        if at is None:
            return True
        if day >= newest:
            # A clock that was set back must not keep the newest from being read.
            return not now - NEWEST < at <= now
        return at < (night if day >= trailing else weekend)

    days = (date.fromordinal(number) for number in range(covered.last.toordinal(), covered.first.toordinal() - 1, -1))
    return [day for day in days if is_due(day)]


def last_night(now: datetime, zone: ZoneInfo, weekday: int | None = None) -> datetime:
    """Return the latest moment at which it was night: of that weekday (Monday is 0), if given."""
    local = now.astimezone(zone)
    night = datetime.combine(local.date(), NIGHT, zone)
    while night > local or (weekday is not None and night.weekday() != weekday):
        night = datetime.combine(night.date() - DAY, NIGHT, zone)
    return night.astimezone(UTC)


def spans(days: list[date], longest: int) -> Iterator[Days]:
    """Yield days that follow one another together, `longest` at most. `days` are the newest first."""
    last = first = None
    for day in days:
        if first is not None and last is not None:
            if first - day == DAY and (last - day).days < longest:
                first = day
                continue
            yield Days(first, last)
        last = first = day
    if first is not None and last is not None:
        yield Days(first, last)


def instants(days: Days) -> tuple[datetime, datetime]:
    """Return the beginning and the end of these days in UTC."""
    start = datetime.combine(days.first, time(), UTC)
    return start, datetime.combine(days.last + DAY, time(), UTC)


def whole_days(start: datetime, end: datetime) -> Days | None:
    """Return the days (UTC) that are wholly between these moments; None if there is none."""
    began, ended = start.astimezone(UTC), end.astimezone(UTC)
    first = began.date() if began.time() == time() else began.date() + DAY
    last = ended.date() - DAY
    return Days(first, last) if first <= last else None
