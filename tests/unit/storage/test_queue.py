"""A queue whose database doesn't answer for a while."""

import asyncio
from datetime import datetime
from pathlib import Path

from bot.errors import StorageFailed
from bot.model.job import Job
from bot.storage.queue import LEASE, POLL, Jobs
from bot.storage.sql.jobs import JobRows
from bot.storage.sqlite.connection import Connection
from tests.clock import ManualClock
from tests.conformance.jobs import BRIEF, SHARE, Order, Recorder


class Late(JobRows):
    """Rows whose deletions are only heard of when told."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.deleted, self.told = asyncio.Event(), asyncio.Event()

    async def delete(self, job: Job, holder: str) -> bool:
        is_deleted = await super().delete(job, holder)
        self.deleted.set()
        await self.told.wait()
        return is_deleted


async def test_a_job_with_the_id_of_one_that_has_just_ended_is_waited_for(tmp_path: Path) -> None:
    """SQLite gives the id of a deleted row to the next, and whose reply comes first isn't certain."""
    clock, recorder = ManualClock(), Recorder()
    connection = await Connection.open(tmp_path / "bot.db")
    rows = Late(connection)
    queue = Jobs(rows, clock, "a")
    queue.register(BRIEF, recorder.handle, recorder.on_failure)
    await queue.start()
    await queue.begin(BRIEF, "first", Order())
    await rows.deleted.wait()
    recorder.gate.clear()
    await queue.begin(BRIEF, "second", Order())
    await recorder.until_begun(2)
    first, second = recorder.begun
    assert first.id == second.id
    rows.told.set()
    idle = asyncio.ensure_future(queue.idle())
    await clock.advance(LEASE.total_seconds())
    await asyncio.sleep(0)
    assert not idle.done()
    recorder.gate.set()
    await idle
    assert await queue.count_unfinished() == {}
    await queue.stop()
    await connection.close()


class Restarting(JobRows):
    """Rows whose database doesn't answer at first when an attempt has ended."""

    failures = 2

    async def finish(self, job: Job, holder: str, now: datetime, error: str = "") -> bool:
        if self.failures:
            self.failures -= 1
            raise StorageFailed("unreachable", "x")
        return await super().finish(job, holder, now, error)


async def test_a_job_that_is_done_stays_done_if_the_database_is_restarted_then(
    tmp_path: Path,
) -> None:
    """Its end is written down a little later, and no other attempt begins."""
    clock, recorder = ManualClock(), Recorder()
    connection = await Connection.open(tmp_path / "bot.db")
    queue = Jobs(Restarting(connection), clock, "a")
    queue.register(SHARE, recorder.handle, recorder.on_failure)
    await queue.start()
    await queue.promise(SHARE, "k", Order())
    await recorder.until_begun()
    for _ in range(3):
        await clock.advance(POLL.total_seconds())
    await queue.idle()
    await clock.advance(2 * LEASE.total_seconds())
    await queue.idle()
    assert await queue.count_unfinished() == {}
    assert len(recorder.begun) == 1
    await queue.stop()
    await connection.close()
