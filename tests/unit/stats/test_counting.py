"""What statistics count."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.commands import Days
from bot.model.conversation import Kind
from bot.model.mirror import Figures, Total
from bot.model.stats import Share, Team, Usual
from bot.stats import counting

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def figures(**changes: Any) -> Figures:
    """A call of ten minutes with acme.com."""
    values: dict[str, Any] = {
        "kind": Kind.CALL,
        "id": "c1",
        "starts_at": NOON,
        "duration": 600,
        "owner": "rep@example.com",
        "domains": ("acme.com",),
        "type": "Demo",
        "direction": "inbound",
        "outcome": "Won",
        "open_items": 1,
        "questions": 2,
    }
    return Figures(**values | changes)


@pytest.mark.parametrize(
    ("last", "unit", "count"),
    [
        (date(2026, 1, 14), "day", 14),
        (date(2026, 1, 15), "week", 3),
        (date(2026, 5, 17), "week", 20),
        (date(2026, 5, 18), "month", 5),
        (date(2029, 12, 31), "month", 48),
    ],
)
def test_long_ranges_are_counted_by_longer_parts(last: date, unit: str, count: int) -> None:
    """A chart has at most twenty points; of more, the latest are shown."""
    days = Days(date(2026, 1, 1), last)
    assert counting.unit_for(days) == unit
    found = counting.buckets([], days, BERLIN)
    assert len(found) == count
    shown, is_cut = counting.cut(found)
    assert (len(shown), is_cut) == (min(count, 20), count > 20)
    assert shown[-1] == found[-1]


def test_a_conversation_counts_for_its_local_day() -> None:
    """Meetings and calls apart; a duration of weeks is a mistake."""
    late = NOON.replace(hour=23, minute=30)
    found = counting.buckets(
        [figures(starts_at=late), figures(kind=Kind.MEETING), figures(duration=10**7)],
        Days(date(2026, 11, 17), date(2026, 11, 19)),
        BERLIN,
    )
    assert [(bucket.calls, bucket.meetings, bucket.seconds) for bucket in found] == [
        (0, 0, 0),
        (1, 1, 600),
        (1, 0, 600),
    ]


@given(
    st.lists(st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 31), timezones=st.just(UTC)), max_size=20),  # noqa: DTZ001
    st.integers(0, 60),
)
def test_nothing_is_lost_between_buckets(starts: list[datetime], extra: int) -> None:
    """Every conversation of the days is in one of them."""
    days = Days(date(2025, 12, 31) - timedelta(days=extra), date(2026, 4, 1) + timedelta(days=extra))
    found = counting.buckets([figures(starts_at=start) for start in starts], days, BERLIN)
    assert sum(bucket.calls for bucket in found) == len(starts)


def test_the_usual_needs_two_earlier_times() -> None:
    """It is their average."""
    week = timedelta(days=7)
    assert counting.usual(Total(3, 1800), 2 * week, week) == Usual(1.5, 900)
    assert counting.usual(Total(3, 1800), 2 * week - timedelta(days=1), week) is None
    assert counting.usual(Total(0, 0), week, timedelta(0)) is None


def test_breakdowns_show_the_most_frequent_first() -> None:
    """Spelled in any case; what isn't known comes last, and with it there may be no line at all."""
    found = counting.breakdowns(
        [
            figures(outcome="Won"),
            figures(outcome="won", domains=("acme.com", "b.example")),
            figures(outcome="Lost", kind=Kind.MEETING, direction=""),
            figures(outcome="", domains=()),
            figures(outcome=""),
            figures(outcome=""),
        ],
        (),
    )
    assert list(found) == ["customer", "outcome"], "all have one type and one direction"
    assert found["outcome"].shares == (Share("Won", 2, 1200), Share("Lost", 1, 600), Share("", 3, 1800))
    assert found["customer"].shares == (Share("acme.com", 5, 3000), Share("b.example", 1, 600), Share("", 1, 600))
    many = counting.breakdowns([figures(type=f"{number}") for number in range(8)], ("acme.com",))["type"]
    assert (len(many.shares), many.others, many.rest) == (5, 3, Share("", 3, 1800))


def test_an_average_of_reps_needs_five() -> None:
    """Of fewer it would say something about each of them. Those without an owner don't count."""
    four = [figures(owner=f"rep{number}@example.com") for number in range(4)]
    assert counting.team([*four, figures(owner="")]) is None
    assert counting.team([*four, figures(owner="fifth@example.com"), four[0]]) == Team(5, 1.2, 720)
    assert counting.own([*four, four[0]], "rep0@example.com") == Share("", 2, 1200)
