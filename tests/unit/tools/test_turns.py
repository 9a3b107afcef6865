"""Who begins when."""

import asyncio
from collections.abc import Callable

from bot.tools.turns import Turns


async def test_one_begins_in_each_turn_of_the_event_loop() -> None:
    """In the order in which they came; whoever doesn't wait any more is passed over."""
    turns, begun = Turns(), list[int]()

    async def begin(number: int) -> None:
        async with turns.take():
            begun.append(number)

    tasks = [asyncio.create_task(begin(number)) for number in range(4)]
    await asyncio.sleep(0)
    assert len(turns) == 4
    tasks[1].cancel()
    counts = []
    while len(begun) < 3:
        await asyncio.sleep(0)
        counts.append(len(begun))
    assert begun == [0, 2, 3]
    assert len(turns) == 0
    assert all(after - before <= 1 for before, after in zip([0, *counts], counts, strict=False))


async def test_only_a_few_work_at_a_time() -> None:
    """Whoever has ended, failed or been cancelled makes room for the next."""
    turns, begun = Turns(most_working=2), list[int]()
    ends = [asyncio.get_running_loop().create_future() for _ in range(6)]

    async def work(number: int) -> None:
        async with turns.take():
            begun.append(number)
            await ends[number]

    tasks = [asyncio.create_task(work(number)) for number in range(6)]
    await _until(lambda: len(begun) == 2)
    assert len(turns) == 4
    ends[0].set_result(None)
    await _until(lambda: begun == [0, 1, 2])
    ends[1].set_exception(ValueError)
    await _until(lambda: begun == [0, 1, 2, 3])
    tasks[2].cancel()
    await _until(lambda: begun == [0, 1, 2, 3, 4])
    tasks[4].cancel()
    tasks[5].cancel()
    ends[3].set_result(None)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert begun == [0, 1, 2, 3, 4]
    async with turns.take():
        assert len(turns) == 0


async def test_nobody_waits_for_those_who_take_long() -> None:
    turns, begun = Turns(most_working=1, long=0), list[int]()
    never = asyncio.Event()

    async def work(number: int) -> None:
        async with turns.take():
            begun.append(number)
            await never.wait()

    tasks = [asyncio.create_task(work(number)) for number in range(3)]
    await _until(lambda: begun == [0, 1, 2])
    never.set()
    await asyncio.gather(*tasks)


async def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if is_so():
            return
        await asyncio.sleep(0)
    raise AssertionError("it isn't so after a thousand turns of the event loop")
