"""Leases of jobs: jobs whose bots died or stood still, and bots that look for what others promised."""

import asyncio

import pytest

from bot.errors import NotInChannel
from bot.model.job import Deadly, Job, Note
from bot.storage.queue import DEATHS, LEASE, POLL
from tests.clock import MONDAY_MORNING, ManualClock
from tests.conformance.conftest import Open
from tests.conformance.implementations import Storage
from tests.conformance.jobs import SHARE, Order, Recorder, Steps, running


async def test_what_another_process_promised_is_seen_within_the_poll(
    storage: Storage, clock: ManualClock, recorder: Recorder
) -> None:
    """A queue looks by itself for what it can't be woken for."""
    async with running(storage, clock, recorder) as queue:
        await queue.idle()
        await storage.queue(clock, "command line").promise(SHARE, "k", Order())
        await clock.advance(POLL.total_seconds())
        await recorder.until_begun()


async def test_a_running_job_belongs_to_its_bot_however_long_it_takes(
    storage: Storage, open_storage: Open, clock: ManualClock, recorder: Recorder
) -> None:
    """Its lease is renewed, so that another bot on the same database does not begin it."""
    other_recorder, other_storage = Recorder(), await open_storage()
    recorder.gate.clear()
    async with running(storage, clock, recorder) as queue:
        await queue.promise(SHARE, "k", Order())
        await recorder.until_begun()
        async with running(other_storage, clock, other_recorder, "b") as other:
            await other.idle()
            for _ in range(10):
                await clock.advance(LEASE.total_seconds() / 3)
                await storage.stores.health.check()
                await other.idle()
            assert (len(recorder.begun), other_recorder.begun) == (1, [])
            recorder.gate.set()
            await queue.idle()
    assert (len(recorder.begun), other_recorder.begun) == (1, [])


async def test_the_job_of_a_dead_bot_is_begun_again_when_its_lease_ends(
    storage: Storage, clock: ManualClock, recorder: Recorder
) -> None:
    """With what it had noted, as one more attempt, and not before."""
    await storage.rows.add("share", {"k": {}}, clock.now())
    (dead,) = await storage.rows.claim(["share"], [], "dead", clock.now(), clock.now() + LEASE)
    await storage.rows.note(dead, "dead", {"posting": True}, clock.now() + LEASE)
    async with running(storage, clock, recorder) as queue:
        await clock.advance(LEASE.total_seconds() - 1)
        await queue.idle()
        assert recorder.begun == []
        await clock.advance(1)
        await queue.idle()
    assert [(job.attempts, job.progress) for job in recorder.begun] == [(2, Steps(posting=True))]


@pytest.mark.parametrize("fails", [False, True])
async def test_a_bot_that_stood_still_does_not_act_on_a_job_that_another_one_has(
    storage: Storage, open_storage: Open, recorder: Recorder, caplog: pytest.LogCaptureFixture, fails: bool
) -> None:
    """Once its lease has ended its note is refused, so that it doesn't repeat what the second bot does or announces."""
    acted: list[str] = []
    standing, moving = ManualClock(), ManualClock(MONDAY_MORNING + LEASE)
    begun, stood_still = asyncio.Event(), asyncio.Event()
    queue = storage.queue(standing, "still", concurrency=1)  # it asks for nothing else either

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
    other_recorder, other_storage = Recorder(), await open_storage()
    async with running(other_storage, moving, other_recorder, "b") as other:
        await other.idle()
    stood_still.set()
    await queue.idle()
    await queue.stop()
    assert [job.attempts for job in other_recorder.begun] == [2]
    assert (acted, recorder.failures) == ([], [])
    assert "taken over" in caplog.text


async def test_a_bot_that_lost_its_lease_stops_at_the_next_renewal(
    storage: Storage, clock: ManualClock, recorder: Recorder
) -> None:
    """A handler that notes nothing is cancelled when the lease turns out to be another's."""
    recorder.gate.clear()
    async with running(storage, clock, recorder) as queue:
        await queue.promise(SHARE, "k", Order())
        await recorder.until_begun()
        later = clock.now() + LEASE
        (taken,) = await storage.rows.claim(["share"], [], "b", later, later + LEASE)
        await clock.advance(LEASE.total_seconds() / 3)
        await queue.idle()
        assert await storage.rows.finish(taken, "b", clock.now())
    assert len(recorder.begun) == 1


async def test_a_bot_does_not_begin_twice_what_it_runs_itself(
    storage: Storage, clock: ManualClock, recorder: Recorder
) -> None:
    """After a laptop has slept, the bot's own lease has ended, and the job still runs."""
    recorder.gate.clear()
    async with running(storage, clock, recorder) as queue:
        await queue.promise(SHARE, "k", Order())
        await recorder.until_begun()
        await clock.advance(2 * LEASE.total_seconds())
        await queue.promise(SHARE, "another", Order())
        await recorder.until_begun(2)
        recorder.gate.set()
        await queue.idle()
    assert [job.key for job in recorder.begun] == ["k", "another"]


async def die(storage: Storage, clock: ManualClock, times: int) -> None:
    """Have this many bots begin what is due, and be killed in it."""
    for _ in range(times):
        assert await storage.rows.claim(["share"], [], "killed", clock.now(), clock.now() + LEASE)
        await clock.advance(LEASE.total_seconds())


async def test_a_job_that_kills_its_bots_is_given_up_and_announced(
    storage: Storage, clock: ManualClock, recorder: Recorder
) -> None:
    """After some deaths it is not begun again: it would forever take everything else that the bot does with it."""
    await storage.rows.add("share", {"k": {}}, clock.now())
    await die(storage, clock, DEATHS)
    async with running(storage, clock, recorder) as queue:
        await queue.idle()
    assert recorder.begun == []
    assert [(key, type(exc)) for key, exc in recorder.failures] == [("k", Deadly)]
    assert await storage.rows.next_due(["share"], []) is None


async def test_a_job_is_done_though_some_bots_died_in_it(
    storage: Storage, clock: ManualClock, recorder: Recorder
) -> None:
    """Deployments kill now and then; attempts that ended in order are no deaths, however many there are."""
    await storage.rows.add("share", {"k": {}}, clock.now())
    for _ in range(2 * DEATHS):
        (job,) = await storage.rows.claim(["share"], [], "a", clock.now(), clock.now() + LEASE)
        assert await storage.rows.release(job, "a", clock.now())
    await die(storage, clock, DEATHS - 1)
    async with running(storage, clock, recorder) as queue:
        await queue.idle()
    assert len(recorder.begun) == 1
    assert recorder.failures == []


async def test_if_announcing_a_failure_kills_too_the_job_is_closed(
    storage: Storage, clock: ManualClock, recorder: Recorder
) -> None:
    """Only the log has it. If a person asks for it again, it has all its attempts again."""
    await storage.rows.add("share", {"k": {}}, clock.now())
    await die(storage, clock, DEATHS + 1)
    async with running(storage, clock, recorder) as queue:
        await queue.idle()
        assert (recorder.begun, recorder.failures) == ([], [])
        assert await queue.promise(SHARE, "k", Order())
        await queue.idle()
    assert len(recorder.begun) == 1
