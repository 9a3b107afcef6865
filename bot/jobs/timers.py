"""APScheduler wakes the services at their times; what is due is theirs to decide, by their own clock."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import LARGEST_DRIFT, Clock, Steps

log = logging.getLogger(__name__)

Wake = Callable[[], Awaitable[None]]

WATCH_CLOCK = 10.0
"""Seconds between two looks at whether somebody set the machine's clock."""
SET_CLOCK = "Let the machine keep its time by NTP."


class Scheduler:
    def __init__(self, clock: Clock) -> None:
        self._scheduler = AsyncIOScheduler(
            # A late wake-up is still one: the default drops what is a second late.
            job_defaults={"misfire_grace_time": None, "coalesce": True},
            timezone=UTC,  # without one, APScheduler asks for the machine's, and fails where TZ names no zone
        )
        self._steps = Steps(clock)
        self._watch: asyncio.Task[None] | None = None

    def every(self, interval: timedelta, name: str, wake: Wake, *, first: timedelta | None = None) -> None:
        """Call `wake` once an interval, the first time after one, or after `first`; what it raises is logged."""
        # Spread a little, so that many bots do not ask one API at the same moment.
        seconds = int(interval.total_seconds())
        trigger = IntervalTrigger(
            seconds=seconds,
            jitter=seconds // 20,
            start_date=datetime.now(UTC) + first if first else None,
            timezone=UTC,
        )
        self._scheduler.add_job(_logged(name, wake), trigger, id=name)

    def replan(self, name: str, waits: Mapping[datetime, timedelta], wake: Wake) -> None:
        """Call `wake` once at each of these moments, which come in so long; at no others that were planned before."""
        now = datetime.now(UTC)
        wanted = {f"{name} {moment.isoformat()}": now + wait for moment, wait in waits.items()}
        for job in self._scheduler.get_jobs():
            if job.id in wanted:
                del wanted[job.id]
            elif job.id.startswith(f"{name} "):
                job.remove()
        for id_, at in wanted.items():
            self._scheduler.add_job(_logged(name, wake), DateTrigger(at, timezone=UTC), id=id_)

    def start(self) -> None:
        self._scheduler.start()
        self._watch = asyncio.create_task(self._watch_clock(), name="watch the clock")

    def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _watch_clock(self) -> None:
        # In the event loop's own time, which nobody sets: APScheduler would wait for the clock to come back.
        while True:
            await asyncio.sleep(WATCH_CLOCK)
            self.follow_clock()

    def follow_clock(self) -> None:
        """If somebody set the machine's clock, move each planned wake-up along with it, and report a large step.

        APScheduler waits for moments on that clock: set back by an hour, it would wake nothing for an hour.
        """
        step = self._steps.take()
        if not step:
            return
        for job in self._scheduler.get_jobs():
            if job.next_run_time is not None:
                job.modify(next_run_time=job.next_run_time + step)
        if abs(step) > LARGEST_DRIFT:
            way = "forward" if step > timedelta(0) else "back"
            log.warning("this machine's clock was set %s by %d s. %s", way, abs(step.total_seconds()), SET_CLOCK)


def _logged(name: str, wake: Wake) -> Wake:
    async def run() -> None:
        try:
            await wake()
        except Exception:
            log.exception("the job %s failed", name)

    return run
