"""The durable queue: begins due jobs, keeps their leases while they run, and writes down how they ended."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock, ClockSteps
from bot.errors import BotError, StorageFailed
from bot.model.job import Deadly, G, Handler, Job, JobKind, OnFailure, P, Retry, TakenOver
from bot.storage.sql.jobs import JobRows
from bot.tools.codec import decode, encode

log = logging.getLogger(__name__)

CONCURRENCY = 8
"""Twice as many share more transactions, and a thousand digests take a sixth less CPU time, but acknowledgements beside
them take half as long again at the 99th percentile."""
LEASE = timedelta(seconds=30)
"""After a kill, another attempt begins at most this much later. Three renewals fit in."""
RENEWED_AT_ONCE = 50
"""How many leases are extended in one transaction: others wait for its end."""
POLL = timedelta(seconds=2)
"""How often to look for jobs that another process promised, or in which it died."""
REST = timedelta(seconds=5)
"""How long a job waits that couldn't use the database."""
END_TRIES = 5
"""How often to try to write down how an attempt ended, two seconds apart: PostgreSQL may be restarting."""
DEATHS = 5
"""How many attempts at one job may die: the job itself may be what kills them, and everything beside them."""


@dataclass(frozen=True, slots=True)
class _Registered:
    kind: JobKind[Any, Any]
    handle: Handler[Any, Any]
    on_failure: OnFailure[Any, Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Attempt:
    """An attempt at a job. Thousands may wait for their turn, so it has no more tasks than it needs at the moment."""

    job: Job
    takes_place: bool
    """Whether others wait for it to end, since only a few run at a time."""
    work: asyncio.Task[None]
    """The handler's."""
    ended: asyncio.Future[None]
    """Done once it is written down how the attempt ended."""


class Jobs:
    """`holder` is this process's name, unlike that of any other on the database.

    With `only`, just the jobs of these ids are done, instead of all of the registered kinds; more ids may be added to
    it until `start`.
    """

    def __init__(
        self,
        rows: JobRows,
        clock: Clock,
        holder: str,
        *,
        concurrency: int = CONCURRENCY,
        only: Collection[int] | None = None,
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._steps = ClockSteps(clock)
        self._blocked: str | None = None
        """Why no job could be done at the last look."""
        self._has_begun = False
        """Whether the last look found a job for every free place: then the next one tries without asking first."""
        self._holder = holder
        self._concurrency = concurrency
        self._only = only
        self._kinds: dict[str, _Registered] = {}
        self._running: set[_Attempt] = set()
        """Not by the jobs' ids: SQLite gives that of a deleted job to the next one, which may begin before we hear that
        the deleted one is gone."""
        self._taken = 0
        """How many of these take one of the places, and haven't come to their end."""
        self._ending: set[asyncio.Task[None]] = set()
        """Those that write down how an attempt ended."""
        self._keeping: asyncio.Task[None] | None = None
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()

    def register(self, kind: JobKind[P, G], handle: Handler[P, G], on_failure: OnFailure[P, G] | None = None) -> None:
        self._kinds[kind.name] = _Registered(kind, handle, on_failure)

    async def promise(
        self, kind: JobKind[P, Any], key: str, payload: P, *, due: datetime | None = None, again: bool = False
    ) -> bool:
        return bool(await self._add(kind, {key: payload}, due=due, again=again))

    async def promise_all(self, kind: JobKind[P, Any], payloads: Mapping[str, P], *, again: bool = False) -> int:
        return await self._add(kind, payloads, again=again)

    async def _add(
        self, kind: JobKind[P, Any], payloads: Mapping[str, P], *, due: datetime | None = None, again: bool
    ) -> int:
        encoded = {key: encode(payload) for key, payload in payloads.items()}
        added = await self._rows.add(kind.name, encoded, self._clock.now(), due=due, is_anew=again)
        if added:
            self._wake.set()
        return added

    async def begin(self, kind: JobKind[P, Any], key: str, payload: P) -> bool:
        now = self._clock.now()
        begin = functools.partial(self._begin, takes_place=False)
        return await self._rows.begin(kind.name, key, encode(payload), self._holder, now, now + LEASE, begin)

    async def get(self, kind: JobKind[P, G], key: str) -> Job[P, G] | None:
        job = await self._rows.get(kind.name, key)
        return _decoded(kind, job) if job is not None else None

    async def unfinished(self, kind: JobKind[P, G], beginning: str = "", **payload: str) -> list[Job[P, G]]:
        return [_decoded(kind, job) for job in await self._rows.open(kind.name, beginning, **payload)]

    async def has_earlier(self, job: Job[Any, Any], beginning: str) -> bool:
        return await self._rows.has_earlier(job, beginning)

    async def count_unfinished(self) -> Mapping[str, int]:
        return await self._rows.unfinished()

    async def start(self) -> None:
        await self._follow_clock(timedelta(0))
        self._loop = asyncio.create_task(self._run(), name="jobs")

    async def idle(self) -> None:
        if self._loop is None or self._stopping:
            raise RuntimeError("nothing does the jobs: start() comes first, and stop() last")
        self._settled.clear()
        self._wake.set()
        await self._settled.wait()

    async def stop(self, patience: float = 0.0) -> None:
        give_up = self._clock.elapsed() + timedelta(seconds=patience)
        self._stopping = True
        self._wake.set()
        if self._loop is not None:
            await self._loop
        if self._running:
            left = give_up - self._clock.elapsed()
            ends = asyncio.wait([attempt.ended for attempt in self._running])
            await self._first(ends, self._clock.sleep(left.total_seconds()))
        attempts = list(self._running)
        for attempt in attempts:
            attempt.work.cancel()
        await asyncio.gather(*(attempt.ended for attempt in attempts))
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    # ---- the loop ----------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                if (step := self._steps.take()) < timedelta(0):
                    await self._follow_clock(step)
                wait, is_waiting = await self._begin_due()
            except Exception as exc:  # noqa: BLE001 whatever it is, another look follows
                self._log_blocked(exc)
                wait = POLL
            else:
                self._blocked = None
                # If somebody has woken the loop in the meantime, only the next look can say that it is idle.
                if is_waiting and not self._running and not self._wake.is_set():
                    self._settled.set()
            await self._first(self._wake.wait(), self._clock.sleep(wait.total_seconds()))
        self._settled.set()

    def _log_blocked(self, exc: Exception) -> None:
        """Log each cause once: the same line every two seconds would fill a disk that may be full already."""
        if str(exc) != self._blocked:
            self._blocked = str(exc)
            log.error("jobs can't be run (%s)", exc, exc_info=None if isinstance(exc, StorageFailed) else exc)

    async def _follow_clock(self, step: timedelta) -> None:
        now = self._clock.now()
        await self._rows.follow_clock(self._kinds, now, now + LEASE, step)

    async def _begin_due(self) -> tuple[timedelta, bool]:
        """Begin the due jobs for which there is room.

        Return how long to wait until the next look, and whether nothing is due that isn't running.
        """
        while (room := self._concurrency - self._taken) > 0 and not self._stopping:
            if not self._has_begun:
                due = await self._rows.next_due(self._kinds, self._besides, self._only)
                if due is None or due > self._clock.now():
                    return min(POLL, due - self._clock.now()) if due else POLL, True
            now = self._clock.now()
            jobs = await self._rows.claim(self._kinds, self._besides, self._holder, now, now + LEASE, self._only, room)
            self._has_begun = len(jobs) == room
            for job in jobs:
                self._begin(job)
        return POLL, True

    @property
    def _besides(self) -> Collection[int]:
        """The jobs that run here: they aren't begun again."""
        return [attempt.job.id for attempt in self._running]

    def _begin(self, job: Job, *, takes_place: bool = True) -> asyncio.Future[None]:
        """Begin an attempt at a job, and return what is done when the attempt has ended."""
        work = asyncio.create_task(self._attempt(job), name=f"{job.kind} {job.id}")
        attempt = _Attempt(job, takes_place, work, asyncio.get_running_loop().create_future())
        self._running.add(attempt)
        self._taken += takes_place
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_leases(), name="leases of jobs")
        work.add_done_callback(lambda _: self._end(attempt))
        return attempt.ended

    def _end(self, attempt: _Attempt) -> None:
        """Free the attempt's place at once, so that the next one is begun while the end of this one is written down."""
        self._taken -= attempt.takes_place
        if attempt.takes_place:
            self._wake.set()
        ending = asyncio.create_task(self._save_end(attempt))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _first(self, *waits: Awaitable[object]) -> None:
        """Return as soon as one of these does."""
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    # ---- one attempt -------------------------------------------------------------------------------------------------

    async def _attempt(self, job: Job) -> None:
        registered = self._kinds[job.kind]
        progress = dict(job.progress)

        async def save() -> None:
            if not await self._rows.note(job, self._holder, progress, self._lease_end()):
                raise TakenOver

        async def note(noted: Any) -> None:
            _overwrite(progress, noted)
            await save()

        try:
            await (_give_up(job) if job.deaths >= DEATHS else registered.handle(_decoded(registered.kind, job), note))
        except (Retry, TakenOver, StorageFailed):
            raise
        except (Exception, asyncio.CancelledError) as exc:
            if _is_cancelled(asyncio.current_task()):
                raise
            _log_failure(job, exc)
            # With one more death, announcing the failure is what killed the last attempt.
            if registered.on_failure is not None and job.deaths <= DEATHS:
                await save()
                try:
                    await registered.on_failure(_decoded(registered.kind, replace(job, progress=progress)), exc)
                except (Retry, StorageFailed):
                    raise
                except Exception:
                    log.exception("%s failed, and nobody could be notified", job.reference)
            raise

    async def _save_end(self, attempt: _Attempt) -> None:
        """Write down how an attempt ended."""
        job = attempt.job
        for tries_left in reversed(range(END_TRIES)):
            try:
                await self._write_end(job, attempt.work)
                break
            except Exception as exc:
                if isinstance(exc, StorageFailed) and tries_left and not self._stopping:
                    await self._clock.sleep(POLL.total_seconds())
                    continue
                if isinstance(exc, StorageFailed):
                    log.warning("the result of %s couldn't be saved (%s); it runs again later", job.reference, exc)
                else:
                    log.exception("the result of %s couldn't be saved; it runs again after its lease", job.reference)
                break
        self._running.remove(attempt)
        attempt.ended.set_result(None)
        if not self._running and not self._settled.is_set():
            self._wake.set()  # the loop says that it is idle

    async def _keep_leases(self) -> None:
        """Keep the leases of all attempts, until there are none."""
        while self._running:
            await self._clock.sleep(LEASE.total_seconds() / 3)
            working = [attempt for attempt in self._running if not attempt.work.done()]
            for first in range(0, len(working), RENEWED_AT_ONCE):
                await self._keep(working[first : first + RENEWED_AT_ONCE])

    async def _keep(self, attempts: Sequence[_Attempt]) -> None:
        """Extend the leases of these attempts, and cancel those at whose job another one has begun."""
        try:
            lost = await self._rows.renew([attempt.job for attempt in attempts], self._holder, self._lease_end())
        except StorageFailed as exc:
            log.warning("the leases of %d jobs couldn't be renewed (%s)", len(attempts), exc)
        except Exception:
            log.exception("the leases of %d jobs couldn't be renewed", len(attempts))
        else:
            for attempt in attempts:
                if attempt.job.id in lost:
                    attempt.work.cancel()

    async def _write_end(self, job: Job, work: asyncio.Task[None]) -> None:
        now = self._clock.now()
        exc = asyncio.CancelledError() if work.cancelled() else work.exception()
        match exc:
            case None if self._kinds[job.kind].kind.leaves_nothing:
                await self._rows.delete(job, self._holder)
            case None:
                await self._rows.finish(job, self._holder, now)
            case _ if _is_cancelled(work):
                await self._release(job, now)
            case Retry():
                await self._release(job, now + timedelta(seconds=exc.after))
            case StorageFailed():
                # The database failed, and not the job: what its attempt had begun, the next one finds out.
                log.warning("%s waits for the database (%s)", job.reference, exc)
                await self._release(job, now + REST)
            case TakenOver():
                log.warning("%s was taken over by another attempt", job.reference)
            case _:
                await self._rows.finish(job, self._holder, now, f"{type(exc).__name__} ({job.reference})")

    async def _release(self, job: Job, due: datetime) -> None:
        await self._rows.release(job, self._holder, due)
        self._wake.set()

    def _lease_end(self) -> datetime:
        return self._clock.now() + LEASE


def _overwrite(progress: dict[str, Any], noted: Any) -> None:
    """Replace the stored progress, except fields that only another version knows."""
    if noted == type(noted)():
        progress.clear()  # `erase` keeps a job that has noted something, since its effects may be there
    else:
        progress.update(encode(noted))


async def _give_up(job: Job) -> None:
    raise Deadly(job.deaths)


def _decoded(kind: JobKind[P, G], job: Job) -> Job[P, G]:
    """Return a job with the types of its kind. Raises ValueError for one that can't be read."""
    return replace(  # type: ignore[return-value]
        job,
        payload=decode(kind.payload, job.payload),  # type: ignore[arg-type]
        progress=decode(kind.progress, job.progress),  # type: ignore[arg-type]
    )


def _is_cancelled(work: asyncio.Task[None] | None) -> bool:
    """Return whether we cancelled it; a handler may also fail by awaiting what somebody else cancelled."""
    return work is not None and work.cancelling() > 0


def _log_failure(job: Job, exc: BaseException) -> None:
    if isinstance(exc, BotError):
        log.warning("%s ended in %s (reference %s)", job.kind, type(exc).__name__, job.reference)
    else:
        log.error("%s failed (reference %s)", job.kind, job.reference, exc_info=exc)
