"""The modal with the link to a recording."""

from datetime import timedelta

import pytest

from bot.errors import GoneError
from bot.render.conversations.recording import recording_view
from tests.clock import MONDAY_MORNING
from tests.unit.render.samples import TEXTS, conversation
from tests.unit.render.slack_rules import buttons, check_view, shown


def test_a_recording_link_says_how_long_it_works() -> None:
    """Two days from the click, for one person."""
    payload = recording_view(TEXTS, conversation(), asked_at=MONDAY_MORNING)
    check_view(payload)
    ends = int((MONDAY_MORNING + timedelta(days=2)).timestamp())
    assert f"expires on <!date^{ends}^{{date_long}}, {{time}}|Wed, 25 Nov 2026, 08:30 UTC>." in shown(payload)
    assert "Only you can see this" in shown(payload)
    assert buttons(payload)["Open recording"]["url"] == "https://recordings.example.com/1?sig=abc"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"recording_url": ""}, "recording"),
        ({"recording_url": "ftp://recordings.example.com/1"}, "recording"),
        ({"recording_url": "https://recordings.example.com/" + "x" * 3_000}, "recording"),
    ],
)
def test_without_a_usable_link_there_is_an_error(changes: dict[str, str], what: str) -> None:
    """No recording, no web address, or one that is too long."""
    with pytest.raises(GoneError) as raised:
        recording_view(TEXTS, conversation(**changes), asked_at=MONDAY_MORNING)
    assert raised.value.what == what
