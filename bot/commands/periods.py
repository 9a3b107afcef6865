"""One day or one period as people write it: `20.11.2026`, `Nov 20`, `Q3`, `KW47`, `last week`, `3 days ago`.

What has no year is the latest that has begun. `this-…` ends today. `last-7-days` is today and the six days before it;
likewise `4w` and `last-4-weeks` are 28 days, and `3m` begins on the day after the same date three months ago (or after
that month's last day if it has no such date), so that consecutive ranges neither overlap nor leave a gap.
"""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.commands.atoms import Atom, is_sign, is_word, plain
from bot.commands.calendar_periods import WEEKEND, month_of, period_of, period_start, weekend
from bot.commands.lexicon.words import Span, Words
from bot.errors import CommandError
from bot.model.commands import Days

FIRST_YEAR = 1970
LAST_YEAR = 2999
"""Nobody has conversations in other years, and time zone arithmetic fails near the ends of Python's calendar."""
_LEAP_CYCLE = 8
"""Years between two leap years at most: 1896 to 1904."""
_MOST_WEEKS = 53
_LONGEST = {"week": 7, "month": 31, "quarter": 92, "year": 366}
"""Days from the start of a period that surely lead to the next one."""


class Ambiguous(Exception):
    """`11/01/2026`: a different day on each side of the Atlantic."""


@dataclass(frozen=True, slots=True)
class Period:
    days: Days
    in_year: Callable[[int], Days] | None = None
    """The same in another year, if it was written without one."""
    is_month: bool = False
    is_weekday: bool = False
    is_count: bool = False
    """It was counted back from today: `20d`."""


