"""The sandbox's clock."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.clock import ClockSteps
from bot.sandbox.clock import SandboxClock, last_working_day, next_morning

THURSDAY = datetime(2026, 11, 26, 13, 10, tzinfo=UTC)


async def test_whoever_sleeps_wakes_when_the_clock_is_moved() -> None:
    """If their time has come, and not otherwise."""
    clock = SandboxClock(THURSDAY)
    short, long = (asyncio.create_task(clock.sleep(seconds)) for seconds in (3_000, 4_000))
    await asyncio.sleep(0)
    clock.move_to(clock.now() + timedelta(seconds=3_500))
    await short
    assert not long.done()
    long.cancel()


async def test_the_clock_runs_on_and_never_back() -> None:
    """And nobody takes a move for a clock that was set."""
    clock = SandboxClock(THURSDAY)
    steps = ClockSteps(clock)
    began = clock.elapsed()
    clock.move_to(THURSDAY + timedelta(hours=1))
    assert timedelta(minutes=59) < clock.elapsed() - began < timedelta(minutes=61)
    assert steps.take() == timedelta(0)
    with pytest.raises(ValueError, match="forward"):
        clock.move_to(THURSDAY)
    before = clock.now()
    await clock.sleep(0.001)
    assert clock.now() > before


async def test_short_sleeps_can_be_left_out() -> None:
    """Long ones can't."""
    clock = SandboxClock(THURSDAY)
    with clock.without_pauses():
        await clock.sleep(1)
        long = asyncio.create_task(clock.sleep(3_600))
        await asyncio.sleep(0)
        assert not long.done()
        long.cancel()
    assert clock.now() - THURSDAY < timedelta(seconds=1)


@pytest.mark.parametrize(("day", "expected"), [(26, 26), (27, 27), (28, 27), (29, 27), (30, 30)])
def test_it_begins_on_a_working_day(day: int, expected: int) -> None:
    """28 November 2026 is a Saturday."""
    assert last_working_day(datetime(2026, 11, day, 12, tzinfo=UTC)).day == expected


def test_the_next_morning_is_that_of_the_time_zone() -> None:
    """In Tokyo, tomorrow has begun."""
    late = datetime(2026, 11, 26, 20, tzinfo=UTC)
    assert next_morning(late, ZoneInfo("Europe/Berlin")) == datetime(2026, 11, 27, 7, 30, tzinfo=UTC)
    assert next_morning(late, ZoneInfo("Asia/Tokyo")) == datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
