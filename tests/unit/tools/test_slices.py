"""Long work in slices."""

import asyncio
import weakref

import pytest

from bot.tools.slices import SLICE, in_slices, release


class Item:
    """Something that can be watched until it is freed."""


@pytest.mark.parametrize("count", [0, 1, SLICE, 3 * SLICE + 1])
async def test_every_item_comes_once_and_in_order(count: int) -> None:
    """However many there are."""
    items = list(range(count))
    assert [item async for item in in_slices(items)] == items


@pytest.mark.parametrize("size", [1, 5, SLICE])
async def test_others_run_between_two_slices(size: int) -> None:
    """And not only after the last one."""
    seen: list[int] = []
    others: list[int] = []

    async def watch() -> None:
        while True:
            others.append(len(seen))
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    async for item in in_slices(range(3 * size), size):
        seen += [item]
    watching.cancel()
    assert others == [0, size, 2 * size]


async def test_a_long_list_is_freed_over_several_turns() -> None:
    """A slice in each of them."""
    items = [Item() for _ in range(3 * SLICE)]
    freed: list[None] = []
    for item in items:
        weakref.finalize(item, freed.append, None)
    del item
    release(items)
    counts = [len(freed)]
    while len(freed) < 3 * SLICE:
        await asyncio.sleep(0)
        counts.append(len(freed))
    assert counts == [SLICE, 2 * SLICE, 3 * SLICE]
