"""Which days are read next: at once what was never read, and again what may have changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.mirror.plan import DAY, NEWEST, due, instants, last_night, spans, whole_days, window
from tests.clock import MONDAY_MORNING as NOW

BERLIN = ZoneInfo("Europe/Berlin")
COVERED = window(NOW, 30)
ALL = [COVERED.last - number * DAY for number in range(31)]
FRESH = dict.fromkeys(ALL, NOW)


def days_due(now: datetime, read: dict[date, datetime]) -> list[date]:
    return due(now, BERLIN, COVERED, read)


def test_what_was_never_read_is_due_the_newest_first() -> None:
    """The window ends tomorrow, since a conversation's date may be ahead of the clock."""
    assert (COVERED.first, COVERED.last) == (date(2026, 10, 25), date(2026, 11, 24))
    assert days_due(NOW, {}) == ALL
    assert days_due(NOW, FRESH) == []
    del (left := dict(FRESH))[ALL[7]]
    assert days_due(NOW, left) == [ALL[7]]


def test_each_day_is_read_again_as_often_as_it_may_change() -> None:
    """The newest every few minutes, two weeks each night, everything each weekend, by the bot's own clock."""
    assert days_due(NOW + NEWEST, FRESH) == ALL[:3]
    assert days_due(datetime(2026, 11, 24, 0, 59, tzinfo=UTC), FRESH) == ALL[:3], "before two o'clock in Berlin"
    assert days_due(datetime(2026, 11, 24, 1, 0, tzinfo=UTC), FRESH) == ALL[:15]
    assert days_due(datetime(2026, 11, 29, 1, 0, tzinfo=UTC), FRESH) == ALL
    assert days_due(NOW - timedelta(days=1), FRESH) == ALL[:3], "the clock was set back"


def test_night_comes_once_a_day() -> None:
    """Also when the clocks change: in Berlin, two o'clock is there twice in October, and not at all in March."""
    for now, night in (
        (datetime(2026, 10, 25, 12, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC)),
        (datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (datetime(2026, 11, 23, 0, 30, tzinfo=UTC), datetime(2026, 11, 22, 1, tzinfo=UTC)),
    ):
        assert last_night(now, BERLIN) == night
    assert last_night(NOW, BERLIN, weekday=6) == datetime(2026, 11, 22, 1, tzinfo=UTC)


@given(st.sets(st.integers(0, 60)), st.integers(1, 8))
def test_spans_have_each_day_once(numbers: set[int], longest: int) -> None:
    """Days that follow one another come together, and never more than asked."""
    days = [date(2026, 1, 1) + number * DAY for number in sorted(numbers, reverse=True)]
    found = list(spans(days, longest))
    assert all((span.last - span.first).days < longest for span in found)
    assert [span.last - number * DAY for span in found for number in range((span.last - span.first).days + 1)] == days


@given(st.timedeltas(timedelta(0), timedelta(days=30)), st.timedeltas(timedelta(0), timedelta(days=4)))
def test_whole_days_are_within(later: timedelta, length: timedelta) -> None:
    """And no other whole day is."""
    start, end = NOW + later, NOW + later + length
    days = whole_days(start, end)
    if days is None:
        assert length < 2 * DAY
        return
    first, last = instants(days)
    assert start <= first < start + DAY
    assert end - DAY < last <= end
    assert whole_days(first, last) == days
