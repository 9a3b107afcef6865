"""Days, moments and lengths, as people read them."""

from datetime import UTC, date, datetime, tzinfo

from bot.model.commands import Days
from bot.texts import Texts, formatting
from bot.tools import timezones


def days(texts: Texts, covered: Days) -> str:
    """Return the days as a range, without what both ends share: the month or the year."""
    if covered.first == covered.last:
        return day(texts, covered.last)
    return formatting.interval(texts.language, covered.first, covered.last)


def day(texts: Texts, at: date) -> str:
    """Return e.g. `Fri, 27 Nov 2026`."""
    return formatting.day(texts.language, at)


def moment(texts: Texts, at: datetime, *, relative: bool = False, with_year: bool = True) -> str:
    """Return mrkdwn that shows a moment: in the reader's time zone, e.g. `Fri, 27 Nov 2026, 15:00`.

    If there are several readers, Slack shows it to each of them in their own zone; with `relative`, near days are shown
    as "today" etc. (https://docs.slack.dev/messaging/formatting-message-text#date-formatting)
    """
    zone = timezones.find(texts.timezone)
    if zone is not None:
        return formatting.moment(texts.language, _in_zone(at, zone), with_year=with_year)
    plain = moment_text(texts, at)
    if at.timestamp() < 1:
        return plain
    form = texts("days.moment_relative" if relative else "days.moment_absolute")
    return f"<!date^{int(at.timestamp())}^{form}|{plain}>"


def moment_text(texts: Texts, at: datetime) -> str:
    """Return the moment for texts in which Slack can't show a date: in the reader's time zone, or else in UTC."""
    zone = timezones.find(texts.timezone)
    if zone is not None:
        return formatting.moment(texts.language, _in_zone(at, zone))
    return texts("days.moment_utc", moment=formatting.moment(texts.language, _in_zone(at, UTC)))


def local_day(at: datetime, timezone: str) -> date:
    return _in_zone(at, timezones.zone(timezone)).date()


def _in_zone(at: datetime, zone: tzinfo) -> datetime:
    try:
        return at.astimezone(zone)
    except OverflowError:  # the first or the last day that Python knows
        return at


def length(texts: Texts, seconds: int) -> str:
    """Return e.g. `42 min` or `1 h 5 min`."""
    minutes = (seconds + 30) // 60
    if minutes < 1:
        return texts("days.under_a_minute")
    hours, rest = divmod(minutes, 60)
    if not hours:
        return texts("days.minutes", minutes=minutes)
    return texts("days.hours_and_minutes", hours=hours, minutes=rest) if rest else texts("days.hours", hours=hours)


def position(seconds: float) -> str:
    """Return seconds from the start as people say them of a recording: `1:23`, or `1:02:03` after an hour."""
    return clock(seconds).removeprefix("00:").removeprefix("0")


def clock(seconds: float) -> str:
    """Return seconds from the start as e.g. `00:01:23`."""
    whole = int(seconds) if 0 < seconds < 360_000 else 0
    return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}"
