"""The words for dates, and the instants at which days begin.

Weeks begin on Monday. `this-…` ends today. `last-7-days` is today and the six days before it; likewise `4w` and
`last-4-weeks` are 28 days, and `3m` begins on the day after the same date three months ago (or after that month's last
day if it has no such date), so that consecutive ranges neither overlap nor leave a gap. A month is all of its days;
without a year it is the most recent one that has begun.
"""

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.commands.lexicon.en import EN
from bot.commands.lexicon.words import Span, Words
from bot.errors import CommandError
from bot.model.commands import Days
from bot.tools.spelling import fold

FIRST_YEAR = 1970
LAST_YEAR = 2999
"""Nobody has conversations in other years, and time zone arithmetic fails near the ends of Python's calendar."""

_LONGEST = 60
_DATE = re.compile(r"([0-9]{1,9})-([0-9]{1,2})-([0-9]{1,2})")
_DATES = re.compile(rf"({_DATE.pattern})-({_DATE.pattern})")
_DOTS = re.compile(r"-?\.{2,}-?")
_COUNT = re.compile(r"([0-9]+)-?([^\W\d_]+)")
_COMPACT = re.compile(r"([0-9]+)([^\W\d_]+)")


def read_days(words: Sequence[str], today: date, table: Words = EN) -> Days | None:
    """Return the days that `words` mean, joined by hyphens or not; None if they aren't words for dates.

    Raises CommandError if they are, but the days are impossible: 30 February, a range that ends before it begins, one
    in the future, or one outside the years 1970 to 2999.
    """
    return _Reader(" ".join(words), today, table).read(fold("-".join(words)))


def range_words(table: Words = EN) -> tuple[str, ...]:
    """Return one way to write each kind of range, for suggestions."""
    this, last, since = table.this[0], table.last[0], table.since[0]
    return (
        *table.days_ago,
        *(f"{which}-{period}" for period in table.periods for which in (this, last)),
        *(f"{last}-{count}-{unit}" for count, unit in ((7, "days"), (30, "days"))),
        *(f"{since}-{weekday}" for weekday in _first_names(table.weekdays)),
        *_first_names(table.months),
    )


def _first_names(numbers: Mapping[str, int]) -> Iterable[str]:
    """Return the first of several words with the same meaning."""
    return {number: name for name, number in reversed(list(numbers.items()))}.values()


def instants(days: Days, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of the first day and the first instant after the last one, in UTC.

    Every instant belongs to one day: if the clocks skip midnight, the day begins with the first instant after the gap;
    if midnight occurs twice, with the first one. A day that a zone skipped entirely has no length.
    """
    return _begin(days.first, zone), _begin(days.last + timedelta(days=1), zone)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    midnight = datetime.combine(day, time(), zone)
    begin = midnight.astimezone(UTC)
    if begin.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return begin
    # Midnight is in a gap. PEP 495: fold=0 uses the offset before it, fold=1 the one after it, so the two instants are
    # on either side of the change.
    before = midnight.replace(fold=1).astimezone(UTC)
    while begin - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(begin - before) // timedelta(seconds=2))
        if middle.astimezone(zone).date() < day:
            before = middle
        else:
            begin = middle
    return begin


class _Reader:
    def __init__(self, typed: str, today: date, table: Words) -> None:
        self._typed = typed
        self._today = today
        self._table = table

    def read(self, text: str) -> Days | None:
        if len(text) > _LONGEST:
            return None
        days = self._since(text) or self._from_to(text) or self._one(text)
        if days is None:
            return None
        if days.first > self._today:
            raise self._error("date_future")
        return days

    def _error(self, reason: str, suggestion: str | None = None, **values: str) -> CommandError:
        return CommandError(self._typed, reason, {"word": self._typed, **values}, suggestion)

    def _since(self, text: str) -> Days | None:
        head, _, rest = text.partition("-")
        if head not in self._table.since:
            return None
        if rest in self._table.weekdays:
            ago = (self._today.weekday() - self._table.weekdays[rest]) % 7
            return Days(self._today - timedelta(days=ago), self._today)
        start = self._one(rest)
        if start is None:
            return None
        if start.first > self._today:
            raise self._error("date_future")
        return Days(start.first, self._today)

    def _from_to(self, text: str) -> Days | None:
        if match := _DATES.fullmatch(text):
            sides = [match[1], match[5]]
        else:
            sides = _DOTS.split(text)
            for word in self._table.to:
                sides = sides if len(sides) > 1 else text.split(f"-{word}-")
        if len(sides) != 2:
            return None
        first, last = (self._one(side) for side in sides)
        if first is None or last is None:
            return None
        if first.first > last.last:
            raise self._error("date_reversed", suggestion=f"{last.first}..{first.last}")
        return Days(first.first, last.last)

    def _one(self, text: str) -> Days | None:
        """Read a range without `since` and `..`."""
        if text in self._table.days_ago:
            day = self._today - timedelta(days=self._table.days_ago[text])
            return Days(day, day)
        if match := _DATE.fullmatch(text):
            day = self._date(*match.groups())
            return Days(day, day)
        if match := _COMPACT.fullmatch(text):
            return self._count(match[1], self._table.short_units.get(match[2]))
        head, _, rest = text.partition("-")
        if head in self._table.months:
            return self._month(self._table.months[head], rest)
        if head in self._table.this and rest in self._table.periods:
            return Days(_period_start(self._table.periods[rest], self._today), self._today)
        if head in self._table.last:
            if rest in self._table.periods:
                end = _period_start(self._table.periods[rest], self._today) - timedelta(days=1)
                return Days(_period_start(self._table.periods[rest], end), end)
            if match := _COUNT.fullmatch(rest):
                return self._count(match[1], self._table.units.get(match[2], self._table.short_units.get(match[2])))
        return None

    def _date(self, year: str, month: str, day: str) -> date:
        self._year(year)
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            suggestion = None
            if 1 <= int(month) <= 12 and int(day):
                suggestion = f"{date(int(year), int(month), calendar.monthrange(int(year), int(month))[1])}"
            raise self._error("date_impossible", suggestion) from None

    def _year(self, year: str) -> int:
        if not FIRST_YEAR <= int(year) <= LAST_YEAR:
            raise self._error("date_year", first=str(FIRST_YEAR), last=str(LAST_YEAR))
        return int(year)

    def _month(self, month: int, year: str) -> Days | None:
        if not year:
            number = self._today.year - (month > self._today.month)
        elif re.fullmatch(r"[0-9]{1,9}", year):
            number = self._year(year)
        else:
            return None
        return Days(date(number, month, 1), date(number, month, calendar.monthrange(number, month)[1]))

    def _count(self, digits: str, span: Span | None) -> Days | None:
        if span is None:
            return None
        count = int(digits) if len(digits) < 7 else 10**7
        if count == 0:
            raise self._error("date_zero", f"{self._table.last[0]}-7-{next(iter(self._table.units))}")
        ordinal = self._today.toordinal() - count * span.days
        month = self._today.year * 12 + self._today.month - 1 - count * span.months
        if ordinal < date(FIRST_YEAR, 1, 1).toordinal() or month < FIRST_YEAR * 12:
            raise self._error("date_far", first=str(FIRST_YEAR))
        if span.months:
            year, index = divmod(month, 12)
            ordinal = date(year, index + 1, min(self._today.day, calendar.monthrange(year, index + 1)[1])).toordinal()
        return Days(date.fromordinal(ordinal + 1), self._today)


def _period_start(period: str, day: date) -> date:
    match period:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case _:
            return day.replace(month=1, day=1)
