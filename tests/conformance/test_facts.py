"""Facts: any JSON value under a name."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=8,
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones())  # noqa: DTZ001 by timezones


async def test_the_last_value_of_a_fact_counts(stores: Stores) -> None:
    """A fact is overwritten, together with its moment; an unknown one is None."""
    assert await stores.facts.get("binding") is None
    await stores.facts.set("binding", {"filter": "customerDomain"}, NOW)
    east = NOW.astimezone(timezone(timedelta(hours=9))) + timedelta(seconds=1)
    await stores.facts.set("binding", None, east)
    assert await stores.facts.get("binding") == (None, NOW + timedelta(seconds=1))


@given(value=JSON, moment=MOMENTS)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_json_and_any_moment_come_back(stores: Stores, value: Any, moment: datetime) -> None:
    """Half a surrogate pair, a NUL, a number beyond 64 bits, the second hour of two: nothing is lost or refused."""
    await stores.facts.set("any", value, moment)
    # In UTC: Python calls a moment in the hour that comes twice equal to none of another zone's.
    assert await stores.facts.get("any") == (value, moment.astimezone(UTC))
