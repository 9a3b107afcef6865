import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.commands.dates import instants, range_words, read_days
from bot.errors import CommandError
from bot.model.commands import Days
from bot.texts import formatting
from bot.texts.languages import LANGUAGES

TODAY = date(2026, 11, 24)  # a Tuesday
SECOND = timedelta(seconds=1)
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
DAYS = st.dates(date(1970, 1, 2), date(2037, 12, 30))


def days(text: str, today: date = TODAY) -> tuple[str, str] | None:
    read = read_days(text.split(" "), today)
    return None if read is None else (read.first.isoformat(), read.last.isoformat())


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-11-24", "2026-11-24"),
        ("yesterday", "2026-11-23", "2026-11-23"),
        ("this-week", "2026-11-23", "2026-11-24"),
        ("last-week", "2026-11-16", "2026-11-22"),
        ("this-month", "2026-11-01", "2026-11-24"),
        ("last-month", "2026-10-01", "2026-10-31"),
        ("this-quarter", "2026-10-01", "2026-11-24"),
        ("last-quarter", "2026-07-01", "2026-09-30"),
        ("this-year", "2026-01-01", "2026-11-24"),
        ("last-year", "2025-01-01", "2025-12-31"),
        ("last-7-days", "2026-11-18", "2026-11-24"),
        ("last-1-day", "2026-11-24", "2026-11-24"),
        ("past-10-days", "2026-11-15", "2026-11-24"),
        ("7d", "2026-11-18", "2026-11-24"),
        ("last-7d", "2026-11-18", "2026-11-24"),
        ("4w", "2026-10-28", "2026-11-24"),
        ("last-2-weeks", "2026-11-11", "2026-11-24"),
        ("3m", "2026-08-25", "2026-11-24"),
        ("last-3-months", "2026-08-25", "2026-11-24"),
        ("last-2-quarters", "2026-05-25", "2026-11-24"),
        ("1y", "2025-11-25", "2026-11-24"),
        ("since-monday", "2026-11-23", "2026-11-24"),
        ("since-tue", "2026-11-24", "2026-11-24"),
        ("since-wednesday", "2026-11-18", "2026-11-24"),
        ("since-2026-11-01", "2026-11-01", "2026-11-24"),
        ("since-october", "2026-10-01", "2026-11-24"),
        ("2026-11-01", "2026-11-01", "2026-11-01"),
        ("2026-11-1", "2026-11-01", "2026-11-01"),
        ("2026-11-01..2026-11-15", "2026-11-01", "2026-11-15"),
        ("2026-11-20..2026-11-30", "2026-11-20", "2026-11-30"),
        ("2026-11-01..today", "2026-11-01", "2026-11-24"),
        ("september..october", "2026-09-01", "2026-10-31"),
        ("november", "2026-11-01", "2026-11-30"),
        ("december", "2025-12-01", "2025-12-31"),
        ("nov-2025", "2025-11-01", "2025-11-30"),
        ("february-2024", "2024-02-01", "2024-02-29"),
    ],
)
def test_date_words_mean_these_days(text: str, first: str, last: str) -> None:
    """Every date word, with a hyphen or a space, in any case."""
    assert days(text) == (first, last)
    assert days(text.upper()) == (first, last)
    if ".." not in text:
        assert days(text.replace("-", " ")) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-01 .. 2026-11-15",
        "2026-11-01.. 2026-11-15",
        "2026-11-01\u20262026-11-15",
        "2026-11-01...2026-11-15",
        "2026-11-01\u20132026-11-15",
        "2026-11-01 - 2026-11-15",
        "2026-11-01 to 2026-11-15",
        "2026\u201311\u201301 until 2026-11-15",
    ],
)
def test_a_range_of_two_dates_in_the_ways_that_phones_and_people_write_it(text: str) -> None:
    """Two dots become an ellipsis on a phone, a hyphen a dash."""
    assert days(text) == ("2026-11-01", "2026-11-15")


