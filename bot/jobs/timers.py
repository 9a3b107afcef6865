"""APScheduler wakes the services at their times; what is due is theirs to decide, by their own clock."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)


class Scheduler:
    def __init__(self) -> None:
        # A late wake-up is still one: the default drops what is a second late.
        self._scheduler = AsyncIOScheduler(job_defaults={"misfire_grace_time": None, "coalesce": True})

    def every(
        self, interval: timedelta, name: str, wake: Callable[[], Awaitable[None]], *, first: timedelta | None = None
    ) -> None:
        """Call `wake` once an interval, the first time after one, or after `first`; what it raises is logged."""
        # Spread a little, so that many bots do not ask one API at the same moment.
        seconds = int(interval.total_seconds())
        trigger = IntervalTrigger(
            seconds=seconds, jitter=seconds // 20, start_date=datetime.now(UTC) + first if first else None
        )
        self._scheduler.add_job(_logged(name, wake), trigger, id=name)

    def replan(self, name: str, waits: Mapping[datetime, timedelta], wake: Callable[[], Awaitable[None]]) -> None:
        """Call `wake` once at each of these moments, which come in so long; at no others that were planned before."""
        now = datetime.now(UTC)
        wanted = {f"{name} {moment.isoformat()}": now + wait for moment, wait in waits.items()}
        for job in self._scheduler.get_jobs():
            if job.id in wanted:
                del wanted[job.id]
            elif job.id.startswith(f"{name} "):
                job.remove()
        for id_, at in wanted.items():
            self._scheduler.add_job(_logged(name, wake), DateTrigger(at), id=id_)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _logged(name: str, wake: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await wake()
        except Exception:
            log.exception("the job %s failed", name)

    return run
