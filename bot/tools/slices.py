"""Long work in slices, so that others have their turns of the event loop in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

SLICE = 500
"""Conversations: to look through the texts of so many takes a few milliseconds, and so does freeing them."""


async def in_slices(items: Sequence[T], size: int = SLICE) -> AsyncIterator[T]:
    """Yield the items, and let others run after each slice of this size."""
    for start in range(0, len(items), size):
        if start:
            await asyncio.sleep(0)
        for item in items[start : start + size]:
            yield item


def release(items: list[Any]) -> None:
    """Empty a list, a slice in each turn of the event loop. To free thousands of records at once takes long."""
    del items[-SLICE:]
    if items:
        asyncio.get_running_loop().call_soon(release, items)