@pytest.mark.parametrize(
    ("text", "today", "first", "last"),
    [
        ("this-week", "2026-11-23", "2026-11-23", "2026-11-23"),
        ("this-week", "2026-11-29", "2026-11-23", "2026-11-29"),
        ("last-week", "2027-01-01", "2026-12-21", "2026-12-27"),
        ("since-monday", "2026-11-23", "2026-11-23", "2026-11-23"),
        ("since-monday", "2026-11-29", "2026-11-23", "2026-11-29"),
        ("last-quarter", "2026-02-03", "2025-10-01", "2025-12-31"),
        ("this-quarter", "2026-12-31", "2026-10-01", "2026-12-31"),
        ("last-month", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("last-month", "2026-01-15", "2025-12-01", "2025-12-31"),
        ("january", "2026-01-01", "2026-01-01", "2026-01-31"),
        ("3m", "2026-05-31", "2026-03-01", "2026-05-31"),
        ("3m", "2026-02-28", "2025-11-29", "2026-02-28"),
        ("12m", "2024-02-29", "2023-03-01", "2024-02-29"),
        ("1y", "2024-02-29", "2023-03-01", "2024-02-29"),
    ],
)
def test_the_edges_of_weeks_months_quarters_and_years(text: str, today: str, first: str, last: str) -> None:
    """A first or a last day belongs to its own period."""
    assert days(text, date.fromisoformat(today)) == (first, last)


@pytest.mark.parametrize(
    ("text", "reason", "suggestion"),
    [
        ("2026-02-30", "date_impossible", "2026-02-28"),
        ("2026-13-01", "date_impossible", None),
        ("2026-11-00", "date_impossible", None),
        ("2026-02-30..2026-03-02", "date_impossible", "2026-02-28"),
        ("since-2026-02-30", "date_impossible", "2026-02-28"),
        ("november-0", "date_impossible", None),
        ("november-126", "date_year", None),
        ("0000-01-01", "date_year", None),
        ("2026-11-01..9999-12-31", "date_year", None),
        ("999999999-01-01", "date_year", None),
        ("2026-11-15..2026-11-01", "date_reversed", "2026-11-01..2026-11-15"),
        ("november..october", "date_reversed", "2026-10-01..2026-11-30"),
        ("2026-11-25", "date_future", None),
        ("december-2026", "date_future", None),
        ("since-2027-01-01", "date_future", None),
        ("last-0-days", "date_zero", "last-7-days"),
        ("0m", "date_zero", "last-7-days"),
        ("999999d", "date_far", None),
        ("99999m", "date_far", None),
        ("last-99999999-days", "date_far", None),
        ("last-99999999999999999999-years", "date_far", None),
    ],
)
def test_impossible_days_are_refused(text: str, reason: str, suggestion: str | None) -> None:
    """Dates that are understood but don't exist have their own error, and never overflow."""
    with pytest.raises(CommandError) as raised:
        read_days([text], TODAY)
    assert (raised.value.reason, raised.value.instead) == (reason, (suggestion,) if suggestion else ())
    assert raised.value.values["word"] == text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("20.11.2026", "2026-11-20", "2026-11-20"),
        ("20.11.26", "2026-11-20", "2026-11-20"),
        ("20.11.", "2026-11-20", "2026-11-20"),
        ("20.11", "2026-11-20", "2026-11-20"),
        ("25.11.", "2025-11-25", "2025-11-25"),
        ("29.2.", "2024-02-29", "2024-02-29"),
        ("1.11. - 15.11.2026", "2026-11-01", "2026-11-15"),
        ("1.-15.11.2026", "2026-11-01", "2026-11-15"),
        ("1.\u201315. November", "2026-11-01", "2026-11-15"),
        ("15.12. - 10.1.2026", "2025-12-15", "2026-01-10"),
        ("20.12. - 10.1.", "2025-12-20", "2026-01-10"),
        ("20.11.-30.11.", "2026-11-20", "2026-11-30"),
        ("1.11. bis heute", "2026-11-01", "2026-11-24"),
        ("von 1.11. bis 15.11.", "2026-11-01", "2026-11-15"),
        ("from nov 1 to nov 15", "2026-11-01", "2026-11-15"),
        ("between 1 nov and 15 nov", "2026-11-01", "2026-11-15"),
        ("nov 1 until now", "2026-11-01", "2026-11-24"),
        ("2026-11-01..", "2026-11-01", "2026-11-24"),
        ("Nov 20", "2026-11-20", "2026-11-20"),
        ("20 Nov 2026", "2026-11-20", "2026-11-20"),
        ("November 20th, 2026", "2026-11-20", "2026-11-20"),
        ("the 20th of november", "2026-11-20", "2026-11-20"),
        ("20. November 2025", "2025-11-20", "2025-11-20"),
        ("16\u201322 Nov 2026", "2026-11-16", "2026-11-22"),
        ("16 Oct \u2013 2 Nov 2026", "2026-10-16", "2026-11-02"),
        ("Nov 16-22", "2026-11-16", "2026-11-22"),
        ("Nov 16-22, 2025", "2025-11-16", "2025-11-22"),
        ("september - october 2025", "2025-09-01", "2025-10-31"),
        ("2026/11/20", "2026-11-20", "2026-11-20"),
        ("2026.11.20", "2026-11-20", "2026-11-20"),
        ("20/11/2026", "2026-11-20", "2026-11-20"),
        ("11/20/2026", "2026-11-20", "2026-11-20"),
        ("11/01/2026 - 11/15/2026", "2026-11-01", "2026-11-15"),
        ("11/11/2026", "2026-11-11", "2026-11-11"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("2026-11", "2026-11-01", "2026-11-30"),
        ("11/2026", "2026-11-01", "2026-11-30"),
        ("Q3", "2026-07-01", "2026-09-30"),
        ("Q4", "2026-10-01", "2026-12-31"),
        ("q3-2026", "2026-07-01", "2026-09-30"),
        ("Q3/25", "2025-07-01", "2025-09-30"),
        ("2025-Q3", "2025-07-01", "2025-09-30"),
        ("3. Quartal 2025", "2025-07-01", "2025-09-30"),
        ("H1 2025", "2025-01-01", "2025-06-30"),
        ("KW47", "2026-11-16", "2026-11-22"),
        ("KW 47/2026", "2026-11-16", "2026-11-22"),
        ("kw 48", "2026-11-23", "2026-11-29"),
        ("kw 49", "2025-12-01", "2025-12-07"),
        ("week 47", "2026-11-16", "2026-11-22"),
        ("2026-W47", "2026-11-16", "2026-11-22"),
        ("KW 46-47", "2026-11-09", "2026-11-22"),
        ("monday", "2026-11-23", "2026-11-23"),
        ("tuesday", "2026-11-24", "2026-11-24"),
        ("am montag", "2026-11-23", "2026-11-23"),
        ("last tuesday", "2026-11-17", "2026-11-17"),
        ("letzten montag", "2026-11-23", "2026-11-23"),
        ("friday last week", "2026-11-20", "2026-11-20"),
        ("monday - wednesday", "2026-11-23", "2026-11-25"),
        ("ytd", "2026-01-01", "2026-11-24"),
        ("year to date", "2026-01-01", "2026-11-24"),
        ("letzte-woche", "2026-11-16", "2026-11-22"),
        ("letzter monat", "2026-10-01", "2026-10-31"),
        ("vorletzte woche", "2026-11-09", "2026-11-15"),
        ("diese woche", "2026-11-23", "2026-11-24"),
        ("dieses quartal", "2026-10-01", "2026-11-24"),
        ("letzte 30 tage", "2026-10-26", "2026-11-24"),
        ("in den letzten zwei wochen", "2026-11-11", "2026-11-24"),
        ("the last 30 days", "2026-10-26", "2026-11-24"),
        ("7 tage", "2026-11-18", "2026-11-24"),
        ("seit montag", "2026-11-23", "2026-11-24"),
        ("ab 1.11.", "2026-11-01", "2026-11-24"),
        ("seit 3 tagen", "2026-11-22", "2026-11-24"),
        ("vor 3 tagen", "2026-11-21", "2026-11-21"),
        ("2 weeks ago", "2026-11-09", "2026-11-15"),
        ("heute", "2026-11-24", "2026-11-24"),
        ("gestern", "2026-11-23", "2026-11-23"),
        ("vorgestern", "2026-11-22", "2026-11-22"),
        ("märz", "2026-03-01", "2026-03-31"),
        ("Maerz 2025", "2025-03-01", "2025-03-31"),
        ("Dezember", "2025-12-01", "2025-12-31"),
        ("im Oktober", "2026-10-01", "2026-10-31"),
        ("last november", "2025-11-01", "2025-11-30"),
        ("Fri, 20 Nov 2026, 15:00", "2026-11-20", "2026-11-20"),
        ("20 Nov 2026, 15:00 UTC", "2026-11-20", "2026-11-20"),
        ("20.11.2026 um 15:00 Uhr", "2026-11-20", "2026-11-20"),
    ],
)
def test_dates_as_people_write_them_in_either_language(text: str, first: str, last: str) -> None:
    """Without a year it is the latest that has begun; in any case."""
    assert days(text) == (first, last)
    assert days(text.upper()) == (first, last)


