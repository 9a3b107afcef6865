import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates import DateError, default_days, instants, read_days
from bot.models import Days

TODAY = date(2026, 11, 24)  # a Tuesday
SECOND = timedelta(seconds=1)


def days(text: str, today: date = TODAY) -> tuple[str, str]:
    read = read_days(text.split(), today)
    assert read is not None
    assert read[1] == len(text.split())
    return read[0].first.isoformat(), read[0].last.isoformat()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-11-24", "2026-11-24"),
        ("yesterday", "2026-11-23", "2026-11-23"),
        ("this-week", "2026-11-23", "2026-11-24"),
        ("last-week", "2026-11-16", "2026-11-22"),
        ("last week", "2026-11-16", "2026-11-22"),
        ("this-month", "2026-11-01", "2026-11-24"),
        ("last-month", "2026-10-01", "2026-10-31"),
        ("this-quarter", "2026-10-01", "2026-11-24"),
        ("last-quarter", "2026-07-01", "2026-09-30"),
        ("this-year", "2026-01-01", "2026-11-24"),
        ("last-year", "2025-01-01", "2025-12-31"),
        ("last-7-days", "2026-11-18", "2026-11-24"),
        ("last 7 days", "2026-11-18", "2026-11-24"),
        ("last-1-day", "2026-11-24", "2026-11-24"),
        ("7d", "2026-11-18", "2026-11-24"),
        ("4w", "2026-10-28", "2026-11-24"),
        ("3m", "2026-08-25", "2026-11-24"),
        ("last-3-months", "2026-08-25", "2026-11-24"),
        ("since-monday", "2026-11-23", "2026-11-24"),
        ("since tuesday", "2026-11-24", "2026-11-24"),
        ("since-wed", "2026-11-18", "2026-11-24"),
        ("since-2026-11-01", "2026-11-01", "2026-11-24"),
        ("2026-11-01", "2026-11-01", "2026-11-01"),
        ("2026-11-01..2026-11-15", "2026-11-01", "2026-11-15"),
        ("2026-11-01 .. 2026-11-15", "2026-11-01", "2026-11-15"),
        ("2026-11-01..", "2026-11-01", "2026-11-24"),
        ("november", "2026-11-01", "2026-11-30"),
        ("december", "2025-12-01", "2025-12-31"),
        ("nov 2025", "2025-11-01", "2025-11-30"),
        ("february-2024", "2024-02-01", "2024-02-29"),
    ],
)
def test_date_words_mean_these_days(text: str, first: str, last: str) -> None:
    """Every word of the grammar, with a hyphen or a space."""
    assert days(text) == (first, last)


def test_a_week_begins_on_monday_also_on_a_monday_and_a_sunday() -> None:
    """The edges of a week and of a year belong to them."""
    assert days("this-week", date(2026, 11, 23)) == ("2026-11-23", "2026-11-23")
    assert days("this-week", date(2026, 11, 29)) == ("2026-11-23", "2026-11-29")
    assert days("last-week", date(2027, 1, 1)) == ("2026-12-21", "2026-12-27")
    assert days("since-monday", date(2026, 11, 23)) == ("2026-11-23", "2026-11-23")
    assert days("last-quarter", date(2026, 2, 3)) == ("2025-10-01", "2025-12-31")
    assert days("last-month", date(2026, 3, 31)) == ("2026-02-01", "2026-02-28")
    assert days("3m", date(2026, 5, 31)) == ("2026-03-01", "2026-05-31")


def test_without_a_range_it_is_the_last_seven_days() -> None:
    """Today and the six days before it."""
    assert default_days(TODAY) == Days(date(2026, 11, 18), TODAY)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-02-30", "date_impossible"),
        ("november-0000", "date_impossible"),
        ("2026-11-15..2026-11-01", "date_reversed"),
        ("2027-01-01", "date_future"),
        ("since-2027-01-01", "date_future"),
        ("last-0-days", "date_count"),
        ("0d", "date_count"),
        ("999999d", "date_count"),
        ("last-99999999-days", "date_count"),
        ("99999m", "date_count"),
    ],
)
def test_a_range_that_cannot_be_is_told(text: str, reason: str) -> None:
    """What is understood and wrong says so, and never overflows."""
    with pytest.raises(DateError) as told:
        read_days([text], TODAY)
    assert told.value.reason == reason


@pytest.mark.parametrize(
    "text", ["acme.com", "", "last", "since", "since-forever", "7x", "november-acme", "..", "a..b"]
)
def test_what_is_no_date_word_is_left_to_others(text: str) -> None:
    """A domain or a stray word is no range and no error here."""
    assert read_days([text], TODAY) is None


@given(st.lists(st.text(max_size=12), max_size=6), st.dates(date(1971, 1, 1), date(2200, 1, 1)))
def test_any_words_are_a_range_none_or_a_date_error(typed: list[str], today: date) -> None:
    """A range that is read is in order and has begun."""
    try:
        read = read_days(typed, today)
    except DateError:
        return
    if read is not None:
        assert read[0].first <= read[0].last
        assert read[0].first <= today


@given(st.sampled_from(sorted(available_timezones())), st.dates(date(1970, 1, 2), date(2037, 12, 30)))
def test_days_part_time_without_gap_or_overlap(name: str, day: date) -> None:
    """Each day begins where the one before ends, at its own first instant, in every zone of the world."""
    zone = ZoneInfo(name)
    start, end = instants(Days(day, day), zone)
    assert instants(Days(day - timedelta(days=1), day - timedelta(days=1)), zone)[1] == start
    assert start <= end
    assert start.tzinfo is UTC
    assert start.astimezone(zone).date() >= day
    assert (start - SECOND).astimezone(zone).date() < day


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00:00+00:00", 23),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-24T22:00:00+00:00", 25),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00+00:00", 23),
        ("Africa/Cairo", date(2014, 9, 26), "2014-09-25T22:00:00+00:00", 24),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00", 0),
    ],
)
def test_days_of_changing_clocks_have_their_true_length(zone: str, day: date, start: str, hours: int) -> None:
    """Also where midnight is missing, comes twice, or the whole day was left out."""
    first, end = instants(Days(day, day), ZoneInfo(zone))
    assert first == datetime.fromisoformat(start)
    assert (end - first).total_seconds() == hours * 3600


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)), st.integers(1, 12))
def test_months_back_are_whole_months(today: date, count: int) -> None:
    """`3m` from the last day of a month is exactly the last three months."""
    today = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    read = read_days([f"{count}m"], today)
    assert read is not None
    assert read[0].last == today
    assert (today - read[0].first).days + 1 in range(28 * count, 31 * count + 1)
