"""Notices: what one bot tells the others on its database."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.conftest import Open

PATIENCE = 30.0


async def test_a_bot_hears_what_another_one_tells(open_storage: Open) -> None:
    """By itself, within seconds, and once; not what it told itself."""
    one, other = await open_storage(), await open_storage()
    seen, heard = await other.stores.notices.latest(), []
    await other.stores.notices.add("listeners", "C0", "b", NOW)
    async with asyncio.timeout(PATIENCE), aclosing(other.changes()) as changes:
        await anext(changes)
        await one.stores.notices.add("listeners", ["C1", 'a "quote"'], "a", NOW)
        async for _ in changes:
            heard += await other.stores.notices.after(seen, but="b")
            if heard:
                break
    assert [(notice.topic, notice.value) for notice in heard] == [("listeners", ["C1", 'a "quote"'])]
    assert await other.stores.notices.after(heard[-1].number, but="b") == []


async def test_old_notices_are_forgotten_and_numbers_go_on(stores: Stores) -> None:
    """Otherwise a bot would miss the one that gets an old number."""
    for minutes in range(0, 60, 20):
        await stores.notices.add("t", minutes, "a", NOW + timedelta(minutes=minutes))
    assert [notice.value for notice in await stores.notices.after(0, but="")] == [40]
    assert await stores.notices.latest() == 3