@pytest.mark.parametrize("text", ["11/01/2026", "11/01", "1/11/2026", "11-01-2026", "10/11/2026..11/11/2026"])
def test_a_date_that_is_another_day_on_each_side_of_the_atlantic_is_never_guessed(text: str) -> None:
    """Both readings are named."""
    with pytest.raises(CommandError) as raised:
        read_days([text], TODAY)
    assert raised.value.reason == "date_ambiguous"
    assert len(raised.value.instead) == 2


@pytest.mark.parametrize("text", ["tomorrow", "next week", "next 7 days", "morgen", "nächste woche", "27 Nov 2026"])
def test_days_to_come_are_refused(text: str) -> None:
    """Kickscale only has past conversations."""
    with pytest.raises(CommandError) as raised:
        read_days(text.split(), TODAY)
    assert raised.value.reason == "date_future"


@given(DAYS, st.integers(0, 800))
def test_the_bot_reads_the_days_that_it_prints(first: date, length: int) -> None:
    """Single days and ranges, in every language of its texts."""
    printed = Days(first, first + timedelta(days=length))
    for language in LANGUAGES:
        text = formatting.interval(language, printed.first, printed.last)
        assert read_days(text.split(), printed.last) == printed
        text = formatting.moment(language, datetime.combine(first, time(9, 5), UTC))
        assert read_days(text.split(), first) == Days(first, first)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "..", "a..b", "today..today..today", "acme.com", "last", "this", "since"),
        *("since-forever", "last-fortnight", "last-7-cows", "last-days", "7x", "november-acme"),
        *("so", "7", "20", "1-11", "1.2.3", "1.2.3.4", "week", "on", "to", "\u0667d", "0" * 5000 + "d"),
    ],
)
def test_other_words_are_not_days(text: str) -> None:
    """A domain or a stray word names no days, and is no error here."""
    assert read_days([text], TODAY) is None


