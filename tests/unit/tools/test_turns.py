"""Who begins when."""

import asyncio

from bot.tools.turns import Turns


async def test_one_begins_in_each_turn_of_the_event_loop() -> None:
    """In the order in which they came; whoever doesn't wait any more is passed over."""
    turns, begun = Turns(), list[int]()

    async def begin(number: int) -> None:
        await turns.wait()
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
