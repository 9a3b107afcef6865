"""What was promised: on disk before it is promised, done by one bot at a time, and gone on with after a kill.

A handler may be killed anywhere, and then runs again. So it notes what it is about to do before it does it, and where
its job says that an earlier attempt had noted something, it looks whether that took effect.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.errors import BotError
from bot.model.job import Job
from bot.storage.sqlite import Database

log = logging.getLogger(__name__)

CONCURRENCY = 8
LEASE = timedelta(seconds=30)
"""How long after a kill another attempt begins at the latest. Three renewals fit in."""
POLL = timedelta(seconds=2)
"""How often jobs are looked for that another process added, or began and died in."""
DEATHS = 5
"""How many attempts at one job may die. It may be what kills them, and with them all that the bot does beside it."""

Note = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Adds to the job's progress, and returns once that is on disk. Raises TakenOver."""
Handler = Callable[[Job, Note], Awaitable[None]]
OnFailure = Callable[[Job, BaseException], Awaitable[None]]


class Retry(Exception):
    """Raised by a handler whose job is to be tried again, `after` so many seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(after)
        self.after = after


class TakenOver(Exception):
    """Another attempt has the job: this one was silent for longer than its lease. It must not act any more."""


class Deadly(Exception):
    """The job has cost too many processes, and is given up."""

    def __init__(self, deaths: int) -> None:
        super().__init__(f"{deaths} attempts died")


@dataclass(frozen=True, slots=True)
class _Kind:
    handle: Handler
    on_failure: OnFailure | None


class Jobs:
    """`holder` is this process's own name among those that share the database. `only` are the ids of the jobs that are
    done, where it is not all of the kinds that are registered; more may be added to it until `start`.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        holder: str,
        *,
        concurrency: int = CONCURRENCY,
        only: Collection[int] | None = None,
    ) -> None:
        self._rows = database.jobs
        self._clock = clock
        self._holder = holder
        self._concurrency = concurrency
        self._only = only
        self._kinds: dict[str, _Kind] = {}
        self._running: dict[int, tuple[asyncio.Task[None], asyncio.Task[None]]] = {}
        """Of each job that runs here: the handler's task, and the one that waits for it and writes down its end."""
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()

    def register(self, kind: str, handler: Handler, on_failure: OnFailure | None = None) -> None:
        """Jobs of this kind are done by `handler`; those of a kind that nobody registered are left to other bots.

        When a handler raises anything but Retry, its job has failed: `on_failure` tells whoever was promised it, under
        the job's `reference`. It comes before the job is closed, so that a kill in between can't leave them untold;
        where they can't be reached now, it raises Retry, and the job is tried again. A job whose attempts die is given
        up after some.
        """
        self._kinds[kind] = _Kind(handler, on_failure)

    async def add(self, kind: str, key: str, payload: Mapping[str, Any], *, is_anew: bool = False) -> tuple[Job, bool]:
        """The job of this key, on disk, and whether it is promised only now.

        False for a key that is known already. A job that failed, or `is_anew` one that is done, is promised anew: with
        this payload, and with what its attempts had noted.
        """
        job, is_new = await self._rows.add(kind, key, payload, self._clock.now(), is_anew=is_anew)
        if is_new:
            self._wake.set()
        return job, is_new

    async def start(self) -> None:
        """Begin with what is due; nothing is waited for."""
        self._loop = asyncio.create_task(self._run(), name="jobs")

    async def idle(self) -> None:
        """Return once no job is due and none runs here. One that waits for a later try is not due."""
        if self._loop is None or self._stopping:
            raise RuntimeError("nothing does the jobs: start() comes first, and stop() last")
        self._settled.clear()
        self._wake.set()
        await self._settled.wait()

    async def stop(self, patience: float = 0.0) -> None:
        """Begin no more, let what runs come to its end for `patience` seconds, and leave the rest to the next start."""
        give_up = self._clock.now() + timedelta(seconds=patience)
        self._stopping = True
        self._wake.set()
        if self._loop is not None:
            await self._loop
        endings = [ending for _, ending in self._running.values()]
        if endings:
            left = give_up - self._clock.now()
            await self._first(asyncio.wait(endings), self._clock.sleep(left.total_seconds()))
        for work, _ in list(self._running.values()):
            work.cancel()
        await asyncio.gather(*endings)

    # ---- the loop ----------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                wait = await self._begin_due()
            except Exception:
                log.exception("the jobs in the database cannot be seen to; another try follows")
                wait = POLL
            else:
                # Whoever woke the loop meanwhile is to be told after the next look, not after this one.
                if not self._running and not self._wake.is_set():
                    self._settled.set()
            await self._first(self._wake.wait(), self._clock.sleep(wait.total_seconds()))
        self._settled.set()

    async def _begin_due(self) -> timedelta:
        """Begin what is due and finds room; how long until another look."""
        while len(self._running) < self._concurrency and not self._stopping:
            due = await self._rows.next_due(self._kinds, self._running, self._only)
            now = self._clock.now()
            if due is None or due > now:
                return min(POLL, due - now) if due else POLL
            job = await self._rows.claim(self._kinds, self._running, self._holder, now, now + LEASE, self._only)
            if job is not None:
                work = asyncio.create_task(self._attempt(job), name=f"{job.kind} {job.id}")
                self._running[job.id] = work, asyncio.create_task(self._see_through(job, work))
        return POLL

    async def _first(self, *waits: Awaitable[object]) -> None:
        """Return when the first of these does."""
        tasks = [asyncio.ensure_future(each) for each in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    # ---- one attempt -------------------------------------------------------------------------------------------------

    async def _attempt(self, job: Job) -> None:
        kind = self._kinds[job.kind]
        progress = dict(job.progress)

        async def note(more: Mapping[str, Any]) -> None:
            progress.update(more)
            if not await self._rows.note(job, self._holder, progress, self._lease_end()):
                raise TakenOver

        try:
            await (_give_up(job) if job.deaths >= DEATHS else kind.handle(job, note))
        except (Retry, TakenOver):
            raise
        except (Exception, asyncio.CancelledError) as exc:
            if _is_cancelled(asyncio.current_task()):
                raise
            _log_failure(job, exc)
            # One death more: it was the telling that killed.
            if kind.on_failure is not None and job.deaths <= DEATHS:
                await note({})
                try:
                    await kind.on_failure(job, exc)
                except Retry:
                    raise
                except Exception:
                    log.exception("nobody could be told that %s failed", reference(job))
            raise

    async def _see_through(self, job: Job, work: asyncio.Task[None]) -> None:
        """Keep the job while an attempt works on it, and write down how that ended."""
        keeping = asyncio.create_task(self._keep(job, work))
        await asyncio.wait({work})
        keeping.cancel()
        try:
            await self._end(job, work)
        except Exception:
            log.exception("how %s ended cannot be written down: it begins anew when its lease ends", reference(job))
        del self._running[job.id]
        self._wake.set()

    async def _keep(self, job: Job, work: asyncio.Task[None]) -> None:
        while True:
            await self._clock.sleep(LEASE.total_seconds() / 3)
            try:
                kept = await self._rows.renew(job, self._holder, self._lease_end())
            except Exception:
                log.exception("the lease of %s could not be renewed", reference(job))
                continue
            if not kept:
                work.cancel()
                return

    async def _end(self, job: Job, work: asyncio.Task[None]) -> None:
        now = self._clock.now()
        exc = asyncio.CancelledError() if work.cancelled() else work.exception()
        match exc:
            case None:
                await self._rows.finish(job, self._holder, now)
            case _ if _is_cancelled(work):
                await self._rows.release(job, self._holder, now)
            case Retry():
                await self._rows.release(job, self._holder, now + timedelta(seconds=exc.after))
            case TakenOver():
                log.warning("%s was taken over by another attempt", reference(job))
            case _:
                await self._rows.finish(job, self._holder, now, f"{type(exc).__name__} ({reference(job)})")

    def _lease_end(self) -> datetime:
        return self._clock.now() + LEASE


async def _give_up(job: Job) -> None:
    raise Deadly(job.deaths)


def reference(job: Job) -> str:
    """What a person can quote of a job that failed, and what finds it in the log and in the database."""
    return f"job-{job.id}"


def _is_cancelled(work: asyncio.Task[None] | None) -> bool:
    """Whether we asked for its end; a handler may also fail by awaiting what somebody else cancelled."""
    return work is not None and work.cancelling() > 0


def _log_failure(job: Job, exc: BaseException) -> None:
    if isinstance(exc, BotError):
        log.warning("%s ended in %s (reference %s)", job.kind, type(exc).__name__, reference(job))
    else:
        log.error("%s failed (reference %s)", job.kind, reference(job), exc_info=exc)