def test_every_word_that_is_suggested_is_read() -> None:
    """A suggestion can be typed."""
    assert all(read_days([word], TODAY) for word in range_words())


@given(
    st.lists(st.text(max_size=8) | st.sampled_from([*range_words(), "..", "-", "to", "last", "since", "9", "0", "w"])),
    st.dates(date(1971, 1, 1), date(2200, 1, 1)),
)
def test_any_words_are_days_nothing_or_an_error(typed: list[str], today: date) -> None:
    """Days that are read are in order and have begun."""
    try:
        read = read_days(typed, today)
    except CommandError:
        return
    if read is not None:
        assert read.first <= read.last
        assert read.first <= today


@given(st.dates(date(1990, 1, 1), date(2200, 1, 1)), st.integers(1, 40))
def test_months_counted_back_begin_on_the_day_after_the_same_date(today: date, count: int) -> None:
    """From the last day of a month it is whole months; else the first day is one after today's date."""
    read = read_days([f"{count}m"], today)
    assert read is not None
    assert read.last == today
    before = read.first - timedelta(days=1)
    assert (today.year - before.year) * 12 + today.month - before.month == count
    assert before.day == min(today.day, calendar.monthrange(before.year, before.month)[1])


@given(ZONES, DAYS)
@example(ZoneInfo("America/Sao_Paulo"), date(2018, 11, 4))
@example(ZoneInfo("Asia/Beirut"), date(2022, 3, 27))
@example(ZoneInfo("Africa/Cairo"), date(2014, 9, 26))
@example(ZoneInfo("America/Havana"), date(2026, 11, 1))
@example(ZoneInfo("America/St_Johns"), date(2010, 11, 7))  # back from 00:01 to 23:01: a minute of Sunday, then Saturday
@example(ZoneInfo("Africa/Monrovia"), date(1972, 1, 7))  # ahead by 44 min 30 s
@example(ZoneInfo("Pacific/Apia"), date(2011, 12, 30))
@example(ZoneInfo("Pacific/Apia"), date(2011, 12, 31))
@example(ZoneInfo("Pacific/Kwajalein"), date(1993, 8, 21))
def test_days_partition_time(zone: ZoneInfo, day: date) -> None:
    """Each day begins where the one before ends, with its own first instant, in every zone of the world."""
    start, end = instants(Days(day, day), zone)
    assert start.tzinfo is end.tzinfo is UTC
    assert start <= end
    assert instants(Days(day - timedelta(days=1), day), zone)[1] == end
    assert instants(Days(day - timedelta(days=1), day - timedelta(days=1)), zone)[1] == start
    assert start.astimezone(zone).date() >= day
    assert (start - SECOND).astimezone(zone).date() < day


@given(ZONES, DAYS, st.integers(0, 2 * 86400))
def test_no_instant_before_a_day_is_of_that_day(zone: ZoneInfo, day: date, seconds: int) -> None:
    """Whatever the clocks do, no earlier instant has the date of the first day or a later one."""
    start, _ = instants(Days(day, day), zone)
    assert (start - SECOND - timedelta(seconds=seconds)).astimezone(zone).date() < day


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("UTC", "2026-11-24", "2026-11-24T00:00:00+00:00", 24),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00+00:00", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00+00:00", 25),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00+00:00", 23),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00+00:00", 25),
        ("Africa/Cairo", "2014-09-25", "2014-09-24T21:00:00+00:00", 25),
        ("Africa/Cairo", "2014-09-26", "2014-09-25T22:00:00+00:00", 24),
        ("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00+00:00", 23),
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00+00:00", 24),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00+00:00", 0),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00+00:00", 24),
    ],
)
def test_days_of_changing_clocks_have_their_true_length(zone: str, day: str, start: str, hours: int) -> None:
    """Even if midnight is missing or comes twice, or the whole day was skipped."""
    only = Days(date.fromisoformat(day), date.fromisoformat(day))
    first, end = instants(only, ZoneInfo(zone))
    assert first == datetime.fromisoformat(start)
    assert (end - first) == timedelta(hours=hours)
