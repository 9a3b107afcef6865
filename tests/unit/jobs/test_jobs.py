"""Jobs: on disk before they are promised, one bot's at a time, and told when they fail."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import NotInChannel
from bot.model.job import Deadly, Job, Note, Retry, TakenOver
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import CONCURRENCY, DEATHS, LEASE, POLL, Jobs
from tests.clock import MONDAY_MORNING, ManualClock


class Recorder:
    """A handler that writes down what it was given, and does what it is told to."""

    def __init__(self) -> None:
        self.begun: list[Job] = []
        self.told: list[tuple[str, BaseException]] = []
        self.raises: list[BaseException] = []
        self.notes: list[Mapping[str, Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.most = 0
        self._now = 0
        self._news = asyncio.Event()

    async def handle(self, job: Job, note: Note) -> None:
        self.begun.append(job)
        self._news.set()
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await self.gate.wait()
            for each in self.notes:
                await note(each)
            if self.raises:
                raise self.raises.pop(0)
        finally:
            self._now -= 1

    async def tell(self, job: Job, exc: BaseException) -> None:
        self.told.append((job.key, exc))

    async def until_begun(self, count: int = 1) -> None:
        while len(self.begun) < count:
            self._news.clear()
            await self._news.wait()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def work() -> Recorder:
    return Recorder()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


@asynccontextmanager
async def bot(
    database: Database, clock: ManualClock, work: Recorder, name: str = "a", **options: Any
) -> AsyncIterator[Jobs]:
    jobs = Jobs(database, clock, name, **options)
    jobs.register("share", work.handle, work.tell)
    await jobs.start()
    try:
        yield jobs
    finally:
        await jobs.stop()


@pytest.fixture
async def jobs(database: Database, clock: ManualClock, work: Recorder) -> AsyncIterator[Jobs]:
    async with bot(database, clock, work) as jobs:
        yield jobs


async def test_what_is_promised_is_done_at_once(jobs: Jobs, work: Recorder) -> None:
    """No time has to pass: the promise itself begins the work."""
    job, is_new = await jobs.add("share", "k", {"channel": "C1"})
    await jobs.idle()
    assert is_new
    assert [(each.id, each.key, each.payload, each.attempts) for each in work.begun] == [
        (job.id, "k", {"channel": "C1"}, 1)
    ]


async def test_the_same_promise_is_kept_once(jobs: Jobs, work: Recorder) -> None:
    """A key that is known is not promised again: not while it waits, not while it runs, not when it is done."""
    work.gate.clear()
    first, _ = await jobs.add("share", "k", {"n": 1})
    await work.until_begun()
    assert (await jobs.add("share", "k", {"n": 2}))[1] is False
    work.gate.set()
    await jobs.idle()
    again, is_new = await jobs.add("share", "k", {"n": 3})
    await jobs.idle()
    assert (again.id, again.payload, is_new) == (first.id, {"n": 1}, False)
    assert len(work.begun) == 1


async def test_a_promise_is_kept_by_the_next_start(database: Database, clock: ManualClock, work: Recorder) -> None:
    """What was added while nothing did the jobs, by the command line for instance, is done by whoever starts."""
    await Jobs(database, clock, "command line").add("share", "k", {})
    async with bot(database, clock, work) as jobs:
        await jobs.idle()
    assert len(work.begun) == 1


async def test_what_another_process_promised_is_seen_within_the_poll(
    database: Database, clock: ManualClock, work: Recorder
) -> None:
    """A bot that nobody wakes looks for itself."""
    async with bot(database, clock, work) as jobs:
        await jobs.idle()
        await Jobs(database, clock, "command line").add("share", "k", {})
        await clock.advance(POLL.total_seconds())
        await work.until_begun()


async def test_a_job_is_tried_again_when_it_asks_for_it(jobs: Jobs, clock: ManualClock, work: Recorder) -> None:
    """Not before its time, on the clock that is injected; with what it had noted; idle meanwhile; told to nobody."""
    work.notes = [{"file": "F1"}, {"sent": True}]
    work.raises = [Retry(after=60), Retry(after=3600)]
    await jobs.add("share", "k", {})
    await jobs.idle()
    await clock.advance(59)
    await jobs.idle()
    assert len(work.begun) == 1
    await clock.advance(1)
    await jobs.idle()
    assert [(each.attempts, each.progress) for each in work.begun] == [(1, {}), (2, {"file": "F1", "sent": True})]
    await clock.advance(3600)
    await jobs.idle()
    await clock.advance(7200)
    await jobs.idle()
    assert len(work.begun) == 3
    assert work.told == []


async def test_a_failure_is_told_and_logged_under_its_reference(
    jobs: Jobs, work: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever was promised it hears what went wrong; the log has the exception under a reference; it ends there."""
    work.raises = [failure := ZeroDivisionError("secret")]
    job, _ = await jobs.add("share", "k", {})
    await jobs.idle()
    assert work.told == [("k", failure)]
    assert len(work.begun) == 1
    (record,) = (each for each in caplog.records if each.levelno == logging.ERROR)
    assert job.reference in record.getMessage()
    assert record.exc_info is not None


