"""Time zones as people name them."""

from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tools.timezones import canonical, zone_or_default
from bot.tools.zone_names import is_fixed, zone_named, zone_near
from tests.clock import MONDAY_MORNING

NAMES = st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"}))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Europe/Kyiv", "Europe/Kyiv"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("europe/kiev", "Europe/Kyiv"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("US/Eastern", "America/New_York"),
        ("Etc/UTC", "UTC"),
        ("utc", "UTC"),
        ("GMT", "GMT"),
        ("Etc/GMT+2", "Etc/GMT+2"),
        ("Europe/Amsterdam", "Europe/Amsterdam"),  # since 2022 a link to Europe/Brussels
        ("Africa/Accra", "Africa/Accra"),
        ("EST", None),
        ("mst", None),
        ("HST", None),
        ("PST", None),
        ("Berlin", None),
    ],
)
def test_a_zone_has_one_name(text: str, name: str | None) -> None:
    """Today's. Each country keeps its own, and names whose zone surprisingly has no summer time are refused."""
    assert zone_named(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EST", "America/New_York"),
        ("mst", "America/Denver"),
        ("HST", "Pacific/Honolulu"),
        ("PDT", "America/Los_Angeles"),
        ("CEST", "Europe/Berlin"),
        ("Kiev", "Europe/Kyiv"),
        ("Berlin", "Europe/Berlin"),
        ("GMT+2", None),
    ],
)
def test_a_zone_or_default_a_place_is_suggested(text: str, name: str | None) -> None:
    """For an abbreviation, where most people who use it live."""
    assert zone_near(text) == name


@given(NAMES)
def test_another_name_is_the_same_time(name: str) -> None:
    """Whatever the name, the clock there shows the same; a canonical one has no other; nothing leads to EST."""
    for at in (MONDAY_MORNING, MONDAY_MORNING.replace(month=7)):
        assert at.astimezone(ZoneInfo(canonical(name))).utcoffset() == at.astimezone(ZoneInfo(name)).utcoffset()
    assert canonical(canonical(name)) == canonical(name)
    assert is_fixed(name) == (zone_named(name) is None)
    assert not is_fixed(zone_near(name) or "")


def test_slacks_old_names_are_not_kept() -> None:
    """A profile may still say Asia/Calcutta."""
    assert zone_or_default("Asia/Calcutta", "UTC").key == "Asia/Kolkata"
