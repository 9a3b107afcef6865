"""The machine's clock."""

from datetime import timedelta

from bot.clock import ClockSteps, SystemClock


def test_elapsed_time_never_goes_back() -> None:
    """And a clock that nobody sets has no steps."""
    clock = SystemClock()
    first, second = clock.elapsed(), clock.elapsed()
    assert timedelta(0) <= second - first < timedelta(minutes=1)
    assert ClockSteps(clock).take() == timedelta(0)
