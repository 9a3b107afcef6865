"""The clock of the tests."""

import asyncio
from datetime import timedelta

from tests.clock import MONDAY_MORNING, ManualClock


async def test_sleepers_wake_in_order_and_on_time() -> None:
    """Everyone who sleeps wakes when their time has come, and sees that time."""
    clock, woken = ManualClock(), []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.now() - MONDAY_MORNING))

    async with asyncio.TaskGroup() as group:
        for seconds in (30, 10, 20):
            group.create_task(sleep(seconds))
        await clock.advance(25)
        assert woken == [(10, timedelta(seconds=10)), (20, timedelta(seconds=20))]
        assert clock.sleepers == 1
        await clock.advance(5)
    assert woken[-1] == (30, timedelta(seconds=30))


async def test_a_task_that_sleeps_again_wakes_again() -> None:
    """A loop that sleeps for a second at a time runs once for every second that passes."""
    clock, rounds = ManualClock(), []

    async def tick() -> None:
        while True:
            await clock.sleep(1)
            rounds.append(clock.now())

    task = asyncio.create_task(tick())
    await clock.advance(60)
    task.cancel()
    assert len(rounds) == 60


async def test_sleeping_for_no_time_returns_at_once() -> None:
    """Nobody has to move the clock."""
    clock = ManualClock()
    await clock.sleep(0)
    await clock.sleep(-1)
    assert clock.now() == MONDAY_MORNING
