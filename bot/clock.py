"""The one clock. It is injected everywhere, so that tests control the time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

_MONOTONIC: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A clock that also counts the time in which the machine is suspended: a value cached for five minutes must not be used
the next morning. On Linux that is CLOCK_BOOTTIME (clock_gettime(2)); macOS has only CLOCK_MONOTONIC, which does so."""

LARGEST_DRIFT = timedelta(seconds=60)
"""Slack and Kickscale reject signatures older than five minutes; a clock that is off by a minute needs fixing."""
_SMALLEST_STEP = timedelta(seconds=1)
"""NTP constantly adjusts clocks by less."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the current time as an aware datetime in UTC."""
        ...

    def elapsed(self) -> timedelta:
        """Return the time since some fixed moment of this process. Setting the machine's clock doesn't change it.

        Use it for caches and pauses within one process. Use `now` for what people read, for what other processes read,
        and to compare with dates from elsewhere.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed on this clock; at once if it isn't positive."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.clock_gettime(_MONOTONIC))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


@asynccontextmanager
async def timeout(clock: Clock, seconds: float) -> AsyncIterator[None]:
    """Like `asyncio.timeout`, on this clock: raises TimeoutError once `seconds` have passed in the block."""
    loop = asyncio.get_running_loop()

    def end(sleeping: asyncio.Task[None]) -> None:
        if not sleeping.cancelled():
            limit.reschedule(loop.time())

    async with asyncio.timeout(None) as limit:
        sleeping = loop.create_task(clock.sleep(seconds))
        sleeping.add_done_callback(end)
        try:
            yield
        finally:
            sleeping.remove_done_callback(end)
            sleeping.cancel()


class ClockSteps:
    """Notices when somebody sets the machine's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = self._start()

    def take(self) -> timedelta:
        """Return how far it was set forward since the last call, or back if negative; zero if it wasn't set."""
        step = self._start() - self._began
        if abs(step) < _SMALLEST_STEP:
            return timedelta(0)
        self._began += step
        return step

    def _start(self) -> datetime:
        """Return the start of the elapsed time, by the clock as it is set now."""
        return self._clock.now() - self._clock.elapsed()


def describe_drift(drift: timedelta) -> str:
    """Return e.g. `30 s ahead of` or `30 s behind`."""
    return f"{abs(drift.total_seconds()):.0f} s {'ahead of' if drift > timedelta(0) else 'behind'}"