class PeriodReader:
    """Reads atoms as one period. `month_first` is the order of `11/01/2026`; None if it isn't known."""

    def __init__(self, typed: str, today: date, table: Words, *, month_first: bool | None = None) -> None:
        self._typed = typed
        self._today = today
        self._table = table
        self._month_first = month_first

    def read(self, found: Sequence[Atom]) -> Period | None:
        """Return the period; None if the atoms aren't one. Raises CommandError for an impossible one, and Ambiguous."""
        atoms = [self._numbered_atom(atom) for atom in plain(self._without_time(found), self._table.date_fillers)]
        if not atoms:
            return None
        self._refuse_ahead(found[0], atoms)
        if len(atoms) > 1 and is_word(atoms[-1], self._table.day_parts):
            return self._whole_day(atoms[:-1])
        if is_word(atoms[0], self._table.weekdays) and len(atoms) > 1:
            return self._weekday_and(atoms[0], atoms[1:])
        return (
            self._word(atoms)
            or self._numeric(atoms)
            or self._month(atoms)
            or self._numbered(atoms)
            or self._relative(atoms)
            or self._counted(atoms)
        )

    def error(self, reason: str, suggestion: str | None = None, **values: str) -> CommandError:
        instead = () if suggestion is None else (suggestion,)
        return CommandError(self._typed, reason, {"word": self._typed, **values}, instead=instead)

    def _without_time(self, found: Sequence[Atom]) -> Sequence[Atom]:
        """Leave out the time of `27 Nov 2026, 15:00 UTC`."""
        place = next((place for place, atom in enumerate(found) if atom.kind == "time"), None)
        if place is None:
            return found
        after = {"utc", *self._table.time_fillers, *self._table.halves}
        if any(not is_word(atom, after) for atom in found[place + 1 :]):
            return ()
        start = place
        while start and is_word(found[start - 1], (*self._table.digest_options, "t")):
            start -= 1
        return found[:start] if start else ()

    def _numbered_atom(self, atom: Atom) -> Atom:
        """`third` is `3`."""
        number = self._table.ordinals.get(atom.text) if atom.kind == "word" else None
        return atom if number is None else Atom("number", str(number))

    def _whole_day(self, day: Sequence[Atom]) -> Period | None:
        """The day whose evening or morning this is: `yesterday evening`, `this morning`, `last night`."""
        head = day[0].text if len(day) == 1 else ""
        if head in self._table.this or head in self._table.last:
            return self._day(self._today - timedelta(days=head in self._table.last))
        period = self.read(day)
        return period if period is not None and period.days.first == period.days.last else None

    # ---- single words --------------------------------------------------------------------------------------------

    def _word(self, atoms: Sequence[Atom]) -> Period | None:
        table, word = self._table, atoms[0].text
        name = " ".join(atom.text for atom in atoms)
        if name in table.days_ago:
            return self._day(self._today - timedelta(days=table.days_ago[name]))
        if len(atoms) > 1 or atoms[0].kind != "word":
            return None
        if word in table.to_date:
            return Period(Days(period_start(table.to_date[word], self._today), self._today))
        if word in table.weekdays and word not in table.short_weekdays:
            return self.weekday(atoms[0])
        if table.day_groups.get(word) == WEEKEND:
            return Period(weekend(self._latest_weekday(WEEKEND[0], self._today)))
        if word in table.ahead and word not in table.last:
            raise self.error("date_future")
        return None

    def weekday(self, atom: Atom) -> Period:
        """Return the latest weekday of this name; today if it is one."""
        latest = self._latest_weekday(self._table.weekdays[atom.text], self._today)
        return Period(Days(latest, latest), is_weekday=True)

    def _weekday_and(self, weekday: Atom, rest: Sequence[Atom]) -> Period | None:
        """`Fri, 27 Nov 2026` is that date; `Friday last week` is the Friday of that week."""
        period = self.read(rest)
        if period is None:
            return None
        first, last = period.days.first, period.days.last
        if first == last:
            return period if any(atom.kind == "number" for atom in rest) else None
        is_week = first.weekday() == 0 and (last - first).days < 7
        if not is_week or not (is_word(rest[0], (*self._table.this, *self._table.last, *self._table.numbered))):
            return None
        return self._day(first + timedelta(days=self._table.weekdays[weekday.text]))

    # ---- dates ---------------------------------------------------------------------------------------------------

    def _numeric(self, atoms: Sequence[Atom]) -> Period | None:
        numbers = [atom for atom in atoms if atom.kind == "number"]
        signs = [atom for atom in atoms if atom.kind == "sign"]
        if len(numbers) + len(signs) < len(atoms) or not 1 <= len(numbers) <= 3:
            return None
        ends_in_dot = is_sign(atoms[-1], ".")
        inner = signs[:-1] if ends_in_dot else signs
        pattern = "".join("n" if atom.kind == "number" else "s" for atom in atoms)
        is_apart = pattern == "nnn" and len(numbers[0].text) == 4
        if pattern.removesuffix("s" if ends_in_dot else "") != "s".join("n" * len(numbers)) and not is_apart:
            return None
        if len({sign.text for sign in inner}) > 1:
            return None
        sign = inner[0].text if inner else ""
        if len(numbers) == 1:
            return self._year_alone(numbers[0]) if not ends_in_dot else None
        if ends_in_dot and sign != ".":
            return None
        if len(numbers) == 2:
            return self._two_numbers(numbers[0], numbers[1], sign)
        return self._three_numbers(numbers, sign)

    def _year_alone(self, atom: Atom) -> Period | None:
        if len(atom.text) != 4 or atom.text[:2] not in ("19", "20"):
            return None
        year = self._year(atom.text)
        return Period(Days(date(year, 1, 1), date(year, 12, 31)))

    def _two_numbers(self, first: Atom, second: Atom, sign: str) -> Period | None:
        if len(first.text) == 4 and len(second.text) <= 2:
            return self._whole_month(second.number, self._year(first.text))
        if len(second.text) == 4 and len(first.text) <= 2:
            return self._whole_month(first.number, self._year(second.text))
        if sign == "-" or len(first.text) > 2 or len(second.text) > 2:
            return None
        day, month = (first, second) if sign == "." else self._in_order(first, second)
        return self._day_of(day.number, month.number)

    def _three_numbers(self, numbers: Sequence[Atom], sign: str) -> Period | None:
        first, second, third = numbers
        if max(len(first.text), len(third.text)) > 9 or len(second.text) > 2:
            return None
        if len(third.text) <= 2 and (sign == "-" or len(first.text) > 2):
            return self._day(self._date(self._year(first.text), second.number, third.number))
        if len(first.text) > 2 or len(third.text) not in (2, 4):
            return None
        year = 2000 + third.number if len(third.text) == 2 else self._year(third.text)
        day, month = (first, second) if sign == "." else self._in_order(first, second)
        return self._day(self._date(year, month.number, day.number))

    def _in_order(self, first: Atom, second: Atom) -> tuple[Atom, Atom]:
        """Return the day and the month of `20/11` or `11/20`."""
        if first.number > 12 or first.number == second.number:
            return first, second
        if second.number > 12:
            return second, first
        if self._month_first is None:
            raise Ambiguous
        return (second, first) if self._month_first else (first, second)

    def _month(self, atoms: Sequence[Atom]) -> Period | None:
        """`november`, `november 2025`, `20 nov`, `nov 20, 2026`, `2026 november 20`."""
        months = [atom for atom in atoms if is_word(atom, self._table.months)]
        numbers = [atom for atom in atoms if atom.kind == "number"]
        if len(months) != 1 or len(numbers) > 2 or len(numbers) + 1 < len(atoms):
            return None
        month = self._table.months[months[0].text]
        days = [atom for atom in numbers if len(atom.text) <= 2]
        years = [atom for atom in numbers if 2 < len(atom.text) <= 9]
        if len(days) > 1 or len(years) > 1 or len(days) + len(years) < len(numbers):
            return None
        year = self._year(years[0].text) if years else None
        if days:
            day = days[0].number
            return self._day_of(day, month) if year is None else self._day(self._date(year, month, day))
        if year is None:
            return self._latest(lambda number: month_of(number, month), is_month=True)
        return self._whole_month(month, year)

    def _numbered(self, atoms: Sequence[Atom]) -> Period | None:
        """`Q3`, `q3-2026`, `2026-Q3`, `3. Quartal 2026`, `KW47`, `KW 47/2026`, `2026-W47`."""
        names = [atom for atom in atoms if is_word(atom, self._table.numbered)]
        numbers = [atom for atom in atoms if atom.kind == "number"]
        signs = [atom for atom in atoms if is_sign(atom, "-", "/")]
        if len(names) != 1 or not 1 <= len(numbers) <= 2 or len(numbers) + len(signs) + 1 < len(atoms):
            return None
        if atoms[0].kind == "number" and len(names[0].text) == 1 and len(atoms[0].text) != 4:
            return None  # `4w` are four weeks
        name = self._table.numbered[names[0].text]
        year, number = None, numbers[0]
        if len(numbers) == 2 and len(numbers[0].text) == 4 and atoms[0].kind == "word":
            return None
        if len(numbers) == 2:
            number, year = (numbers[1], numbers[0]) if len(numbers[0].text) == 4 else numbers
            if len(year.text) != 4 and not (len(year.text) == 2 and any(is_sign(sign, "/") for sign in signs)):
                return None
        if len(number.text) > 2:
            return None
        if year is None:
            return self._latest(lambda of: self._numbered_in(name, number.number, of))
        chosen = 2000 + year.number if len(year.text) == 2 else self._year(year.text)
        return Period(self._numbered_in(name, number.number, chosen))

    def _numbered_in(self, name: str, number: int, year: int) -> Days:
        if name == "week":
            if not 1 <= number <= _MOST_WEEKS:
                raise self.error("date_impossible")
            try:
                monday = date.fromisocalendar(year, number, 1)
            except ValueError:
                raise self.error("date_impossible") from None
            return Days(monday, monday + timedelta(days=6))
        months = 3 if name == "quarter" else 6
        if not 1 <= number <= 12 // months:
            raise self.error("date_impossible")
        return Days(date(year, months * (number - 1) + 1, 1), month_of(year, months * number).last)

    # ---- periods -------------------------------------------------------------------------------------------------

    def _relative(self, atoms: Sequence[Atom]) -> Period | None:
        """`this-week`, `last-month`, `last monday`, `letzten November`, `next week`."""
        table, head = self._table, atoms[0]
        if head.kind != "word" or len(atoms) != 2:
            return None
        rest = atoms[1].text if atoms[1].kind == "word" else ""
        back = 2 if head.text in table.before_last else 1
        if head.text in table.ahead and rest in {*table.periods, *table.weekdays, *table.months, *table.units}:
            raise self.error("date_future")
        if head.text in table.this:
            return self._this(rest)
        if head.text not in (*table.last, *table.before_last):
            return None
        if rest in table.periods:
            end = self._today
            for _ in range(back):
                end = period_start(table.periods[rest], end) - timedelta(days=1)
            return Period(Days(period_start(table.periods[rest], end), end))
        if table.day_groups.get(rest) == WEEKEND:
            return Period(weekend(period_start("week", self._today) - timedelta(days=2 + 7 * (back - 1))))
        if rest in table.weekdays:
            before = self._latest_weekday(table.weekdays[rest], self._today - timedelta(days=1))
            return self._day(before - timedelta(days=7 * (back - 1)))
        if rest in table.months:
            month = table.months[rest]
            return Period(month_of(self._today.year - (month >= self._today.month) - (back - 1), month))
        return None

    def _this(self, rest: str) -> Period | None:
        table = self._table
        if rest in table.periods:
            return Period(Days(period_start(table.periods[rest], self._today), self._today))
        if rest in table.weekdays:
            return self._day(period_start("week", self._today) + timedelta(days=table.weekdays[rest]))
        if table.day_groups.get(rest) == WEEKEND:
            return Period(weekend(period_start("week", self._today) + timedelta(days=WEEKEND[0])))
        return Period(month_of(self._today.year, table.months[rest])) if rest in table.months else None

    def _refuse_ahead(self, first: Atom, atoms: Sequence[Atom]) -> None:
        """Raise CommandError for `next 2 weeks` and `in 2 weeks`."""
        counted = (
            atoms[1:] if is_word(atoms[0], self._table.ahead) else atoms if is_word(first, self._table.hence) else ()
        )
        if len(counted) == 2 and self._number(counted[0]) is not None and is_word(counted[1], self._table.units):
            raise self.error("date_future")

    def _counted(self, atoms: Sequence[Atom]) -> Period | None:
        """`last-7-days`, `7 days`, `7d`, `the last two weeks`, `3 days ago`, `vor drei Tagen`."""
        table = self._table
        is_last = is_word(atoms[0], table.last)
        is_ago = is_word(atoms[-1], table.ago) or is_word(atoms[0], table.before)
        rest = atoms[is_last or is_word(atoms[0], table.before) :]
        rest = rest[:-1] if rest and is_word(rest[-1], table.ago) else rest
        if len(rest) != 2 or rest[1].kind != "word" or (is_last and is_ago):
            return None
        count, unit = self._number(rest[0]), rest[1].text
        if count is None or (rest[0].kind == "word" and not (is_last or is_ago)):
            return None
        if is_ago:
            return self._ago(count, table.units[unit]) if unit in table.units else None
        span = table.units.get(unit, table.short_units.get(unit))
        return None if span is None else self._count(count, span)

    def _number(self, atom: Atom) -> int | None:
        if atom.kind == "number":
            return atom.number if len(atom.text) < 7 else 10**7
        return self._table.numbers.get(atom.text) if atom.kind == "word" else None

    def _ago(self, count: int, span: Span) -> Period:
        """A day so many days ago, or the whole week, month, quarter or year."""
        begin, period = self._counted_back(count, span), period_of(span)
        if not period:
            return self._day(begin)
        first = period_start(period, begin)
        following = period_start(period, first + timedelta(days=_LONGEST[period]))
        return Period(Days(first, min(following - timedelta(days=1), self._today)))

    def _count(self, count: int, span: Span) -> Period:
        if count == 0:
            raise self.error("date_zero", f"{self._table.last[0]}-7-{next(iter(self._table.units))}")
        return Period(Days(self._counted_back(count, span) + timedelta(days=1), self._today), is_count=True)

    def _counted_back(self, count: int, span: Span) -> date:
        ordinal = self._today.toordinal() - count * span.days
        month = self._today.year * 12 + self._today.month - 1 - count * span.months
        if ordinal < date(FIRST_YEAR, 1, 1).toordinal() or month < FIRST_YEAR * 12:
            raise self.error("date_far", first=str(FIRST_YEAR))
        if not span.months:
            return date.fromordinal(ordinal)
        year, index = divmod(month, 12)
        return date(year, index + 1, min(self._today.day, calendar.monthrange(year, index + 1)[1]))

    # ---- shared --------------------------------------------------------------------------------------------------

    def _day(self, day: date) -> Period:
        return Period(Days(day, day))

    def _latest_weekday(self, weekday: int, until: date) -> date:
        return until - timedelta(days=(until.weekday() - weekday) % 7)

    def _year(self, year: str) -> int:
        if len(year) > 9 or not FIRST_YEAR <= int(year) <= LAST_YEAR:
            raise self.error("date_year", first=str(FIRST_YEAR), last=str(LAST_YEAR))
        return int(year)

    def _date(self, year: int, month: int, day: int) -> date:
        try:
            return date(year, month, day)
        except ValueError:
            last = calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 0
            raise self.error(
                "date_impossible", f"{date(year, month, last)}" if last < day <= 31 and last else None
            ) from None

    def _day_of(self, day: int, month: int) -> Period:
        """A date without a year."""

        def in_year(year: int) -> Days:
            at = self._date(year, month, day)
            return Days(at, at)

        return self._latest(in_year)

    def _whole_month(self, month: int, year: int) -> Period:
        if not 1 <= month <= 12:
            raise self.error("date_impossible")
        return Period(month_of(year, month))

    def _latest(self, in_year: Callable[[int], Days], *, is_month: bool = False) -> Period:
        """Return the latest one that has begun. Raises CommandError if it is in no year."""
        impossible: CommandError | None = None
        for year in range(self._today.year + 1, max(FIRST_YEAR, self._today.year - _LEAP_CYCLE) - 1, -1):
            try:
                days = in_year(year)
            except CommandError as error:
                if year <= self._today.year:
                    impossible = impossible or error
                continue
            if days.first <= self._today:
                return Period(days, in_year, is_month)
        raise impossible or self.error("date_future")
