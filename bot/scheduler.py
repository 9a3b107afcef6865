"""APScheduler wakes the services at their times; what is due is theirs to decide, by their own clock."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)


class Scheduler:
    def __init__(self) -> None:
        # A late wake-up is still one: the default drops what is a second late.
        self._scheduler = AsyncIOScheduler(job_defaults={"misfire_grace_time": None, "coalesce": True})

    def every(self, interval: timedelta, name: str, wake: Callable[[], Awaitable[None]]) -> None:
        """Call `wake` once an interval, the first time after one; what it raises is logged."""

        async def run() -> None:
            try:
                await wake()
            except Exception:
                log.exception("the job %s failed", name)

        # Spread a little, so that many bots do not ask one API at the same moment.
        seconds = int(interval.total_seconds())
        trigger = IntervalTrigger(seconds=seconds, jitter=seconds // 20)
        self._scheduler.add_job(run, trigger, id=name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
