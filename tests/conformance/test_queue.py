"""The queue of jobs: on disk before they are promised, done once, and people hear when they fail."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.erasure.traces import forget_old_copies
from bot.errors import NotInChannel, StorageFailed
from bot.model.job import Job, JobKind, Note, Retry, TakenOver
from bot.storage.stores import JobQueue
from tests.clock import ManualClock
from tests.conformance.conftest import Open
from tests.conformance.implementations import Storage
from tests.conformance.jobs import BRIEF, OTHER, SHARE, Order, Recorder, Steps, running

DAY = timedelta(days=1)


@pytest.fixture
async def queue(storage: Storage, clock: ManualClock, recorder: Recorder) -> AsyncIterator[JobQueue]:
    async with running(storage, clock, recorder) as queue:
        yield queue


# ---- promises ------------------------------------------------------------------------------------------------------


async def test_a_promised_job_starts_at_once(queue: JobQueue, recorder: Recorder) -> None:
    """No time has to pass: the promise itself starts the work."""
    assert await queue.promise(SHARE, "k", Order("U1"))
    await queue.idle()
    assert [(job.kind, job.key, job.payload, job.attempts) for job in recorder.begun] == [
        ("share", "k", Order("U1"), 1)
    ]


async def test_the_same_job_is_done_once(queue: JobQueue, recorder: Recorder) -> None:
    """A known key is not promised again: not while its job waits or runs, and not when it is done."""
    recorder.gate.clear()
    assert await queue.promise(SHARE, "k", Order("U1"))
    await recorder.until_begun()
    assert not await queue.promise(SHARE, "k", Order("U2"))
    recorder.gate.set()
    await queue.idle()
    assert not await queue.promise(SHARE, "k", Order("U3"))
    await queue.idle()
    assert [job.payload for job in recorder.begun] == [Order("U1")]


async def test_many_jobs_are_promised_together(queue: JobQueue, recorder: Recorder) -> None:
    """Each under its key, as if alone: the known ones stay as they are."""
    assert await queue.promise(SHARE, "share:1", Order("U1"))
    await queue.idle()
    recorder.gate.clear()
    orders = {f"share:{number}": Order(f"U{number}") for number in (1, 2, 3)}
    assert await queue.promise_all(SHARE, orders) == 2
    second, third = await queue.unfinished(SHARE, "share:")
    assert (second.key, third.key) == ("share:2", "share:3")
    assert await queue.has_earlier(third, "share:")
    assert not await queue.has_earlier(second, "share:"), "the first one is done"
    assert not await queue.has_earlier(third, "share:3")
    assert await queue.unfinished(SHARE, "share:1") == await queue.unfinished(SHARE, "shar%") == []
    recorder.gate.set()
    await queue.idle()
    assert sorted(job.payload.user for job in recorder.begun) == ["U1", "U2", "U3"]


async def test_what_is_done_can_be_promised_again_on_purpose(queue: JobQueue, recorder: Recorder) -> None:
    """The job knows what its attempts noted before."""
    recorder.notes = [Steps(posting=True)]
    for user in ("U1", "U2"):
        assert await queue.promise(SHARE, "k", Order(user), again=True)
        await queue.idle()
    assert [(job.payload, job.progress) for job in recorder.begun] == [
        (Order("U1"), Steps()),
        (Order("U2"), Steps(posting=True)),
    ]


async def test_the_next_start_does_what_was_promised(storage: Storage, clock: ManualClock, recorder: Recorder) -> None:
    """A job may be promised while no bot is running, e.g. by the command line."""
    await storage.queue(clock, "command line").promise(SHARE, "k", Order())
    async with running(storage, clock, recorder) as queue:
        await queue.idle()
    assert len(recorder.begun) == 1


async def test_a_job_can_be_due_later(queue: JobQueue, clock: ManualClock, recorder: Recorder) -> None:
    """Not a second earlier."""
    await queue.promise(SHARE, "k", Order(), due=clock.now() + timedelta(seconds=60))
    await clock.advance(59)
    await queue.idle()
    assert recorder.begun == []
    await clock.advance(1)
    await queue.idle()
    assert len(recorder.begun) == 1


async def test_jobs_can_be_looked_up(queue: JobQueue, clock: ManualClock, recorder: Recorder) -> None:
    """By their keys, and those that aren't finished by what they were given, oldest first."""
    recorder.notes = [Steps(file="F1")]
    await queue.promise(SHARE, "done", Order("U1"))
    await queue.idle()
    later = clock.now() + DAY
    for key, user in (("1", "U1"), ("2", "U2"), ("3", "U1")):
        await queue.promise(SHARE, key, Order(user), due=later)
    await queue.promise(OTHER, "4", Order("U1"), due=later)
    done = await queue.get(SHARE, "done")
    assert done is not None
    assert (done.payload, done.progress, done.attempts) == (Order("U1"), Steps(file="F1"), 1)
    assert done.reference == recorder.begun[0].reference
    assert await queue.get(SHARE, "4") is None
    assert await queue.get(SHARE, "none") is None
    assert [job.key for job in await queue.unfinished(SHARE)] == ["1", "2", "3"]
    assert [job.key for job in await queue.unfinished(SHARE, user="U1")] == ["1", "3"]
    assert await queue.count_unfinished() == {"share": 3, "other": 1}


