"""Leases: of several bots, one does a thing at a time."""

import asyncio
from datetime import timedelta

from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.conftest import Open

SECOND = timedelta(seconds=1)


async def test_a_lease_belongs_to_one_holder_until_it_ends(stores: Stores) -> None:
    """Another one gets it when its time is over, not before; only its holder renews it."""
    leases = stores.leases
    assert await leases.take("digests", "a", NOW, 30)
    assert not await leases.take("digests", "b", NOW + 29 * SECOND, 30)
    assert await leases.take("digests", "a", NOW + 29 * SECOND, 30)
    assert not await leases.take("digests", "b", NOW + 58 * SECOND, 30)
    assert await leases.take("digests", "b", NOW + 59 * SECOND, 30)
    assert not await leases.take("digests", "a", NOW + 60 * SECOND, 30)
    assert await leases.take("uploads", "a", NOW, 30)


async def test_of_several_bots_one_gets_the_lease(open_storage: Open) -> None:
    """Two bots ask at once, many times: each time exactly one gets it."""
    bots = [await open_storage() for _ in range(2)]
    answers = await asyncio.gather(
        *(
            bot.stores.leases.take("digests", f"{bot_number}:{n}", NOW, 30)
            for n in range(10)
            for bot_number, bot in enumerate(bots)
        )
    )
    assert sum(answers) == 1


async def test_a_lease_that_was_taken_by_a_clock_ahead_has_ended(stores: Stores) -> None:
    """One that lasts longer than any lease was taken before the clock was set back."""
    assert await stores.leases.take("prune", "a", NOW + timedelta(days=40), 60)
    assert await stores.leases.take("prune", "b", NOW, 60)
    assert not await stores.leases.take("prune", "a", NOW + SECOND, 60)
