"""Jobs as rows: who has one, and who may write about it."""

from datetime import timedelta

import pytest

from bot.model.job import Job
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW

LEASE = timedelta(seconds=30)


@pytest.fixture
async def job(database: Database) -> Job:
    await database.jobs.add("share", {"k": {"n": 1}}, NOW)
    (job,) = await database.jobs.claim(["share"], [], "a", NOW, NOW + LEASE)
    return job


async def test_two_that_see_the_same_job_due_do_not_both_get_it(database: Database, job: Job) -> None:
    """The second one gets nothing until the lease of the first has ended."""
    early = NOW + LEASE - timedelta(microseconds=1)
    assert not await database.jobs.claim(["share"], [], "b", early, early + LEASE)
    (taken,) = await database.jobs.claim(["share"], [], "b", NOW + LEASE, NOW + 2 * LEASE)
    assert (taken.id, taken.attempts) == (job.id, 2)


@pytest.mark.parametrize("holder", ["a", "b"])
async def test_an_attempt_that_lost_its_job_changes_nothing(database: Database, job: Job, holder: str) -> None:
    """Only its successor does, even if both have the same name: in a container every process is number 1."""
    jobs, now = database.jobs, NOW + LEASE
    (taken,) = await jobs.claim(["share"], [], holder, now, now + LEASE)
    assert await jobs.renew([job], "a", now + 9 * LEASE) == {job.id}
    assert not await jobs.note(job, "a", {"posting": True}, now + 9 * LEASE)
    assert not await jobs.release(job, "a", now)
    assert not await jobs.finish(job, "a", now)
    assert await jobs.next_due(["share"], []) == now + LEASE
    assert await jobs.finish(taken, holder, now)


async def test_what_is_noted_is_there_for_the_next_attempt(database: Database, job: Job) -> None:
    """A note and a renewal extend the lease; a release gives the job back from a given moment on."""
    jobs = database.jobs
    assert await jobs.note(job, "a", {"file": "F1"}, NOW + 2 * LEASE)
    assert await jobs.next_due(["share"], []) == NOW + 2 * LEASE
    assert await jobs.renew([job], "a", NOW + 3 * LEASE) == set()
    assert await jobs.next_due(["share"], []) == NOW + 3 * LEASE
    assert await jobs.release(job, "a", NOW + LEASE)
    assert not await jobs.claim(["share"], [], "b", NOW, NOW + LEASE)
    (again,) = await jobs.claim(["share"], [], "b", NOW + LEASE, NOW + 2 * LEASE)
    assert (again.payload, again.progress) == ({"n": 1}, {"file": "F1"})


@pytest.mark.parametrize("error", ["", "NotInChannel"])
async def test_what_has_ended_is_never_due(database: Database, job: Job, error: str) -> None:
    """Done or failed, nobody gets it, and its attempt can't write any more."""
    jobs = database.jobs
    assert await jobs.finish(job, "a", NOW, error)
    assert await jobs.next_due(["share"], []) is None
    assert not await jobs.claim(["share"], [], "b", NOW + 9 * LEASE, NOW + 10 * LEASE)
    assert await jobs.renew([job], "a", NOW + LEASE) == {job.id}


async def test_other_kinds_and_own_running_jobs_are_skipped(database: Database, job: Job) -> None:
    """A bot gets only jobs for which it has a handler, and which it is not doing already."""
    late = NOW + 9 * LEASE
    assert await database.jobs.next_due(["upload"], []) is None
    assert not await database.jobs.claim(["upload"], [], "b", late, late)
    assert await database.jobs.next_due(["share"], [job.id]) is None
    assert not await database.jobs.claim(["share"], [job.id], "a", late, late)


@pytest.mark.parametrize(
    ("step", "waits"),
    [(timedelta(hours=-1), timedelta(seconds=5)), (timedelta(0), timedelta(hours=1, seconds=5))],
)
async def test_no_job_waits_for_the_clock(database: Database, step: timedelta, waits: timedelta) -> None:
    """If it is set back, new jobs are due, leases end in time, and pauses are as long as they were meant to be."""
    jobs, before = database.jobs, NOW + timedelta(hours=1)
    for key in ("waiting", "leased", "new"):
        await jobs.add(key, {key: {}}, NOW if key == "waiting" else before)
    (waiting,) = await jobs.claim(["waiting"], [], "a", before, before + LEASE)
    await jobs.release(waiting, "a", before + timedelta(seconds=5))
    await jobs.claim(["leased"], [], "a", before, before + LEASE)
    await jobs.add("others", {"others": {}}, before)
    await jobs.follow_clock(["waiting", "leased", "new"], NOW, NOW + LEASE, step)
    found = [await jobs.next_due([kind], []) for kind in ("new", "waiting", "leased", "others")]
    assert found == [NOW, NOW + waits, NOW + LEASE, before]
