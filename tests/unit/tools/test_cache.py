"""The cache whose values expire."""

from datetime import timedelta

import pytest

from bot.tools.cache import TtlCache
from tests.clock import ManualClock


async def test_values_expire() -> None:
    """To the second, each by when it was last put; expired values take no memory."""
    clock = ManualClock()
    cache: TtlCache[int] = TtlCache(clock, timedelta(seconds=10))
    for number in range(1_000):
        cache.put(str(number), number)
    await clock.advance(9)
    cache.put("0", -1)
    assert cache.get("1") == 1
    await clock.advance(1)
    assert (cache.get("0"), cache.get("1"), cache.get("never")) == (-1, None, None)
    cache.put("x", 7)
    assert len(cache) == 2
    await clock.advance(9)
    cache.remove_expired()
    assert len(cache) == 1
    await clock.advance(1)
    cache.remove_expired()
    assert len(cache) == 0


def test_the_oldest_values_are_removed_from_a_full_cache() -> None:
    """A value that is put again counts as new. The newest one stays, however large it is."""
    cache: TtlCache[str] = TtlCache(ManualClock(), timedelta(seconds=10), capacity=10)
    for key, size in (("a", 4), ("b", 4), ("a", 2), ("c", 4)):
        cache.put(key, key, size)
    assert [cache.get(key) for key in "abc"] == ["a", "b", "c"]
    cache.put("d", "d", 1)
    assert [cache.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    cache.put("e", "e", 100)
    assert [cache.get(key) for key in "acde"] == [None, None, None, "e"]
    cache.put("f", "f", 10)
    assert len(cache) == 1


@pytest.mark.parametrize("step", [timedelta(hours=-2), timedelta(hours=2)])
async def test_setting_the_machines_clock_does_not_change_the_expiry(step: timedelta) -> None:
    """Forward or back."""
    clock = ManualClock()
    cache: TtlCache[int] = TtlCache(clock, timedelta(seconds=10))
    cache.put("a", 1)
    clock.set_by(step)
    assert cache.get("a") == 1
    await clock.advance(60)
    assert cache.get("a") is None


def test_values_that_leave_the_cache_are_handed_over() -> None:
    """Replaced, expired and pushed out ones, but not those that are put again."""
    clock, removed = ManualClock(), list[str]()
    cache: TtlCache[str] = TtlCache(clock, timedelta(seconds=60), capacity=2, on_removal=removed.append)
    for key, value in (("a", "replaced"), ("a", "pushed out"), ("b", "taken out"), ("c", "stays"), ("c", "stays")):
        cache.put(key, value)
    cache.pop("b")
    assert removed == ["replaced", "pushed out", "taken out"]
    assert cache.get("c") == "stays"
