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


class Late(JobRows):
    """Rows whose database answers late that one is gone."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.is_done = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def delete(self, job: Job, holder: str) -> bool:
        is_gone = await super().delete(job, holder)
        self.is_done.set()
        await self.may_answer.wait()
        return is_gone


async def test_a_job_with_the_id_of_one_that_is_gone_is_another_one(tmp_path: Path) -> None:
    """SQLite uses an id again, perhaps before the queue hears that it is free."""
    clock, recorder = ManualClock(), Recorder()
    connection = await Connection.open(tmp_path / "bot.db")
    rows = Late(connection)
    queue = Jobs(rows, clock, "a")
    queue.register(BRIEF, recorder.handle)
    await queue.start()
    await queue.begin(BRIEF, "gone", Order())
    await rows.is_done.wait()
    recorder.gate.clear()
    await queue.begin(BRIEF, "other", Order())
    await recorder.until_begun(2)
    assert recorder.begun[0].id == recorder.begun[1].id
    rows.may_answer.set()
    idling = asyncio.ensure_future(queue.idle())
    for _ in range(3):
        await clock.advance(POLL.total_seconds())
        assert await queue.count_unfinished() == {"brief": 1}
    assert not idling.done()
    recorder.gate.set()
    await idling
    assert await queue.count_unfinished() == {}
    await queue.stop()
    await connection.close()


async def test_the_next_job_begins_while_the_end_of_one_is_written_down(tmp_path: Path) -> None:
    """Its place is free once its handler is done, even if the database takes long then."""
    clock, recorder = ManualClock(), Recorder()
    connection = await Connection.open(tmp_path / "bot.db")
    queue = Jobs(Restarting(connection), clock, "a", concurrency=1)
    queue.register(SHARE, recorder.handle, recorder.on_failure)
    await queue.start()
    await queue.promise_all(SHARE, {"1": Order(), "2": Order()})
    await recorder.until_begun(2)
    assert recorder.most == 1
    for _ in range(3):
        await clock.advance(POLL.total_seconds())
    await queue.idle()
    assert await queue.count_unfinished() == {}
    await queue.stop()
    await connection.close()
