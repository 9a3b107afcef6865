"""How often somebody may ask."""

from datetime import timedelta

import pytest

from bot.app.rate_limit import MOST, Pace
from tests.clock import ManualClock


async def test_questions_are_counted_per_person() -> None:
    """The count starts again a minute after the first question, and nobody is remembered for longer."""
    clock = ManualClock()
    pace = Pace(clock)
    assert [pace.count("U1") for _ in range(MOST + 1)] == list(range(1, MOST + 2))
    assert pace.count("U2") == 1
    await clock.advance(59)
    assert pace.count("U1") == MOST + 2
    await clock.advance(1)
    assert pace.count("U1") == 1
    assert len(pace) == 1


@pytest.mark.parametrize("step", [timedelta(hours=-2), timedelta(hours=2)])
async def test_setting_the_machines_clock_does_not_change_the_count(step: timedelta) -> None:
    """Forward or back."""
    clock = ManualClock()
    pace = Pace(clock)
    pace.count("U1")
    clock.set_by(step)
    assert pace.count("U1") == 2
    await clock.advance(60)
    assert pace.count("U1") == 1
