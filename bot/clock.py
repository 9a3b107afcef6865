"""The one clock: what time it is, and when something is due. Injected everywhere, so that tests turn it by hand."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_STEADY: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""What is known for five minutes must not outlive a night's suspension. On Linux CLOCK_MONOTONIC stands still in one
and CLOCK_BOOTTIME does not (clock_gettime(2)); macOS has no CLOCK_BOOTTIME, and its CLOCK_MONOTONIC goes on."""


LARGEST_DRIFT = timedelta(seconds=60)
"""Slack and Kickscale refuse what is signed over five minutes ago; a minute off is time to mend the clock."""
_SMALLEST_STEP = timedelta(seconds=1)
"""NTP moves a clock by less all the time."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, as an aware datetime in UTC."""
        ...

    def elapsed(self) -> timedelta:
        """The time since some fixed moment of this process. Setting the machine's clock does not change it.

        For all that is kept or waited for within one process; `now` is for what people read, for what other processes
        share, and for what is compared with a date that somebody else wrote.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed on this clock; at once when that is not positive."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.clock_gettime(_STEADY))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class Steps:
    """Notices when somebody sets the machine's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = self._start()

    def take(self) -> timedelta:
        """By how much it was set forward, or back if negative, since the last call that told so; zero if it wasn't."""
        step = self._start() - self._began
        if abs(step) < _SMALLEST_STEP:
            return timedelta(0)
        self._began += step
        return step

    def _start(self) -> datetime:
        """When the time that has elapsed began, by the clock as it is set now."""
        return self._clock.now() - self._clock.elapsed()
