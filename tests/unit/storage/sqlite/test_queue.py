"""How the SQLite queue works: polling, leases, and jobs whose attempts died."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot.errors import NotInChannel, StorageFailed
from bot.model.job import Deadly, Job, Note
from bot.storage.queue import DEATHS, LEASE, POLL, Jobs
from bot.storage.sql.jobs import JobRows
from bot.storage.sqlite import Database
from bot.storage.sqlite.connection import Connection
from tests.clock import MONDAY_MORNING, ManualClock
from tests.conformance.jobs import SHARE, Order, Recorder, Steps


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@asynccontextmanager
async def running(database: Database, clock: ManualClock, recorder: Recorder, holder: str = "a") -> AsyncIterator[Jobs]:
    queue = database.make_queue(clock, holder)
    queue.register(SHARE, recorder.handle, recorder.on_failure)
    await queue.start()
    try:
        yield queue
    finally:
        await queue.stop()


async def test_what_another_process_promised_is_seen_within_the_poll(
    database: Database, clock: ManualClock, recorder: Recorder
) -> None:
    """A queue looks by itself for what it can't be woken for."""
    async with running(database, clock, recorder) as queue:
        await queue.idle()
        await database.make_queue(clock, "command line").promise(SHARE, "k", Order())
        await clock.advance(POLL.total_seconds())
        await recorder.until_begun()


async def test_a_running_job_belongs_to_its_bot_however_long_it_takes(
    tmp_path: Path, database: Database, clock: ManualClock, recorder: Recorder
) -> None:
    """Its lease is renewed, so that another bot on the same database does not begin it."""
    other_recorder, other_database = Recorder(), await Database.open(tmp_path / "bot.db")
    recorder.gate.clear()
    async with (
        running(database, clock, recorder) as queue,
        running(other_database, clock, other_recorder, "b") as other,
    ):
        await other.idle()
        await queue.promise(SHARE, "k", Order())
        await recorder.until_begun()
        for _ in range(10):
            await clock.advance(LEASE.total_seconds() / 3)
            await database.check()
            await other.idle()
        assert (len(recorder.begun), other_recorder.begun) == (1, [])
        recorder.gate.set()
        await queue.idle()
    await other_database.close()
    assert (len(recorder.begun), other_recorder.begun) == (1, [])


async def test_the_job_of_a_dead_bot_is_begun_again_when_its_lease_ends(
    database: Database, clock: ManualClock, recorder: Recorder
) -> None:
    """With what it had noted, as one more attempt, and not before."""
    await database.jobs.add("share", {"k": {}}, clock.now())
    (dead,) = await database.jobs.claim(["share"], [], "dead", clock.now(), clock.now() + LEASE)
    await database.jobs.note(dead, "dead", {"posting": True}, clock.now() + LEASE)
    async with running(database, clock, recorder) as queue:
        await clock.advance(LEASE.total_seconds() - 1)
        await queue.idle()
        assert recorder.begun == []
        await clock.advance(1)
        await queue.idle()
    assert [(job.attempts, job.progress) for job in recorder.begun] == [(2, Steps(posting=True))]


@pytest.mark.parametrize("fails", [False, True])
async def test_a_bot_that_stood_still_does_not_act_on_a_job_that_another_one_has(
    tmp_path: Path, database: Database, recorder: Recorder, caplog: pytest.LogCaptureFixture, fails: bool
) -> None:
    """Once its lease has ended its note is refused, so that it doesn't repeat what the second bot does or announces."""
    acted: list[str] = []
    standing, moving = ManualClock(), ManualClock(MONDAY_MORNING + LEASE)
    begun, stood_still = asyncio.Event(), asyncio.Event()
    queue = database.make_queue(standing, "still")

    async def handle(_job: Job[Order, Steps], note: Note[Steps]) -> None:
        begun.set()
        await stood_still.wait()
        if fails:
            raise NotInChannel("not_in_channel")
        await note(Steps(posting=True))
        acted.append("still")

    queue.register(SHARE, handle, recorder.on_failure)
    await queue.start()
    await queue.promise(SHARE, "k", Order())
    await begun.wait()
    other_recorder, other_database = Recorder(), await Database.open(tmp_path / "bot.db")
    async with running(other_database, moving, other_recorder, "b") as other:
        await other.idle()
    stood_still.set()
    await queue.idle()
    await queue.stop()
    await other_database.close()
    assert [job.attempts for job in other_recorder.begun] == [2]
    assert (acted, recorder.failures) == ([], [])
    assert "taken over" in caplog.text


