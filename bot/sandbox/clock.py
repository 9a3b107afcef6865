"""The sandbox's clock: it runs in real time, and can be moved forward."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, time, timedelta, tzinfo

from bot.clock import SystemClock

MORNING = time(8, 30)
"""When digests arrive by default."""

PAUSE = 1.0
"""Seconds of a sleep that is only there to spare somebody."""


class SandboxClock:
    """A `bot.clock.Clock` that begins at `start`; otherwise now, or at a weekend on Friday, since nobody calls then.

    Moving it is like time that passes, also for those who sleep.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._real = SystemClock()
        now = self._real.now()
        self._ahead = (start or last_working_day(now)) - now
        self._passed = timedelta(0)
        self._move = asyncio.Event()
        self._has_no_pauses = False

    def now(self) -> datetime:
        return self._real.now() + self._ahead + self._passed

    def elapsed(self) -> timedelta:
        return self._real.elapsed() + self._passed

    async def sleep(self, seconds: float) -> None:
        due = self.elapsed() + timedelta(seconds=seconds)
        await asyncio.sleep(0)
        if self._has_no_pauses and seconds <= PAUSE:
            return
        while (left := (due - self.elapsed()).total_seconds()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._move.wait(), left)

    @contextmanager
    def without_pauses(self) -> Iterator[None]:
        """Within this, short sleeps end at once."""
        self._has_no_pauses = True
        try:
            yield
        finally:
            self._has_no_pauses = False

    def move_to(self, moment: datetime) -> None:
        """Let the time until `moment` pass. Raises ValueError for a moment in the past."""
        step = moment - self.now()
        if step < timedelta(0):
            raise ValueError("The clock can only be moved forward.")
        self._passed += step
        self._move.set()
        self._move = asyncio.Event()


def last_working_day(now: datetime) -> datetime:
    """Return the same time on Friday if it is Saturday or Sunday, otherwise now."""
    return now - timedelta(days=max(0, now.weekday() - 4))


def next_morning(now: datetime, zone: tzinfo) -> datetime:
    """Return 8:30 tomorrow in a time zone."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), MORNING, zone)
