"""Whether a reply below a recording names a command, or asks for the recording."""

import pytest

from bot.commands.naming import names_command


@pytest.mark.parametrize(
    "text",
    [
        "calls acme",
        "show me the calls with acme",
        "anrufe acme",
        "call c-1042",
        "uploads on",
        "turn uploads off",
        "help",
    ],
)
def test_a_reply_can_be_a_command(text: str) -> None:
    """In either language."""
    assert names_command(text)


@pytest.mark.parametrize(
    "text", ["", "please", "upload this call", "please log this call", "bitte hochladen", "diesen Anruf bitte", "yes!"]
)
def test_a_reply_that_names_no_command_asks_for_the_recording(text: str) -> None:
    """Even if it says that the recording is a call."""
    assert not names_command(text)