async def test_a_failure_of_a_known_kind_is_no_error_in_the_log(
    jobs: Jobs, work: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    """That the bot is not in a channel is news for a person, not for whoever runs the bot."""
    work.raises = [NotInChannel("not_in_channel")]
    await jobs.add("share", "k", {})
    await jobs.idle()
    assert [each.levelno for each in caplog.records] == [logging.WARNING]


async def test_what_failed_can_be_promised_anew(jobs: Jobs, work: Recorder) -> None:
    """Once the bot was invited the same button works: for whoever presses it now, knowing what was noted before."""
    work.raises = [NotInChannel("not_in_channel")]
    work.notes = [{"posting": True}]
    first, _ = await jobs.add("share", "k", {"user": "U1"})
    await jobs.idle()
    second, is_new = await jobs.add("share", "k", {"user": "U2"})
    await jobs.idle()
    assert (second.id, is_new, second.created_at) == (first.id, True, first.created_at)
    assert [(each.payload["user"], each.attempts, each.progress) for each in work.begun] == [
        ("U1", 1, {}),
        ("U2", 1, {"posting": True}),
    ]


async def test_a_handler_that_is_cancelled_from_inside_has_failed(jobs: Jobs, work: Recorder) -> None:
    """Awaiting what somebody else cancelled is a failure like any other, not a stop of the bot."""
    work.raises = [asyncio.CancelledError()]
    await jobs.add("share", "k", {})
    await jobs.idle()
    assert [key for key, _ in work.told] == ["k"]


async def test_a_failure_that_cannot_be_told_is_one_all_the_same(
    database: Database, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """When telling fails too the job is closed, and the log has both."""

    async def fail(*_: Any) -> None:
        raise ZeroDivisionError

    jobs = Jobs(database, clock, "a")
    jobs.register("share", fail, fail)
    await jobs.start()
    await jobs.add("share", "k", {})
    await jobs.idle()
    await jobs.stop()
    assert [each.levelno for each in caplog.records] == [logging.ERROR] * 2
    assert await database.jobs.next_due(["share"], []) is None


async def test_jobs_run_side_by_side_up_to_a_number(jobs: Jobs, work: Recorder) -> None:
    """A slow job holds up no other, and a hundred do not run at once."""
    work.gate.clear()
    for number in range(CONCURRENCY + 5):
        await jobs.add("share", str(number), {})
    await work.until_begun(CONCURRENCY)
    work.gate.set()
    await jobs.idle()
    assert len(work.begun) == CONCURRENCY + 5
    assert work.most == CONCURRENCY


async def test_what_is_due_first_comes_first(database: Database, clock: ManualClock, work: Recorder) -> None:
    """One after another, jobs are done in the order of their promises."""
    for number in range(5):
        await Jobs(database, clock, "command line").add("share", str(number), {})
    async with bot(database, clock, work, concurrency=1) as jobs:
        await jobs.idle()
    assert [each.key for each in work.begun] == list("01234")


async def test_a_job_of_an_unknown_kind_is_left_to_a_newer_bot(
    database: Database, clock: ManualClock, work: Recorder
) -> None:
    """While a deployment rolls, the version before does not touch what it has no handler for."""
    async with bot(database, clock, work) as jobs:
        await jobs.add("teleport", "k", {})
        await jobs.idle()
        jobs.register("teleport", work.handle)
        await jobs.idle()
    assert [each.kind for each in work.begun] == ["teleport"]


# ---- several bots --------------------------------------------------------------------------------------------------


async def test_a_running_job_is_nobody_elses_however_long_it_takes(
    tmp_path: Path, database: Database, clock: ManualClock, work: Recorder
) -> None:
    """The bot that does it renews its lease; another on the same database does not begin it."""
    other_work, other_database = Recorder(), await Database.open(tmp_path / "bot.db")
    work.gate.clear()
    async with bot(database, clock, work) as jobs, bot(other_database, clock, other_work, "b") as other:
        await other.idle()
        await jobs.add("share", "k", {})
        await work.until_begun()
        for _ in range(10):
            await clock.advance(LEASE.total_seconds() / 3)
            await database.ping()
            await other.idle()
        assert (len(work.begun), other_work.begun) == (1, [])
        work.gate.set()
        await jobs.idle()
    await other_database.close()
    assert (len(work.begun), other_work.begun) == (1, [])


async def test_the_job_of_a_bot_that_died_is_begun_anew_when_its_lease_ends(
    database: Database, clock: ManualClock, work: Recorder
) -> None:
    """With what it had noted, as one more attempt, and not before."""
    await database.jobs.add("share", "k", {}, clock.now())
    dead = await database.jobs.claim(["share"], [], "dead", clock.now(), clock.now() + LEASE)
    assert dead is not None
    await database.jobs.note(dead, "dead", {"posting": True}, clock.now() + LEASE)
    async with bot(database, clock, work) as jobs:
        await clock.advance(LEASE.total_seconds() - 1)
        await jobs.idle()
        assert work.begun == []
        await clock.advance(1)
        await jobs.idle()
    assert [(each.attempts, each.progress) for each in work.begun] == [(2, {"posting": True})]


@pytest.mark.parametrize("fails", [False, True])
async def test_a_bot_that_stood_still_does_not_act_on_what_another_has_taken(
    tmp_path: Path, database: Database, work: Recorder, caplog: pytest.LogCaptureFixture, fails: bool
) -> None:
    """After its lease the first one's note is refused, so that it does not do or tell what the second one does."""
    acted: list[str] = []
    standing, going = ManualClock(), ManualClock(MONDAY_MORNING + LEASE)
    begun, stood_still = asyncio.Event(), asyncio.Event()
    jobs = Jobs(database, standing, "still")

    async def handle(_job: Job, note: Note) -> None:
        begun.set()
        await stood_still.wait()
        if fails:
            raise NotInChannel("not_in_channel")
        await note({"posting": True})
        acted.append("still")

    jobs.register("share", handle, work.tell)
    await jobs.start()
    await jobs.add("share", "k", {})
    await begun.wait()
    other_work, other_database = Recorder(), await Database.open(tmp_path / "bot.db")
    async with bot(other_database, going, other_work, "b") as other:
        await other.idle()
    stood_still.set()
    await jobs.idle()
    await jobs.stop()
    await other_database.close()
    assert [each.attempts for each in other_work.begun] == [2]
    assert (acted, work.told) == ([], [])
    assert "taken over" in caplog.text


async def test_a_bot_that_lost_its_lease_stops_at_the_next_renewal(
    database: Database, clock: ManualClock, work: Recorder
) -> None:
    """A handler that notes nothing is ended when the lease turns out to be another's."""
    work.gate.clear()
    async with bot(database, clock, work) as jobs:
        await jobs.add("share", "k", {})
        await work.until_begun()
        later = clock.now() + LEASE
        taken = await database.jobs.claim(["share"], [], "b", later, later + LEASE)
        await clock.advance(LEASE.total_seconds() / 3)
        await jobs.idle()
        assert taken is not None
        assert await database.jobs.finish(taken, "b", clock.now())
    assert len(work.begun) == 1


async def test_a_bot_does_not_begin_twice_what_it_runs_itself(
    database: Database, clock: ManualClock, work: Recorder
) -> None:
    """After a laptop's sleep the bot's own lease has ended, and the job still runs."""
    work.gate.clear()
    async with bot(database, clock, work) as jobs:
        await jobs.add("share", "k", {})
        await work.until_begun()
        await clock.advance(2 * LEASE.total_seconds())
        await jobs.add("share", "another", {})
        await work.until_begun(2)
        work.gate.set()
        await jobs.idle()
    assert [each.key for each in work.begun] == ["k", "another"]


async def die(database: Database, clock: ManualClock, times: int) -> None:
    """So many bots begin what is due and are killed in it."""
    for _ in range(times):
        assert await database.jobs.claim(["share"], [], "killed", clock.now(), clock.now() + LEASE) is not None
        await clock.advance(LEASE.total_seconds())


async def test_a_job_that_kills_its_bots_is_given_up_and_told(
    database: Database, clock: ManualClock, work: Recorder
) -> None:
    """After some deaths it is not begun again: it would take all else that the bot does with it, for ever."""
    await database.jobs.add("share", "k", {}, clock.now())
    await die(database, clock, DEATHS)
    async with bot(database, clock, work) as jobs:
        await jobs.idle()
    assert work.begun == []
    assert [(key, type(exc)) for key, exc in work.told] == [("k", Deadly)]
    assert await database.jobs.next_due(["share"], []) is None


async def test_a_job_is_done_though_some_bots_died_in_it(
    database: Database, clock: ManualClock, work: Recorder
) -> None:
    """A few kills are what deployments do; attempts that ended in order are no deaths, however many."""
    await database.jobs.add("share", "k", {}, clock.now())
    for _ in range(2 * DEATHS):
        job = await database.jobs.claim(["share"], [], "a", clock.now(), clock.now() + LEASE)
        assert job is not None
        assert await database.jobs.release(job, "a", clock.now())
    await die(database, clock, DEATHS - 1)
    async with bot(database, clock, work) as jobs:
        await jobs.idle()
    assert len(work.begun) == 1
    assert work.told == []


async def test_where_the_telling_kills_too_the_job_is_closed(
    database: Database, clock: ManualClock, work: Recorder
) -> None:
    """Untold, but in the log. Promised again by a person, it has all its attempts again."""
    await database.jobs.add("share", "k", {}, clock.now())
    await die(database, clock, DEATHS + 1)
    async with bot(database, clock, work) as jobs:
        await jobs.idle()
        assert (work.begun, work.told) == ([], [])
        assert (await jobs.add("share", "k", {}))[1]
        await jobs.idle()
    assert len(work.begun) == 1


async def test_whoever_cannot_be_reached_is_told_later(jobs: Jobs, clock: ManualClock) -> None:
    """A failure that nobody could be told is tried again when its teller asks for it."""
    told: list[int] = []

    async def fail(_job: Job, _note: Note) -> None:
        raise NotInChannel("not_in_channel")

    async def tell(job: Job, _exc: BaseException) -> None:
        if job.attempts == 1:
            raise Retry(after=60)
        told.append(job.attempts)

    jobs.register("unheard", fail, tell)
    await jobs.add("unheard", "k", {})
    await jobs.idle()
    assert told == []
    await clock.advance(60)
    await jobs.idle()
    assert told == [2]


# ---- stopping ------------------------------------------------------------------------------------------------------


async def test_a_stopped_bot_gives_its_jobs_back_at_once(
    tmp_path: Path, database: Database, clock: ManualClock, work: Recorder
) -> None:
    """During a deployment the next bot need not wait for the lease of the one before."""
    work.gate.clear()
    async with bot(database, clock, work) as jobs:
        await jobs.add("share", "k", {})
        await work.until_begun()
    other_work, other_database = Recorder(), await Database.open(tmp_path / "bot.db")
    async with bot(other_database, clock, other_work, "b") as other:
        await other.idle()
    await other_database.close()
    assert [each.attempts for each in other_work.begun] == [2]
    assert work.told == []


async def test_a_stopping_bot_lets_what_runs_come_to_its_end(
    database: Database, clock: ManualClock, work: Recorder
) -> None:
    """Within its patience; what waits behind is not begun any more."""
    work.gate.clear()
    jobs = Jobs(database, clock, "a", concurrency=1)
    jobs.register("share", work.handle)
    await jobs.start()
    await jobs.add("share", "1", {})
    await jobs.add("share", "2", {})
    await work.until_begun()
    stopping = asyncio.create_task(jobs.stop(patience=10))
    await clock.advance(9)
    assert not stopping.done()
    work.gate.set()
    await stopping
    assert [each.key for each in work.begun] == ["1"]
    left = await database.jobs.claim(["share"], [], "b", clock.now(), clock.now())
    assert left is not None
    assert (left.key, left.attempts) == ("2", 1)


async def test_patience_ends(database: Database, clock: ManualClock, work: Recorder) -> None:
    """A job that takes longer than the patience is left to the next start."""
    work.gate.clear()
    async with bot(database, clock, work) as jobs:
        await jobs.add("share", "k", {})
        await work.until_begun()
        stopping = asyncio.create_task(jobs.stop(patience=10))
        await clock.advance(10)
        await stopping
    assert await database.jobs.next_due(["share"], []) == clock.now()


async def test_nobody_waits_for_jobs_that_nobody_does(database: Database, clock: ManualClock) -> None:
    """Waiting for idleness before the start or after the stop is a mistake, told at once."""
    jobs = Jobs(database, clock, "a")
    with pytest.raises(RuntimeError):
        await jobs.idle()
    await jobs.start()
    await jobs.stop()
    with pytest.raises(RuntimeError):
        await jobs.idle()


# ---- forgetting ----------------------------------------------------------------------------------------------------


async def test_old_jobs_are_forgotten_and_open_ones_never(jobs: Jobs, database: Database, clock: ManualClock) -> None:
    """What ended before a moment goes; what has not ended stays, however old."""
    await jobs.add("share", "done", {})
    await jobs.add("teleport", "open", {})
    await jobs.idle()
    await clock.advance(60)
    assert await database.jobs.prune(clock.now() - timedelta(seconds=60)) == 0
    assert await database.jobs.prune(clock.now()) == 1
    assert (await jobs.add("teleport", "open", {}))[1] is False


async def test_a_note_after_the_end_goes_nowhere(jobs: Jobs) -> None:
    """A note that outlives its attempt is refused."""
    kept: list[Note] = []

    async def handle(_job: Job, note: Note) -> None:
        kept.append(note)

    jobs.register("leak", handle)
    await jobs.add("leak", "k", {})
    await jobs.idle()
    with pytest.raises(TakenOver):
        await kept[0]({"posting": True})
