"""What is known for a while, and how often somebody may ask."""

from datetime import timedelta

import pytest

from bot.app.rate_limit import LIMIT, RateLimiter
from bot.clock import Steps, SystemClock
from bot.tools.cache import Kept
from tests.clock import ManualClock


async def test_what_is_kept_goes_with_its_time() -> None:
    """To the second, each from when it was put last; what is over takes no room."""
    clock = ManualClock()
    kept: Kept[int] = Kept(clock, timedelta(seconds=10))
    for number in range(1_000):
        kept.put(str(number), number)
    await clock.advance(9)
    kept.put("0", -1)
    assert kept.get("1") == 1
    await clock.advance(1)
    assert (kept.get("0"), kept.get("1"), kept.get("never")) == (-1, None, None)
    kept.put("x", 7)
    assert len(kept) == 2


def test_what_takes_too_much_room_goes_before_its_time() -> None:
    """The oldest first, also where one is put anew; the newest stays, however large it is."""
    kept: Kept[str] = Kept(ManualClock(), timedelta(seconds=10), room=10)
    for key, size in (("a", 4), ("b", 4), ("a", 2), ("c", 4)):
        kept.put(key, key, size)
    assert [kept.get(key) for key in "abc"] == ["a", "b", "c"]
    kept.put("d", "d", 1)
    assert [kept.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    kept.put("e", "e", 100)
    assert [kept.get(key) for key in "acde"] == [None, None, None, "e"]
    kept.put("f", "f", 10)
    assert len(kept) == 1


async def test_who_asks_too_often_is_told_from_the_others() -> None:
    """A minute after the first time it begins anew, and nobody is remembered for longer."""
    clock = ManualClock()
    limiter = RateLimiter(clock)
    assert [limiter.count("U1") for _ in range(LIMIT + 1)] == list(range(1, LIMIT + 2))
    assert limiter.count("U2") == 1
    await clock.advance(59)
    assert limiter.count("U1") == LIMIT + 2
    await clock.advance(1)
    assert limiter.count("U1") == 1
    assert len(limiter) == 1


@pytest.mark.parametrize("step", [timedelta(hours=-2), timedelta(hours=2)])
async def test_nobody_changes_it_by_setting_the_clock(step: timedelta) -> None:
    """Neither for longer nor for less long."""
    clock = ManualClock()
    kept: Kept[int] = Kept(clock, timedelta(seconds=10))
    limiter = RateLimiter(clock)
    kept.put("a", 1)
    limiter.count("U1")
    clock.set_by(step)
    assert (kept.get("a"), limiter.count("U1")) == (1, 2)
    await clock.advance(60)
    assert (kept.get("a"), limiter.count("U1")) == (None, 1)


def test_the_clock_that_nobody_sets() -> None:
    """It goes on by itself, and never back."""
    clock = SystemClock()
    first, second = clock.elapsed(), clock.elapsed()
    assert timedelta(0) <= second - first < timedelta(minutes=1)
    assert Steps(clock).take() == timedelta(0)
