"""How often somebody may ask."""

from datetime import timedelta

import pytest

from bot.app.rate_limit import LIMIT, RateLimiter
from tests.clock import ManualClock


async def test_questions_are_counted_per_person() -> None:
    """The count starts again a minute after the first question, and nobody is remembered for longer."""
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
async def test_setting_the_machines_clock_does_not_change_the_count(step: timedelta) -> None:
    """Forward or back."""
    clock = ManualClock()
    limiter = RateLimiter(clock)
    limiter.count("U1")
    clock.set_by(step)
    assert limiter.count("U1") == 2
    await clock.advance(60)
    assert limiter.count("U1") == 1
