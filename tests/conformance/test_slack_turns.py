"""Turns in a channel: bots on one database post a second apart."""

import asyncio
from datetime import timedelta

from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.conftest import Open

SECOND = timedelta(seconds=1)


async def test_bots_take_turns_in_a_channel(open_storage: Open) -> None:
    """However many ask at once, each gets a moment of its own; another channel is free."""
    bots = [await open_storage() for _ in range(2)]
    turns = await asyncio.gather(*(bot.stores.slack_turns.take("C1", NOW, SECOND) for bot in bots for _ in range(5)))
    assert sorted(turns) == [NOW + number * SECOND for number in range(10)]
    assert await bots[0].stores.slack_turns.take("C2", NOW, SECOND) == NOW


async def test_a_turn_that_is_over_holds_nobody_up(stores: Stores) -> None:
    """Nor does one that a clock took which was ahead."""
    turns = stores.slack_turns
    await turns.take("C1", NOW, SECOND)
    assert await turns.take("C1", NOW + SECOND / 2, SECOND) == NOW + SECOND
    assert await turns.take("C1", NOW + 5 * SECOND, SECOND) == NOW + 5 * SECOND
    assert await turns.take("C1", NOW - timedelta(hours=1), SECOND) == NOW - timedelta(hours=1)
