"""Timers that wake the services, by APScheduler. The services themselves decide what is due, by their own clock."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from bot.clock import LARGEST_DRIFT, Clock, ClockSteps
from bot.errors import StorageFailed

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

Wake = Callable[[], Awaitable[None]]

WATCH_CLOCK = 10.0
"""Seconds between two checks whether somebody set the machine's clock."""
SET_CLOCK = "Synchronise it with NTP."


class Timers:
    def __init__(self, clock: Clock) -> None:
        self._steps = ClockSteps(clock)
        self._watch: asyncio.Task[None] | None = None

    @cached_property
    def _scheduler(self) -> "AsyncIOScheduler":
        # Imported when something is planned: until it is connected, the bot plans nothing.
        from apscheduler.schedulers.asyncio import AsyncIOScheduler  # noqa: PLC0415

        return AsyncIOScheduler(
            # By default APScheduler drops a wake-up that is a second late.
            job_defaults={"misfire_grace_time": None, "coalesce": True},
            timezone=UTC,  # otherwise APScheduler looks up the machine's zone, and fails if TZ isn't one
        )

    def repeat(self, interval: timedelta, name: str, wake: Wake, *, first: timedelta | None = None) -> None:
        """Call `wake` once per interval, the first time after one interval or after `first`. Exceptions are logged."""
        from apscheduler.triggers.interval import IntervalTrigger  # noqa: PLC0415 likewise

        # Spread a little, so that many bots don't call the same API at the same moment.
        seconds = int(interval.total_seconds())
        trigger = IntervalTrigger(
            seconds=seconds,
            jitter=seconds // 20,
            start_date=datetime.now(UTC) + first if first else None,
            timezone=UTC,
        )
        self._scheduler.add_job(_logged(name, wake), trigger, id=name)

    def replan(self, name: str, waits: Mapping[datetime, timedelta], wake: Wake) -> None:
        """Call `wake` once at each of these moments, after the wait given for it. Replaces what was planned before."""
        from apscheduler.triggers.date import DateTrigger  # noqa: PLC0415 likewise

        now = datetime.now(UTC)
        planned = {f"{name} {moment.isoformat()}": now + wait for moment, wait in waits.items()}
        for job in self._scheduler.get_jobs():
            if job.id in planned:
                del planned[job.id]
            elif job.id.startswith(f"{name} "):
                job.remove()
        for id_, at in planned.items():
            self._scheduler.add_job(_logged(name, wake), DateTrigger(at, timezone=UTC), id=id_)

    def start(self) -> None:
        self._scheduler.start()
        self._watch = asyncio.create_task(self._watch_clock(), name="watch the clock")

    def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if "_scheduler" in vars(self) and self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _watch_clock(self) -> None:
        # By the event loop's own clock, which nobody can set: an APScheduler job would be delayed with all the others.
        while True:
            await asyncio.sleep(WATCH_CLOCK)
            self.follow_clock()

    def follow_clock(self) -> None:
        """If somebody set the machine's clock, shift all planned wake-ups by as much, and log a large step.

        APScheduler waits for times on that clock: if it is set back by an hour, nothing would be woken for an hour.
        """
        step = self._steps.take()
        if not step:
            return
        for job in self._scheduler.get_jobs():
            if job.next_run_time is not None:
                job.modify(next_run_time=job.next_run_time + step)
        if abs(step) > LARGEST_DRIFT:
            way = "forward" if step > timedelta(0) else "back"
            log.warning("this machine's clock was set %s by %d seconds. %s", way, abs(step.total_seconds()), SET_CLOCK)


def import_scheduler() -> None:
    """Import what the first timer would wait for."""
    import apscheduler.schedulers.asyncio  # noqa: PLC0415 likewise
    import apscheduler.triggers.date  # noqa: PLC0415 likewise
    import apscheduler.triggers.interval  # noqa: F401, PLC0415 likewise


def _logged(name: str, wake: Wake) -> Wake:
    async def run() -> None:
        try:
            await wake()
        except StorageFailed as exc:
            log.error("the timer job %s failed: %s", name, exc)  # noqa: TRY400 a traceback each time would fill the disk
        except Exception:
            log.exception("the timer job %s failed", name)

    return run
