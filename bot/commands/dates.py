"""The words for dates, and the instants at which days begin.

Weeks begin on Monday. A range of two days includes both. What has no year is the latest that has begun, and in a range
whatever makes it one: `20 Dec - 10 Jan` ends in the year after it began. One period alone: `bot.commands.periods`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.commands.atoms import Atom, atoms, is_range_sign, is_sign, is_word
from bot.commands.lexicon.every import WORDS
from bot.commands.lexicon.words import Words
from bot.commands.periods import Ambiguous, Period, PeriodReader
from bot.errors import CommandError
from bot.model.commands import Days

_WEEK = timedelta(days=7)
_HALF_A_YEAR = timedelta(days=184)
"""`20 Dec - 10 Jan` ends in the next year, but `15 Nov - 1 Nov` is a mistake."""
_LONGEST = 100
"""In characters."""
_WITH_TIME = re.compile(r"(.*?)[,T ]+(?:um |at )?([0-9]{1,2}:[0-9]{2})(:[0-9]{2})?(?: ?uhr)?", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![0-9./-])([0-9]{1,2})[/-]([0-9]{1,2})(?=[/-](?:[0-9]{4}|[0-9]{2})(?![0-9])|[^0-9/-]|$)")


def read_days(words: Sequence[str], today: date, table: Words = WORDS) -> Days | None:
    """Return the days that `words` mean, joined by hyphens or not; None if they aren't words for dates.

    Raises CommandError if they are, but the days are impossible: 30 February, a range that ends before it begins, one
    in the future, or one outside the years 1970 to 2999; and if they are ambiguous like `11/01/2026`.
    """
    typed = " ".join(words)
    found = atoms(typed) if len(typed) <= _LONGEST else None
    if not found:
        return None
    orders = {int(second) > 12 for first, second in _NUMBERS.findall(typed) if (int(first) > 12) != (int(second) > 12)}
    known = orders.pop() if len(orders) == 1 else None
    try:
        return _Reader(typed, today, table, known).read(found)
    except Ambiguous:
        return _choose(typed, today, table, found)


def _choose(typed: str, today: date, table: Words, found: Sequence[Atom]) -> Days:
    """Return the days if both orders of `11/01/2026` mean the same. Otherwise raise CommandError with both as ISO."""
    readings: dict[str, Days] = {}
    error: CommandError | None = None
    for month_first in (True, False):
        try:
            days = _Reader(typed, today, table, month_first).read(found)
        except CommandError as exc:
            error = error or exc
        else:
            if days is not None:
                readings[iso(days)] = days
    if not readings:
        raise error or CommandError(typed, "date_impossible", {"word": typed})
    raise CommandError(typed, "date_ambiguous", {"word": typed}, instead=tuple(readings))


def read_moment(text: str, today: date) -> tuple[date, time | None] | None:
    """Return one day as people write it, e.g. `20.11.2026 14:30`, and its time if it has one; None if it isn't a day.

    Raises CommandError as `read_days` does.
    """
    match = _WITH_TIME.fullmatch(text.strip())
    days = read_days((match[1] if match else text).split(), today)
    if days is None or days.first != days.last:
        return None
    try:
        return days.first, time.fromisoformat(f"{match[2]:0>5}{match[3] or ''}") if match else None
    except ValueError:
        return None


def iso(days: Days) -> str:
    """Return days as they can always be typed: `2026-11-01..2026-11-15`."""
    return f"{days.first}" if days.first == days.last else f"{days.first}..{days.last}"


def range_words(table: Words = WORDS) -> tuple[str, ...]:
    """Return one way to write each kind of range, for suggestions."""
    this, last, since = table.this[0], table.last[0], table.since[0]
    return (
        *table.days_ago,
        *(f"{which}-{period}" for period in _first_names(table.periods) for which in (this, last)),
        *(f"{last}-{count}-{unit}" for count, unit in ((7, "days"), (30, "days"))),
        *(f"{since}-{weekday}" for weekday in _first_names(table.weekdays)),
        *_first_names(table.months),
    )


def _first_names(meanings: Mapping[str, object]) -> Iterable[str]:
    """Return the first of several words with the same meaning."""
    return {meaning: name for name, meaning in reversed(list(meanings.items()))}.values()


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
    """Reads `since`, ranges of two periods, and single periods."""

    def __init__(self, typed: str, today: date, table: Words, month_first: bool | None) -> None:
        self._today = today
        self._table = table
        self._periods = PeriodReader(typed, today, table, month_first=month_first)

    def read(self, found: Sequence[Atom]) -> Days | None:
        days = self._since(found) or self._single(found) or self._from_to(found)
        if days is not None and days.first > self._today:
            raise self._periods.error("date_future")
        return days

    def _single(self, found: Sequence[Atom]) -> Days | None:
        period = self._periods.read(found)
        return None if period is None else period.days

    def _since(self, found: Sequence[Atom]) -> Days | None:
        """`since monday`, `seit 3 Tagen`, `after 15 Nov`; and `2026-11-01..`, which has no end."""
        table = self._table
        is_after = is_word(found[0], table.after)
        start: Days | None
        if is_after or is_word(found[0], table.since):
            rest = [atom for atom in found[1:] if not is_word(atom, table.beginning)]
            rest = rest[1:] if rest and is_sign(rest[0], "-") else rest
            day = rest[0] if len(rest) == 1 else None
            if day is not None and is_word(day, table.weekdays):
                start = self._periods.weekday(day).days
            elif len(rest) < len(found) - 1 and (period := self._period_begun(rest)) is not None:
                start = period
            else:
                start = self._single(rest) if rest else None
        elif len(found) > 1 and found[-1].text.startswith(".."):
            start = self._single(found[:-1])
        else:
            return None
        if start is None:
            return None
        first = start.last + timedelta(days=1) if is_after else start.first
        if first > self._today:
            raise self._periods.error("date_future")
        return Days(first, self._today)

    def _period_begun(self, found: Sequence[Atom]) -> Days | None:
        """Return the period in which today is, by its name: `month`, `of the month`."""
        names = [atom for atom in found if not is_word(atom, self._table.date_fillers)]
        if len(names) != 1 or not is_word(names[0], self._table.periods):
            return None
        return self._single([Atom("word", self._table.this[0]), names[0]])

    def _from_to(self, found: Sequence[Atom]) -> Days | None:
        table = self._table
        is_between = is_word(found[0], table.between)
        start = 1 if is_between or is_word(found[0], table.start) else 0
        if start and (len(found) == 1 or self._periods.read(found[1:])):
            return None  # a filler and a single period
        for first, last in _splits(found[start:], table.both if is_between else table.to):
            days = self._two(first, last)
            if days is not None:
                return days
        return None

    def _two(self, first: Sequence[Atom], last: Sequence[Atom]) -> Days | None:
        if len(last) == 1 and is_word(last[0], self._table.until_now):
            return self._until_now(first)
        start, end = self._ends(first, last)
        if start is None or end is None or end.is_count:
            return None
        days = next(_in_order(start, end), None)
        if days is None:
            flipped = Days(end.days.first, start.days.last)
            raise self._periods.error("date_reversed", iso(flipped) if flipped.first <= flipped.last else None)
        return days

    def _until_now(self, first: Sequence[Atom]) -> Days | None:
        """`10 November until now`, `year to date`."""
        if (begun := self._period_begun(first)) is not None:
            return begun
        start = self._periods.read(first)
        return None if start is None else Days(start.days.first, self._today)

    def _ends(self, first: Sequence[Atom], last: Sequence[Atom]) -> tuple[Period | None, Period | None]:
        """Return both ends. One may lack what the other has: `16 - 22 Nov 2026`, `Nov 16 - 22`, `KW 46-47`."""
        if self._is_number(first):
            end = self._periods.read(last)
            return end and self._completed([*first, *last[cut:]] for cut in range(1, len(last))), end
        if self._is_number(last):
            start = self._periods.read(first)
            return start, start and self._completed([*first[:cut], *last] for cut in range(1, len(first)))
        return self._end(first), self._end(last)

    def _end(self, side: Sequence[Atom]) -> Period | None:
        """Return one end of a range, where `mo` and the like are weekdays too: `mo - mi`."""
        if len(side) == 1 and is_word(side[0], self._table.weekdays):
            return self._periods.weekday(side[0])
        return self._periods.read(side)

    def _is_number(self, side: Sequence[Atom]) -> bool:
        """Return whether this is a number of one or two digits, perhaps with a dot, a weekday before, a year after."""
        rest = [atom for atom in side if not is_sign(atom, ".") and not is_word(atom, self._table.weekdays)]
        numbers = [atom for atom in rest if atom.kind == "number"]
        has_year = len(numbers) == 2 and len(numbers[1].text) == 4 and len(side) - len(rest) == 0
        return len(rest) == len(numbers) and (len(numbers) == 1 or has_year) and len(numbers[0].text) <= 2

    def _completed(self, candidates: Iterable[Sequence[Atom]]) -> Period | None:
        for candidate in candidates:
            period = self._periods.read(candidate)
            if period is not None:
                return period
        return None


def _splits(found: Sequence[Atom], to: Iterable[str]) -> Iterator[tuple[Sequence[Atom], Sequence[Atom]]]:
    """Yield both sides of each sign or word that may stand between two days; dots and words come before hyphens."""
    places = [place for place, atom in enumerate(found) if is_range_sign(atom) or is_word(atom, to)]
    for place in sorted(places, key=lambda place: found[place].text == "-"):
        first, last = found[:place], found[place + 1 :]
        # `1 Nov -- 5 Nov`, `last-week-to-today`
        while first and is_range_sign(first[-1]):
            first = first[:-1]
        while last and is_range_sign(last[0]):
            last = last[1:]
        if first and last:
            yield first, last


def _in_order(start: Period, end: Period) -> Iterator[Days]:
    """Yield the ranges from `start` to `end` that end after they begin, the likeliest first."""
    starts, ends = [start.days], [end.days]
    if start.in_year is not None and end.in_year is None:
        near = _other_years(start, end.days.last.year, end.days.last.year - 1)
        starts = [start.days, *near] if start.is_month else near
    if end.in_year is not None:
        near = _other_years(end, start.days.first.year, start.days.first.year + 1)
        ends = [end.days, *near] if end.is_month else near
    if end.is_weekday:
        ends.append(Days(end.days.first + _WEEK, end.days.last + _WEEK))
    for first in starts:
        for last in ends:
            is_plausible = last == end.days or last.last - first.first <= _HALF_A_YEAR
            if first.first <= last.last and is_plausible:
                yield Days(first.first, last.last)


def _other_years(period: Period, *years: int) -> list[Days]:
    days = []
    for year in years:
        try:
            days.append(period.in_year(year) if period.in_year else period.days)
        except (CommandError, ValueError):  # no such day in that year
            continue
    return days