async def test_jobs_of_another_version_can_be_read(queue: JobQueue, recorder: Recorder) -> None:
    """Fields that are unknown are ignored, and missing ones get their defaults."""

    @dataclass(frozen=True, slots=True)
    class OtherOrder:
        channel: str

    await queue.promise(JobKind("share", OtherOrder, Steps), "k", OtherOrder("C1"))
    await queue.idle()
    assert [job.payload for job in recorder.begun] == [Order()]


# ---- trying again and failing --------------------------------------------------------------------------------------


async def test_a_job_is_tried_again_when_it_asks_for_it(
    queue: JobQueue, clock: ManualClock, recorder: Recorder
) -> None:
    """Not before its time; with what it had noted; the queue is idle meanwhile, and nobody hears of a failure."""
    recorder.notes = [Steps(file="F1"), Steps(file="F1", posting=True)]
    recorder.raises = [Retry(after=60), Retry(after=3600)]
    await queue.promise(SHARE, "k", Order())
    await queue.idle()
    await clock.advance(59)
    await queue.idle()
    assert len(recorder.begun) == 1
    await clock.advance(1)
    await queue.idle()
    assert [(job.attempts, job.progress) for job in recorder.begun] == [
        (1, Steps()),
        (2, Steps(file="F1", posting=True)),
    ]
    await clock.advance(3600)
    await queue.idle()
    await clock.advance(7200)
    await queue.idle()
    assert len(recorder.begun) == 3
    assert recorder.failures == []


