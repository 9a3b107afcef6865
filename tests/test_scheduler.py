"""What wakes the services: in real time, and in none that somebody sets."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.scheduler import Scheduler
from tests.clock import MONDAY_MORNING

SOON = timedelta(milliseconds=5)
NEVER = timedelta(days=1)
PATIENCE = 30


def waking(log: list[str], name: str, *, until: int, done: asyncio.Event) -> Callable[[], Awaitable[None]]:
    """Write down that it was woken, and break the first time."""

    async def wake() -> None:
        log.append(name)
        if log.count(name) >= until:
            done.set()
        if log.count(name) == 1:
            raise RuntimeError("the first one breaks")

    return wake


async def test_what_recurs_goes_on_after_a_failure() -> None:
    """Also what is added while others run; nothing is woken before the start or after the stop."""
    scheduler, woken = Scheduler(), list[str]()
    events = [asyncio.Event(), asyncio.Event()]
    scheduler.every(SOON, "a", waking(woken, "a", until=3, done=events[0]))
    scheduler.every(NEVER, "never", waking(woken, "never", until=1, done=asyncio.Event()))
    await asyncio.sleep(0)
    assert woken == []
    scheduler.start()
    scheduler.every(SOON, "b", waking(woken, "b", until=2, done=events[1]), first=timedelta(0))
    async with asyncio.timeout(PATIENCE):
        for event in events:
            await event.wait()
    scheduler.stop()
    await asyncio.sleep(0)
    assert set(woken) == {"a", "b"}


async def test_what_is_planned_anew_replaces_the_plan() -> None:
    """Each moment wakes once; one that stays in the plan keeps its time, and one that left it does not come."""
    scheduler, woken, done = Scheduler(), list[str](), asyncio.Event()
    wake = waking(woken, "digests", until=1, done=done)
    scheduler.replan("digests", {MONDAY_MORNING: timedelta(0)}, wake)  # not started: nothing is woken
    scheduler.start()
    scheduler.replan("digests", {MONDAY_MORNING + SOON: timedelta(0)}, wake)
    scheduler.replan("digests", {MONDAY_MORNING: SOON, MONDAY_MORNING + NEVER: NEVER}, wake)
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    await asyncio.sleep(0)
    scheduler.stop()
    assert woken == ["digests"]
