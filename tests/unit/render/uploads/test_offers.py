"""Offers to upload recordings, and what a channel is set to."""

import pytest

from bot import ids
from bot.errors import RecordingRefused
from bot.model.uploads import Attestation, ChannelUploads, OfferedFile, UploadMode
from bot.render.uploads import offers
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import buttons, check_message, shown
from tests.unit.render.uploads.samples import AT, CALL, offer

OTHER = OfferedFile("F2", "a<b>.wav", 900)


def test_an_offer_has_two_buttons() -> None:
    """It says which recording it is, what will happen, and what is needed."""
    payload = offers.offer_message(TEXTS, offer())
    check_message(payload)
    assert shown(payload) == (
        "Upload this recording to Kickscale?\n"
        "*acme.mp3* · 12 MB\n"
        "[Upload to Kickscale]\n"
        "[Dismiss]\n"
        "Nothing is uploaded until you've checked the details and confirmed that everyone on the recording has "
        "consented."
    )
    assert {name: (button["action_id"], button["value"]) for name, button in buttons(payload).items()} == {
        "Upload to Kickscale": (ids.UPLOAD, "o-1"),
        "Dismiss": (ids.DECLINE, "o-1"),
    }


def test_an_offer_names_every_recording() -> None:
    """One question for all files of a message."""
    lines = shown(offers.offer_message(TEXTS, offer(CALL, OTHER))).split("\n")
    assert lines[:3] == [
        "Upload these 2 recordings to Kickscale?",
        "• *acme.mp3* · 12 MB",
        "• *a&lt;b&gt;.wav* · 900 bytes",
    ]


def test_an_answered_offer_has_no_buttons() -> None:
    """It says who answered, and how."""
    for payload in (
        offers.declined_message(TEXTS, offer(), by="U2"),
        offers.accepted_message(TEXTS, (CALL, OTHER), by="U2"),
    ):
        check_message(payload)
        assert "<@U2>" in shown(payload)
        assert not buttons(payload)


def test_refusals_are_in_one_message() -> None:
    """One line for every file, and one for files that are refused for the same reason."""
    gone = RecordingRefused("gone", "acme.mp3")
    payload = offers.refused_message(TEXTS, gone, gone, RecordingRefused("empty", "b.wav"))
    check_message(payload)
    assert shown(payload).split("\n") == [
        "*acme.mp3* is no longer in Slack, so it can't be uploaded.",
        "*b.wav* is empty.",
    ]
    assert payload["blocks"][0]["block_id"] == ids.ERROR


@pytest.mark.parametrize("changed", [True, False])
@pytest.mark.parametrize("mode", UploadMode)
def test_a_channels_setting_is_shown(mode: UploadMode, changed: bool) -> None:
    """And who attested for it, if recordings are uploaded without asking."""
    attestation = Attestation("U1", AT) if mode is UploadMode.AUTO else None
    payload = offers.channel_message(TEXTS, ChannelUploads("C1", mode, attestation), changed=changed)
    check_message(payload)
    assert (" now " in shown(payload)) is changed
    assert ("<@U1> confirmed" in shown(payload)) is (mode is UploadMode.AUTO)


def test_an_obstacle_is_explained_with_its_remedy() -> None:
    """E.g. a message without a recording."""
    payload = offers.nothing_message(TEXTS)
    check_message(payload)
    assert payload["blocks"][0]["block_id"] == ids.ERROR
