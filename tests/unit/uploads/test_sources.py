"""Which files claim to be recordings, by what Slack and their names say."""

import pytest

from bot.model.uploads import SlackFile
from bot.uploads.sources import claims_to_be_recording


@pytest.mark.parametrize(
    ("name", "mimetype", "claims"),
    [
        ("call", "audio/mpeg", True),
        ("call.xyz", "video/quicktime", True),
        ("call.MP3", "application/octet-stream", True),
        ("call.3ga", "", True),
        ("call.m4b", "", True),
        ("call.gsm", "binary/octet-stream", True),
        ("call.m2ts", "application/octet-stream", True),
        ("call.weba", "", True),
        ("notes.txt", "", False),
        ("offer.pdf", "application/octet-stream", False),
        ("call.dat", "", False),
        ("notes.mp3", "text/plain", False),
    ],
)
def test_what_slack_or_else_the_name_calls_a_recording_claims_to_be_one(name: str, mimetype: str, claims: bool) -> None:
    """The person who shared it is told why it can't be uploaded; about anything else, the bot says nothing."""
    assert claims_to_be_recording(SlackFile("F1", name, 1, mimetype)) is claims
