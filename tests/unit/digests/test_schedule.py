"""When digests are due: local times, days that clocks change on, and what was missed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.digests.schedule import deadline, last_due, moment, next_due, period_start
from bot.model.digests import Subscription

BERLIN = "Europe/Berlin"
ZONES = (
    BERLIN,
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/Santiago",
    "UTC",
)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def subscription(
    at: time = time(8, 30), days: tuple[int, ...] = (), zone: str = BERLIN, due_after: datetime = LONG_AGO
) -> Subscription:
    return Subscription("d1", "C1", ("acme.com",), zone, "U1", LONG_AGO, LONG_AGO, due_after, at=at, days=days)


@pytest.mark.parametrize(
    ("day", "at", "local"),
    [
        (date(2026, 11, 24), time(8, 30), "2026-11-24T08:30:00+01:00"),
        (date(2026, 3, 29), time(2, 30), "2026-03-29T03:00:00+02:00"),
        (date(2026, 3, 29), time(1, 59), "2026-03-29T01:59:00+01:00"),
        (date(2026, 10, 25), time(2, 30), "2026-10-25T02:30:00+02:00"),
    ],
)
def test_clock_changes(day: date, at: time, local: str) -> None:
    """A time that is skipped becomes the first minute after the gap. A time that comes twice is the first one."""
    assert moment(day, at, ZoneInfo(BERLIN)).astimezone(ZoneInfo(BERLIN)).isoformat() == local


def test_a_clock_change_of_half_an_hour() -> None:
    """Lord Howe Island changes its clocks by thirty minutes."""
    zone = ZoneInfo("Australia/Lord_Howe")
    assert moment(date(2026, 10, 4), time(2, 15), zone).astimezone(zone).time() == time(2, 30)


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.times().map(lambda at: at.replace(second=0, microsecond=0)))
@example(date(2024, 3, 31), time(2, 0, fold=1))
def test_every_local_day_has_one_moment(day: date, at: time) -> None:
    """At that local time or, if it is skipped, at most two hours later. Later days come later."""
    for name in ZONES:
        zone = ZoneInfo(name)
        utc = moment(day, at, zone)
        local = utc.astimezone(zone).replace(tzinfo=None)
        assert timedelta(0) <= local - datetime.combine(day, at) <= timedelta(hours=2)
        assert utc < moment(day + timedelta(days=1), at, zone)


def test_the_next_digest_is_on_a_chosen_day() -> None:
    """On weekdays, Friday's is followed by Monday's."""
    friday = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
    assert next_due(subscription(days=(0, 1, 2, 3, 4)), friday).day == date(2026, 11, 23)


def test_several_missed_digests_become_one() -> None:
    """After three days without the bot, only the latest is due."""
    due = last_due(
        subscription(due_after=datetime(2026, 11, 20, 7, 30, tzinfo=UTC)), datetime(2026, 11, 24, 9, tzinfo=UTC)
    )
    assert due is not None
    assert due.day == date(2026, 11, 24)


def test_a_digest_that_has_its_job_is_not_due_again() -> None:
    """Nor is one in the future."""
    at = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert last_due(subscription(due_after=at), at + timedelta(hours=5)) is None
    assert last_due(subscription(due_after=at - timedelta(days=1)), at - timedelta(minutes=1)) is None


@given(
    st.integers(0, 729).map(lambda days: LONG_AGO + timedelta(days=1 + days, minutes=37 * days % 1440)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sets(st.integers(0, 6)),
    st.sampled_from(ZONES),
)
def test_due_moments_follow_one_another(now: datetime, at: time, days: set[int], zone: str) -> None:
    """The next digest after the start of a period is that period's, and it is due from exactly its moment on."""
    daily = subscription(at, tuple(sorted(days)), zone)
    due = next_due(daily, now)
    assert due.at > now
    assert next_due(daily, period_start(daily, due)) == due
    assert last_due(daily, due.at) == due
    before = last_due(daily, due.at - timedelta(seconds=1))
    assert before is None or before.at <= now


def test_a_failing_digest_is_retried_until_noon_or_for_three_hours() -> None:
    """Whichever is later."""
    early, late = subscription(time(7)), subscription(time(11))
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert deadline(early, next_due(early, now)) == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert deadline(late, next_due(late, now)) == datetime(2026, 11, 24, 13, tzinfo=UTC)
