"""Days, moments and lengths, as people read them."""

from datetime import UTC, date, datetime, tzinfo

from bot.model.commands import Days
from bot.texts import Texts
from bot.tools import timezones


def days(texts: Texts, covered: Days) -> str:
    """Return the days as a range. A month or year that the first and the last day share is only mentioned once."""
    first, last = covered.first, covered.last
    if first == last:
        return day(texts, last)
    if (first.year, first.month) == (last.year, last.month):
        key = "days.in_month"
    elif first.year == last.year:
        key = "days.in_year"
    else:
        key = "days.over_years"
    return texts(key, first=first.day, first_month=_month(texts, first), first_year=first.year, last=day(texts, last))


def day(texts: Texts, at: date) -> str:
    return texts("days.one", day=at.day, month=_month(texts, at), year=at.year)


def _month(texts: Texts, at: date) -> str:
    return texts("days.months").split()[at.month - 1]


def moment(texts: Texts, at: datetime, *, relative: bool = True) -> str:
    """Return mrkdwn that shows people the moment in their own time zone and language; `relative` days are "today" etc.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    plain = moment_text(texts, at)
    if at.timestamp() < 1:
        return plain
    form = texts("days.moment_relative" if relative else "days.moment_absolute")
    return f"<!date^{int(at.timestamp())}^{form}|{plain}>"


def moment_text(texts: Texts, at: datetime) -> str:
    """Return the moment in UTC, for texts in which Slack can't show a date."""
    utc = _in_zone(at, UTC)
    return texts("days.moment_utc", day=day(texts, utc.date()), time=utc.strftime("%H:%M"))


def local_day(at: datetime, timezone: str) -> date:
    return _in_zone(at, timezones.zone(timezone)).date()


def _in_zone(at: datetime, zone: tzinfo) -> datetime:
    try:
        return at.astimezone(zone)
    except OverflowError:  # the first or the last day that Python knows
        return at


def length(texts: Texts, seconds: int) -> str:
    """Return e.g. `42 min` or `1 h 05`."""
    minutes = (seconds + 30) // 60
    if minutes < 1:
        return texts("days.under_a_minute")
    hours, rest = divmod(minutes, 60)
    return texts("days.hours", hours=hours, minutes=f"{rest:02}") if hours else texts("days.minutes", minutes=minutes)


def clock(seconds: float) -> str:
    """Return seconds from the start as e.g. `00:01:23`."""
    whole = int(seconds) if 0 < seconds < 360_000 else 0
    return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}"
