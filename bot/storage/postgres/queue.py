"""The durable queue on PostgreSQL: Procrastinate wakes the bots and shares the jobs out among them.

https://procrastinate.readthedocs.io

A job is a row of ours, as on SQLite: it has a key that outlives the job, what its attempts noted, and the number of its
attempt, without which a bot that stood still could end the attempt of another. Procrastinate has none of these. It
delivers the job's id; when jobs are due, and when an attempt has died, this queue finds out by our own clock, and has
them delivered again.
"""

import asyncio
import contextlib
import logging
from collections.abc import Collection
from datetime import timedelta

import procrastinate
from procrastinate.worker import Worker

from bot.clock import Clock
from bot.errors import StorageFailed
from bot.model.job import G, Handler, JobKind, OnFailure, P
from bot.storage.columns import moment_text
from bot.storage.postgres.connection import OPTIONS, PostgresConnection
from bot.storage.postgres.deliveries import TASK, deliver_due, drop_orphans
from bot.storage.queue import CONCURRENCY, LEASE, POLL, Jobs
from bot.storage.sql.jobs import JobRows

log = logging.getLogger(__name__)

FAREWELL = 5.0
"""Seconds for a worker to say that it ends; the database may not answer."""
PATIENCE = 0.1
"""Seconds until `idle` looks again: nobody is told when another bot begins a job that is due."""
STALLED = 30.0
"""Seconds without a sign of life after which a worker counts as dead; one comes every ten seconds."""


class DeliveredJobs(Jobs):
    """`url` is the database's address, for Procrastinate's own connections."""

    def __init__(
        self,
        rows: JobRows,
        connection: PostgresConnection,
        url: str,
        clock: Clock,
        holder: str,
        *,
        concurrency: int = CONCURRENCY,
        only: Collection[int] | None = None,
    ) -> None:
        super().__init__(rows, clock, holder, concurrency=concurrency, only=only)
        self._connection = connection
        self._url = url
        self._own_queue = None if only is None else holder
        self._working: asyncio.Task[None] | None = None
        self._worker: Worker | None = None
        self._is_ending = False
        self._places = asyncio.Semaphore(concurrency)
        """For attempts at delivered jobs: those that one worker began and those of the next."""
        self._taking: set[asyncio.Task[None]] = set()
        """For each delivered job here: the task that begins an attempt at it and waits for its end."""
        self._has_new_kind = asyncio.Event()

    def register(self, kind: JobKind[P, G], handle: Handler[P, G], on_failure: OnFailure[P, G] | None = None) -> None:
        super().register(kind, handle, on_failure)
        self._has_new_kind.set()

    async def start(self) -> None:
        await super().start()
        self._working = asyncio.create_task(self._keep_working(), name="procrastinate")

    async def idle(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await super().idle()
                    return

    async def stop(self, patience: float = 0.0) -> None:
        self._stopping = True
        if self._working is not None:
            self._working.cancel()  # it begins no more
        await super().stop(patience)
        if self._working is not None:
            await asyncio.gather(self._working, *self._taking, return_exceptions=True)

    async def _begin_due(self) -> tuple[timedelta, bool]:
        """Have the due jobs delivered that aren't yet: those that wait for a time, and those whose attempts died."""
        due = await self._rows.next_due(self._kinds, self._besides, self._only)
        now = self._clock.now()
        if due is None or due > now:
            # An attempt that is being begun may be claimed in the database and not be among the running ones yet.
            return min(POLL, due - now) if due else POLL, not self._taking
        await self._connection.write(
            lambda tx: deliver_due(
                tx, moment_text(now), self._kinds, besides=self._besides, only=self._only, queue=self._own_queue
            )
        )
        return POLL, False

    async def _keep_working(self) -> None:
        """Have a worker listen for deliveries, and another one if it ends, as it does if the database is restarted."""
        while not self._stopping:
            self._has_new_kind.clear()
            self._is_ending = False
            work = asyncio.create_task(self._work())
            new_kind = asyncio.create_task(self._has_new_kind.wait())
            try:
                await asyncio.wait({work, new_kind}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                new_kind.cancel()
                await self._end_work(work)
            failed = None if work.cancelled() else work.exception()
            if isinstance(failed, Exception):
                self._log_blocked(failed)
                await self._clock.sleep(POLL.total_seconds())

    async def _work(self) -> None:
        options = {"application_name": "kickscale-bot jobs", **OPTIONS}
        connector = procrastinate.PsycopgConnector(conninfo=self._url, min_size=1, max_size=3, kwargs=options)
        app = procrastinate.App(connector=connector)
        app.task(name=TASK)(self._look)
        try:
            await app.open_async()
            await app.job_manager.prune_stalled_workers(STALLED)
            await self._connection.write(drop_orphans)
            if self._is_ending:  # Python 3.11 may lose a cancellation while it waits for a connection
                return
            self._worker = Worker(
                app,
                queues=[self._own_queue] if self._own_queue else list(self._kinds),
                name=self._holder,
                concurrency=self._concurrency,
                delete_jobs="always",
                install_signal_handlers=False,
                fetch_job_polling_interval=POLL.total_seconds(),  # for what was delivered before it began to listen
                shutdown_graceful_timeout=0,  # the attempts continue without their worker, and the next needn't wait
                stalled_worker_timeout=STALLED,
            )
            await self._worker.run()  # type: ignore[no-untyped-call]
        finally:
            # After a cancelled opening too: a task of the pool that is connecting ignores its own cancellation, and the
            # event loop would wait for it for ever.
            await app.close_async()
            self._worker = None

    async def _end_work(self, work: asyncio.Task[None]) -> None:
        """Have the worker begin nothing more, and return when it has ended. The attempts that it began continue."""
        self._is_ending = True
        if self._worker is None:
            work.cancel()
        else:
            self._worker.stop()  # type: ignore[no-untyped-call]
            await asyncio.wait({work}, timeout=FAREWELL)
            work.cancel()
        await asyncio.wait({work})

    async def _look(self, id: int) -> None:  # noqa: A002 Procrastinate passes it by its name in the delivery
        """Do this job, if it is due and nobody else has it."""
        taking = asyncio.create_task(self._take(id))
        self._taking.add(taking)
        taking.add_done_callback(self._let_go)
        await asyncio.shield(taking)  # the worker may end, and what it has begun continues

    def _let_go(self, taking: asyncio.Task[None]) -> None:
        self._taking.discard(taking)
        self._wake.set()

    async def _take(self, id_: int) -> None:
        async with self._places:
            await self._attempt_delivered(id_)

    async def _attempt_delivered(self, id_: int) -> None:
        """Begin an attempt at this job, if it is due and nobody else has it, and return when the attempt has ended."""
        now = self._clock.now()
        try:
            if self._stopping or (self._only is not None and id_ not in self._only):
                return
            jobs = await self._rows.claim(self._kinds, self._besides, self._holder, now, now + LEASE, [id_])
            if self._stopping:  # since it was asked for: nobody would wait for the attempt
                for job in jobs:
                    await self._rows.release(job, self._holder, now)
                return
        except StorageFailed as exc:
            self._log_blocked(exc)
            return
        finally:
            self._wake.set()
        for job in jobs:
            await self._begin(job)