async def test_a_bot_that_lost_its_lease_stops_at_the_next_renewal(
    database: Database, clock: ManualClock, recorder: Recorder
) -> None:
    """A handler that notes nothing is cancelled when the lease turns out to be another's."""
    recorder.gate.clear()
    async with running(database, clock, recorder) as queue:
        await queue.promise(SHARE, "k", Order())
        await recorder.until_begun()
        later = clock.now() + LEASE
        (taken,) = await database.jobs.claim(["share"], [], "b", later, later + LEASE)
        await clock.advance(LEASE.total_seconds() / 3)
        await queue.idle()
        assert await database.jobs.finish(taken, "b", clock.now())
    assert len(recorder.begun) == 1


async def test_a_bot_does_not_begin_twice_what_it_runs_itself(
    database: Database, clock: ManualClock, recorder: Recorder
) -> None:
    """After a laptop has slept, the bot's own lease has ended, and the job still runs."""
    recorder.gate.clear()
    async with running(database, clock, recorder) as queue:
        await queue.promise(SHARE, "k", Order())
        await recorder.until_begun()
        await clock.advance(2 * LEASE.total_seconds())
        await queue.promise(SHARE, "another", Order())
        await recorder.until_begun(2)
        recorder.gate.set()
        await queue.idle()
    assert [job.key for job in recorder.begun] == ["k", "another"]


async def die(database: Database, clock: ManualClock, times: int) -> None:
    """Have this many bots begin what is due, and be killed in it."""
    for _ in range(times):
        assert await database.jobs.claim(["share"], [], "killed", clock.now(), clock.now() + LEASE)
        await clock.advance(LEASE.total_seconds())


async def test_a_job_that_kills_its_bots_is_given_up_and_announced(
    database: Database, clock: ManualClock, recorder: Recorder
) -> None:
    """After some deaths it is not begun again: it would forever take everything else that the bot does with it."""
    await database.jobs.add("share", {"k": {}}, clock.now())
    await die(database, clock, DEATHS)
    async with running(database, clock, recorder) as queue:
        await queue.idle()
    assert recorder.begun == []
    assert [(key, type(exc)) for key, exc in recorder.failures] == [("k", Deadly)]
    assert await database.jobs.next_due(["share"], []) is None


async def test_a_job_is_done_though_some_bots_died_in_it(
    database: Database, clock: ManualClock, recorder: Recorder
) -> None:
    """Deployments kill now and then; attempts that ended in order are no deaths, however many there are."""
    await database.jobs.add("share", {"k": {}}, clock.now())
    for _ in range(2 * DEATHS):
        (job,) = await database.jobs.claim(["share"], [], "a", clock.now(), clock.now() + LEASE)
        assert await database.jobs.release(job, "a", clock.now())
    await die(database, clock, DEATHS - 1)
    async with running(database, clock, recorder) as queue:
        await queue.idle()
    assert len(recorder.begun) == 1
    assert recorder.failures == []


async def test_if_announcing_a_failure_kills_too_the_job_is_closed(
    database: Database, clock: ManualClock, recorder: Recorder
) -> None:
    """Only the log has it. If a person asks for it again, it has all its attempts again."""
    await database.jobs.add("share", {"k": {}}, clock.now())
    await die(database, clock, DEATHS + 1)
    async with running(database, clock, recorder) as queue:
        await queue.idle()
        assert (recorder.begun, recorder.failures) == ([], [])
        assert await queue.promise(SHARE, "k", Order())
        await queue.idle()
    assert len(recorder.begun) == 1


class Restarting(JobRows):
    """Rows whose database doesn't answer at first when an attempt has ended."""

    failures = 2

    async def finish(self, job: Job, holder: str, now: datetime, error: str = "") -> bool:
        if self.failures:
            self.failures -= 1
            raise StorageFailed("unreachable", "x")
        return await super().finish(job, holder, now, error)


async def test_a_job_that_is_done_stays_done_if_the_database_is_restarted_then(
    tmp_path: Path, clock: ManualClock, recorder: Recorder
) -> None:
    """Its end is written down a little later, and no other attempt begins."""
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
