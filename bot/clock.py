"""The one clock: what time it is, and when something is due. Injected everywhere, so that tests turn it by hand."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_STEADY: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""What is known for five minutes must not outlive a night's suspension. On Linux CLOCK_MONOTONIC stands still in one
and CLOCK_BOOTTIME does not (clock_gettime(2)); macOS has no CLOCK_BOOTTIME, and its CLOCK_MONOTONIC goes on."""


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
