"""What wakes the services, and keeps waking them while somebody sets the machine's clock."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.errors import StorageFailed
from bot.jobs.timers import Timers
from tests.clock import MONDAY_MORNING, ManualClock

HOUR = timedelta(hours=1)
PATIENCE = 30


async def test_a_clock_that_is_set_back_delays_nothing() -> None:
    """What was due in an hour is due now, if the clock was set back by one."""
    clock, woken = ManualClock(), asyncio.Event()

    async def wake() -> None:
        woken.set()

    scheduler = Timers(clock)
    scheduler.start()
    scheduler.replan("digests", {MONDAY_MORNING: HOUR}, wake)
    clock.set_by(-HOUR)
    scheduler.follow_clock()
    async with asyncio.timeout(PATIENCE):
        await woken.wait()
    scheduler.stop()


async def test_a_new_plan_replaces_the_earlier_one() -> None:
    """A moment that is no longer in the plan doesn't wake anybody; a failure is logged and doesn't end the others."""
    clock, woken, done = ManualClock(), list[str](), asyncio.Event()

    async def wake() -> None:
        woken.append("wake")
        if len(woken) == 2:
            done.set()
        raise RuntimeError

    scheduler = Timers(clock)
    scheduler.start()
    scheduler.replan("digests", {MONDAY_MORNING: HOUR}, wake)
    scheduler.replan("digests", {MONDAY_MORNING + HOUR: timedelta(0), MONDAY_MORNING + 2 * HOUR: timedelta(0)}, wake)
    clock.set_by(-2 * HOUR)
    scheduler.follow_clock()
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    scheduler.stop()
    assert len(woken) == 2


async def test_a_database_that_cannot_be_used_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Again and again with a traceback, it would take the last bytes of a full disk."""
    clock, failed = ManualClock(), asyncio.Event()

    async def wake() -> None:
        failed.set()
        raise StorageFailed("full", "/data/bot.db")

    scheduler = Timers(clock)
    scheduler.start()
    scheduler.replan("digests", {MONDAY_MORNING: timedelta(0)}, wake)
    async with asyncio.timeout(PATIENCE):
        await failed.wait()
    scheduler.stop()
    (record,) = caplog.records
    assert record.exc_info is None
    assert "the timer job digests failed: the disk is full: free up space where /data/bot.db is" in record.getMessage()


@pytest.mark.parametrize(
    ("step", "said"),
    [(2 * HOUR, "set forward by 7200 seconds"), (-2 * HOUR, "set back by 7200 seconds"), (HOUR / 120, "")],
)
def test_a_large_step_is_reported(step: timedelta, said: str, caplog: pytest.LogCaptureFixture) -> None:
    """Once; a small one is what NTP does."""
    caplog.set_level(logging.WARNING, "bot.jobs.timers")
    clock = ManualClock()
    scheduler = Timers(clock)
    scheduler.follow_clock()
    clock.set_by(step)
    for _ in range(2):
        scheduler.follow_clock()
    assert len(caplog.records) == bool(said)
    assert said in caplog.text
