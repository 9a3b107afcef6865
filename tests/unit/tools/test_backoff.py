"""Pauses that grow."""

from hypothesis import given
from hypothesis import strategies as st

from bot.tools.backoff import Backoff


def test_each_pause_is_longer_up_to_a_limit() -> None:
    """Twice the one before, unless said otherwise."""
    assert [Backoff(30, longest=900).pause(attempt) for attempt in range(1, 8)] == [30, 60, 120, 240, 480, 900, 900]


@given(st.floats(0.1, 60), st.floats(1, 3), st.floats(60, 1e5), st.integers(1, 10**9))
def test_no_number_of_attempts_breaks_it(first: float, factor: float, longest: float, attempt: int) -> None:
    """A job may be tried for months."""
    assert first <= Backoff(first, factor, longest).pause(attempt) <= longest