async def test_a_job_waits_for_the_database(
    queue: JobQueue, clock: ManualClock, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    """If that is restarted in the middle of an attempt, the job hasn't failed, and nobody hears that it did."""
    away = StorageFailed("unreachable", "here")
    recorder.notes = [Steps(posting=True)]
    recorder.raises = [away, ZeroDivisionError(), ZeroDivisionError()]

    async def announce(_job: Job[Order, Steps], exc: BaseException) -> None:
        recorder.failures.append(("k", exc))
        if len(recorder.failures) == 1:
            raise away

    queue.register(SHARE, recorder.handle, announce)
    await queue.promise(SHARE, "k", Order())
    await queue.idle()
    assert recorder.failures == []
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    await clock.advance(60)
    await queue.idle()  # it fails, and that can't be announced
    await clock.advance(60)
    await queue.idle()
    assert [type(exc) for _, exc in recorder.failures] == [ZeroDivisionError] * 2
    assert [job.progress for job in recorder.begun] == [Steps(), Steps(posting=True), Steps(posting=True)]
    assert await queue.count_unfinished() == {}


async def test_a_failure_is_announced_and_logged_under_its_reference(
    queue: JobQueue, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    """The person to whom it was promised hears what went wrong, and the log has the exception with a reference."""
    recorder.raises = [failure := ZeroDivisionError("secret")]
    await queue.promise(SHARE, "k", Order())
    await queue.idle()
    assert recorder.failures == [("k", failure)]
    assert len(recorder.begun) == 1
    (record,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert recorder.begun[0].reference in record.getMessage()
    assert record.exc_info is not None


async def test_a_failure_of_a_known_kind_is_no_error_in_the_log(
    queue: JobQueue, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    """That the bot isn't in a channel is news for a person, not for the bot's admin."""
    recorder.raises = [NotInChannel("not_in_channel")]
    await queue.promise(SHARE, "k", Order())
    await queue.idle()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_what_failed_can_be_promised_again(queue: JobQueue, clock: ManualClock, recorder: Recorder) -> None:
    """Once the bot was invited, the same button works for the next person, with what was noted before."""
    recorder.raises = [NotInChannel("not_in_channel")]
    recorder.notes = [Steps(posting=True)]
    assert await queue.promise(SHARE, "k", Order("U1"))
    await queue.idle()
    await clock.advance(60)
    assert await queue.promise(SHARE, "k", Order("U2"))
    await queue.idle()
    first, second = recorder.begun
    assert (second.id, second.created_at) == (first.id, first.created_at)
    assert [(job.payload.user, job.attempts, job.progress) for job in recorder.begun] == [
        ("U1", 1, Steps()),
        ("U2", 1, Steps(posting=True)),
    ]


async def test_a_handler_that_is_cancelled_from_inside_has_failed(queue: JobQueue, recorder: Recorder) -> None:
    """Awaiting what somebody else cancelled is a failure like any other, and doesn't stop the bot."""
    recorder.raises = [asyncio.CancelledError()]
    await queue.promise(SHARE, "k", Order())
    await queue.idle()
    assert [key for key, _ in recorder.failures] == ["k"]


async def test_a_failure_that_cannot_be_announced_is_still_one(
    queue: JobQueue, caplog: pytest.LogCaptureFixture
) -> None:
    """If that fails too, the job is closed, and the log has both."""

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    queue.register(OTHER, fail, fail)
    await queue.promise(OTHER, "k", Order())
    await queue.idle()
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert await queue.count_unfinished() == {}


async def test_people_who_cannot_be_reached_hear_of_a_failure_later(queue: JobQueue, clock: ManualClock) -> None:
    """Announcing it is tried again when that asks for it."""
    announced: list[int] = []

    async def fail(_job: Job[Order, Steps], _note: Note[Steps]) -> None:
        raise NotInChannel("not_in_channel")

    async def announce(job: Job[Order, Steps], _exc: BaseException) -> None:
        if job.attempts == 1:
            raise Retry(after=60)
        announced.append(job.attempts)

    queue.register(OTHER, fail, announce)
    await queue.promise(OTHER, "k", Order())
    await queue.idle()
    assert announced == []
    await clock.advance(60)
    await queue.idle()
    assert announced == [2]


async def test_a_note_after_the_end_goes_nowhere(queue: JobQueue) -> None:
    """A note that outlives its attempt is refused."""
    kept: list[Note[Steps]] = []

    async def handle(_job: Job[Order, Steps], note: Note[Steps]) -> None:
        kept.append(note)

    queue.register(OTHER, handle)
    await queue.promise(OTHER, "k", Order())
    await queue.idle()
    with pytest.raises(TakenOver):
        await kept[0](Steps(posting=True))


# ---- several jobs and several bots ---------------------------------------------------------------------------------


async def test_jobs_run_side_by_side_up_to_a_number(storage: Storage, clock: ManualClock, recorder: Recorder) -> None:
    """A slow job holds up no other, and a hundred do not run at once."""
    recorder.gate.clear()
    async with running(storage, clock, recorder, concurrency=3) as queue:
        for number in range(5):
            await queue.promise(SHARE, str(number), Order())
        await recorder.until_begun(3)
        recorder.gate.set()
        await queue.idle()
    assert len(recorder.begun) == 5
    assert recorder.most == 3


async def test_what_is_begun_on_the_spot_waits_for_nobody(
    storage: Storage, clock: ManualClock, recorder: Recorder
) -> None:
    """Not for the start, nor for a place, and it takes nobody's."""
    recorder.gate.clear()
    queue = storage.queue(clock, "a", concurrency=1)
    queue.register(SHARE, recorder.handle)
    assert await queue.begin(SHARE, "first", Order("U1"))
    assert await queue.begin(SHARE, "second", Order("U2"))
    assert not await queue.begin(SHARE, "first", Order("U3"))
    await recorder.until_begun(2)
    await queue.start()
    await queue.promise(SHARE, "third", Order("U4"))
    await recorder.until_begun(3)
    assert recorder.most == 3
    recorder.gate.set()
    await queue.idle()
    await queue.stop()
    assert [(job.payload.user, job.attempts) for job in recorder.begun] == [("U1", 1), ("U2", 1), ("U4", 1)]


async def test_what_was_begun_on_the_spot_is_given_back_at_a_stop(
    storage: Storage, clock: ManualClock, recorder: Recorder
) -> None:
    """Like any job: the next bot begins it."""
    recorder.gate.clear()
    stopped = storage.queue(clock, "a")
    stopped.register(SHARE, recorder.handle)
    await stopped.begin(SHARE, "k", Order("U1"))
    await recorder.until_begun()
    await stopped.stop()
    recorder.gate.set()
    async with running(storage, clock, recorder, "b") as queue:
        await queue.idle()
    assert [job.attempts for job in recorder.begun] == [1, 2]


async def test_a_job_that_leaves_nothing_is_gone_once_it_is_done(queue: JobQueue, recorder: Recorder) -> None:
    """One that failed stays, so that its reference leads to it."""
    queue.register(BRIEF, recorder.handle)
    for _ in range(2):
        assert await queue.begin(BRIEF, "k", Order("U1"))
        await queue.idle()
        assert await queue.get(BRIEF, "k") is None
    recorder.raises = [NotInChannel("not_in_channel")]
    assert await queue.begin(BRIEF, "k", Order("U1"))
    await queue.idle()
    assert await queue.get(BRIEF, "k") is not None


async def test_what_is_due_first_comes_first(storage: Storage, clock: ManualClock, recorder: Recorder) -> None:
    """One after another, jobs are done in the order of their promises."""
    for number in range(5):
        await storage.queue(clock, "command line").promise(SHARE, str(number), Order())
    async with running(storage, clock, recorder, concurrency=1) as queue:
        await queue.idle()
    assert [job.key for job in recorder.begun] == list("01234")


async def test_an_older_bot_leaves_unknown_kinds_of_jobs_to_a_newer_one(queue: JobQueue, recorder: Recorder) -> None:
    """During a deployment, the version before doesn't touch jobs for which it has no handler."""
    await queue.promise(OTHER, "k", Order())
    await queue.idle()
    assert recorder.begun == []
    queue.register(OTHER, recorder.handle)
    await queue.idle()
    assert [job.kind for job in recorder.begun] == ["other"]


async def test_two_bots_do_each_job_once(open_storage: Open, clock: ManualClock, recorder: Recorder) -> None:
    """They share the jobs out, and see each other's promises."""
    first, second = await open_storage(), await open_storage()
    async with running(first, clock, recorder) as one, running(second, clock, recorder, "b") as other:
        for number in range(10):
            await (one, other)[number % 2].promise(SHARE, str(number), Order())
        # While a job is due, no bot is idle, and it hears that another one has begun it only when time passes.
        await recorder.until_begun(10)
        for queue in (one, other, one):
            await queue.idle()
    assert sorted((job.key for job in recorder.begun), key=int) == [str(number) for number in range(10)]


# ---- stopping ------------------------------------------------------------------------------------------------------


async def test_a_stopped_bot_gives_its_jobs_back_at_once(
    open_storage: Open, clock: ManualClock, recorder: Recorder
) -> None:
    """During a deployment, the next bot need not wait until the one before would be taken for dead."""
    recorder.gate.clear()
    async with running(await open_storage(), clock, recorder) as queue:
        await queue.promise(SHARE, "k", Order())
        await recorder.until_begun()
    successor = Recorder()
    async with running(await open_storage(), clock, successor, "b") as queue:
        await queue.idle()
    assert [job.attempts for job in successor.begun] == [2]
    assert recorder.failures == []


async def test_a_stopping_bot_lets_running_jobs_end(storage: Storage, clock: ManualClock, recorder: Recorder) -> None:
    """Within its patience; what waits behind them is not begun any more."""
    recorder.gate.clear()
    queue = storage.queue(clock, "a", concurrency=1)
    queue.register(SHARE, recorder.handle)
    await queue.start()
    await queue.promise(SHARE, "1", Order())
    await queue.promise(SHARE, "2", Order())
    await recorder.until_begun()
    stopping = asyncio.create_task(queue.stop(patience=10))
    await clock.advance(9)
    assert not stopping.done()
    recorder.gate.set()
    await stopping
    assert [job.key for job in recorder.begun] == ["1"]
    assert [(job.key, job.attempts) for job in await queue.unfinished(SHARE)] == [("2", 0)]


@pytest.mark.parametrize("turns", [1, 3, 10, 30, 100])
async def test_a_bot_can_be_stopped_while_it_starts(storage: Storage, clock: ManualClock, turns: int) -> None:
    """After any number of turns of the event loop; nothing of it goes on."""
    before = asyncio.all_tasks()
    queue = storage.queue(clock, "a")
    await queue.start()
    for _ in range(turns):
        await asyncio.sleep(0)
    await queue.stop()
    assert asyncio.all_tasks() == before


async def test_patience_ends(storage: Storage, clock: ManualClock, recorder: Recorder) -> None:
    """The next start may begin a job that takes longer at once."""
    recorder.gate.clear()
    async with running(storage, clock, recorder) as queue:
        await queue.promise(SHARE, "k", Order())
        await recorder.until_begun()
        stopping = asyncio.create_task(queue.stop(patience=10))
        await clock.advance(10)
        await stopping
    recorder.gate.set()
    async with running(storage, clock, recorder, "b") as queue:
        await queue.idle()
    assert [job.attempts for job in recorder.begun] == [1, 2]


async def test_waiting_for_a_queue_that_does_not_run_is_a_mistake(storage: Storage, clock: ManualClock) -> None:
    """Before the start and after the stop, it would never return."""
    queue = storage.queue(clock, "a")
    with pytest.raises(RuntimeError):
        await queue.idle()
    await queue.start()
    await queue.stop()
    with pytest.raises(RuntimeError):
        await queue.idle()


# ---- forgetting ----------------------------------------------------------------------------------------------------


async def test_old_jobs_are_forgotten_and_unfinished_ones_never(
    storage: Storage, queue: JobQueue, clock: ManualClock
) -> None:
    """A job that has ended goes a day later than other copies; one that hasn't stays, however old it is."""
    await queue.promise(SHARE, "done", Order())
    await queue.promise(OTHER, "waiting", Order())
    await queue.idle()
    ended = clock.now()
    await clock.advance(60)

    async def forget(moment: datetime) -> dict[str, int]:
        return await storage.stores.erasures.write(lambda stores: forget_old_copies(stores, moment))

    assert await forget(ended + DAY) == {}
    assert await forget(clock.now() + DAY) == {"jobs": 1}
    assert await queue.promise(SHARE, "done", Order())
    assert not await queue.promise(OTHER, "waiting", Order())
