"""A queue whose database doesn't answer for a while."""

from datetime import datetime
from pathlib import Path

from bot.errors import StorageFailed
from bot.model.job import Job
from bot.storage.queue import LEASE, POLL, Jobs
from bot.storage.sql.jobs import JobRows
from bot.storage.sqlite.connection import Connection
from tests.clock import ManualClock
from tests.conformance.jobs import SHARE, Order, Recorder


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
