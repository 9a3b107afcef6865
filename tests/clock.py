"""A clock that tests turn by hand: time passes when a test says so, and never otherwise."""

import asyncio
import heapq
import itertools
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

MONDAY_MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
NAP = 1.0
"""Seconds. A shorter sleep only waits for a turn that comes by itself."""
TURNS = 20
"""Turns of the event loop that a woken task gets; tests have to wait for work in threads themselves."""


class ManualClock:
    """A `bot.clock.Clock`."""

    def __init__(self, now: datetime = MONDAY_MORNING) -> None:
        self._began = now
        self._now = now
        """The time if nobody had ever set the clock."""
        self._set_by = timedelta(0)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._naps: list[tuple[datetime, asyncio.Future[None]]] = []
        self._asleep = asyncio.Event()
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._now + self._set_by

    def elapsed(self) -> timedelta:
        return self._now - self._began

    def set_by(self, step: timedelta) -> None:
        """Set the clock forward or back; no time passes."""
        self._set_by += step

    @property
    def right(self) -> "RightClock":
        """Return other machines' clock, which stays right."""
        return RightClock(self)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due = self._now + timedelta(seconds=seconds)
        heapq.heappush(self._sleepers, (due, next(self._order), woken))
        if seconds <= NAP:
            self._naps.append((due, woken))
            self._asleep.set()
        await woken

    @property
    def sleepers(self) -> int:
        """Return how many tasks are asleep."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    async def nap(self) -> float:
        """Wait until a task sleeps for at most `NAP` seconds, and return how many are left of the next one."""
        while True:
            self._naps = [(due, woken) for due, woken in self._naps if not woken.done()]
            if self._naps:
                return max(0.0, (min(due for due, _ in self._naps) - self._now).total_seconds())
            self._asleep.clear()
            await self._asleep.wait()

    async def run_to_end(self, awaited: Coroutine[Any, Any, T]) -> T:
        """Wait for something. A channel takes one message a second: for that, and no more, time passes."""
        task = asyncio.ensure_future(awaited)
        try:
            while not task.done():
                nap = asyncio.ensure_future(self.nap())
                await asyncio.wait({task, nap}, return_when=asyncio.FIRST_COMPLETED)
                if nap.done() and not task.done():
                    await self.advance(nap.result())
                nap.cancel()
            return await task
        finally:
            task.cancel()

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass: each sleeper wakes at its own moment, in order, and runs before the next one does."""
        until = self._now + timedelta(seconds=seconds)
        await _turn()
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self._now = due
                woken.set_result(None)
                await _turn()
        self._now = until

    async def jump(self, until: datetime) -> None:
        """Jump to `until`, as after a laptop's sleep: sleepers that were due wake then, once."""
        until -= self._set_by
        self._now = until
        while self._sleepers and self._sleepers[0][0] <= until:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
        await _turn()


class RightClock:
    """The same time as another clock's, regardless of how far that one was set."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._began = clock.now() - clock.elapsed()

    def now(self) -> datetime:
        return self._began + self._clock.elapsed()

    def elapsed(self) -> timedelta:
        return self._clock.elapsed()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


async def _turn() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
