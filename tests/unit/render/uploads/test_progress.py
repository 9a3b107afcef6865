"""An upload's message, from the queue to the summary."""

import re
from typing import Any

import pytest

from bot import ids
from bot.model.uploads import Attestation, ChannelUploads, Failure, Progress, Upload, UploadMode, UploadState
from bot.render.kit import files
from bot.render.uploads.progress import known_message, pressed_message, upload_message, uploads_status_message
from tests.unit.render import samples
from tests.unit.render.samples import TEXTS, conversation
from tests.unit.render.slack_rules import Payload, buttons, check_message, shown
from tests.unit.render.uploads.samples import AT

MOMENT = f"<!date^{int(AT.timestamp())}^{{date_long}}, {{time}}|Mon, 23 Nov 2026, 08:30 UTC>"
SOON = MOMENT.replace("{date_long}, ", "{date_long_pretty} at ")
CONFIRMED = f"<@U1> confirmed everyone's consent ({MOMENT})."


def upload(state: UploadState = UploadState.QUEUED, **changes: Any) -> Upload:
    values: dict[str, Any] = {
        "id": 7,
        "source": "F1",
        "name": "acme.mp3",
        "size": 456_000_000,
        "fields": {},
        "external_id": "x",
        "attestation": Attestation("U1", AT),
        "created_at": AT,
        "state": state,
    }
    return Upload(**{**values, **changes})


def read_checked(payload: Payload) -> str:
    """What can be read, checked against Slack's rules, without the line about the attestation."""
    check_message(payload)
    *lines, last = shown(payload).split("\n")
    assert last == CONFIRMED
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("state", "progress", "lines"),
    [
        (UploadState.QUEUED, Progress(place=2), ["*acme.mp3* is waiting to be uploaded", "Number 2 in the queue"]),
        (UploadState.QUEUED, None, ["*acme.mp3* is waiting to be uploaded", "Starting in a moment"]),
        (UploadState.QUEUED, Progress(step="checking"), ["Checking *acme.mp3* before"]),
        (
            UploadState.SENDING,
            Progress(123_000_000, 456_000_000, 12_300_000, 27.1, step="sending"),
            ["Uploading *acme.mp3* to Kickscale…", "▓▓░░░░░░░░ 26% · 123 of 456 MB · 12 MB/s · under a minute left"],
        ),
        (
            UploadState.SENDING,
            Progress(900_000_000, 1_800_000_000, 1_500_000, 600, step="sending"),
            ["Uploading *acme.mp3* to Kickscale…", "▓▓▓▓▓░░░░░ 50% · 0.9 of 1.8 GB · 1.5 MB/s · 10 min left"],
        ),
        (UploadState.SENDING, None, ["Uploading *acme.mp3* to Kickscale…", "░░░░░░░░░░ 0% · 0 of 456 MB"]),
        (
            UploadState.QUEUED,
            Progress(step="retrying", again_at=AT, why="slack_unavailable"),
            [
                "*acme.mp3* hasn't been uploaded yet: Slack isn't providing",
                f"I'll try again {SOON}.",
            ],
        ),
        (
            UploadState.QUEUED,
            Progress(step="retrying", again_at=AT),
            ["*acme.mp3* hasn't been uploaded yet: there's a problem", f"I'll try again {SOON}."],
        ),
        (
            UploadState.QUEUED,
            Progress(step="checking", again_at=AT),
            ["*acme.mp3* is waiting for another upload", f"I'll try again {SOON}."],
        ),
        (
            UploadState.QUEUED,
            Progress(45_600_000, 456_000_000, step="checking"),
            ["Checking *acme.mp3* before", "▓░░░░░░░░░ 10% · 46 of 456 MB"],
        ),
        (
            UploadState.SENDING,
            Progress(step="asking"),
            ["The connection dropped while I was uploading *acme.mp3*", "I'll try again soon."],
        ),
    ],
)
def test_an_upload_under_way_can_be_cancelled(state: UploadState, progress: Progress | None, lines: list[str]) -> None:
    """Its state as a sentence, its progress, and *Cancel*."""
    payload = upload_message(TEXTS, upload(state), progress)
    *shown_lines, last = read_checked(payload).split("\n")
    assert last == "[Cancel]"
    assert len(shown_lines) == len(lines)
    assert all(line.startswith(start) for line, start in zip(shown_lines, lines, strict=True)), shown_lines
    assert buttons(payload)["Cancel"]["value"] == "7"


def test_an_analysed_recording_becomes_its_summary() -> None:
    """The card of the call, with its outcome and *Details*."""
    payload = upload_message(TEXTS, upload(UploadState.ANALYSED, call="c-1042"), None, conversation())
    assert read_checked(payload).split("\n") == [
        "*acme.mp3* has been analysed.",
        "📞 *Acme: pricing* →\u00a0*Next step agreed*",
        "[Details]",
        f"{samples.DATE}\u00a0· 42 min\u00a0· Robin Rep\u00a0· ↗\u00a0outbound\u00a0· acme.com",
        "Pricing was agreed on. The contract follows.",
        "Next step: the offer.",
    ]


def test_an_upload_has_details_once_its_call_is_known() -> None:
    """But not before."""
    for state in (UploadState.SENT, UploadState.ANALYSED):
        assert "[Details]" in read_checked(upload_message(TEXTS, upload(state, call="c-1")))
        assert "[Details]" not in read_checked(upload_message(TEXTS, upload(state)))
    waited = upload_message(TEXTS, upload(UploadState.SENT, call="c-1", is_unanalysed=True))
    assert "hasn't analysed it after 24 hours" in read_checked(waited)


def test_a_duplicate_leads_to_the_first_upload() -> None:
    """Who uploaded it, when and under what name, and *Details* of that call."""
    first = upload(UploadState.SENT, id=3, name="first.mp3", attestation=Attestation("U2", AT), call="c-1")
    payload = upload_message(TEXTS, upload(UploadState.DUPLICATE, same_as=3), first=first)
    assert read_checked(payload) == (
        f"*acme.mp3* is already in Kickscale. <@U2> uploaded the same recording as *first.mp3* ({MOMENT}).\n[Details]"
    )
    assert payload["blocks"][0]["accessory"]["value"] == "c-1"
    assert read_checked(upload_message(TEXTS, upload(UploadState.DUPLICATE))).startswith(
        "*acme.mp3* is already in Kickscale"
    )


def test_people_are_asked_if_it_is_unknown_whether_it_arrived() -> None:
    """With a button for each answer."""
    payload = upload_message(TEXTS, upload(UploadState.ASKING))
    assert read_checked(payload).startswith("I don't know whether *acme.mp3* arrived in Kickscale.")
    assert {name: (button["action_id"], button["value"]) for name, button in buttons(payload).items()} == {
        "It's there": (ids.UPLOAD_THERE, "7"),
        "Upload again": (ids.UPLOAD_AGAIN, "7"),
    }


def test_a_cancelled_upload_says_who_cancelled_it() -> None:
    """And how to upload it after all."""
    text = read_checked(upload_message(TEXTS, upload(UploadState.CANCELLED, cancelled_by="U2")))
    assert text.startswith("<@U2> cancelled the upload of *acme.mp3*.\n[Try again]")


@pytest.mark.parametrize(
    ("reason", "words", "sentence"),
    [
        ("rejected", "User has no `seat` <b>", "rejected it: `User has no ˋseatˋ &lt;b&gt;`"),
        ("rejected", "", "rejected it: no reason given"),
        ("too_large", "2000000000", "larger than the 2.0 GB limit"),
        ("format", "mp3, wav", "Supported formats: mp3, wav."),
        ("unavailable", "", "Kickscale was unavailable for too long."),
        ("slack", "missing_scope", "(`missing_scope`). Ask your Kickscale bot admin to run `kickscale-bot doctor`"),
        ("gone", "", "*acme.mp3* is no longer in Slack"),
        ("redirected", "evilslack.com", "to evilslack.com, which isn't one of Slack's own hosts"),
        ("unexpected", "ab12", "this reference: `ab12`"),
        ("unheard of", "ab12", "Something went wrong on my side."),
    ],
)
def test_a_failure_says_why(reason: str, words: str, sentence: str) -> None:
    """In the API's own words if there are any. They can't forge anything."""
    payload = upload_message(TEXTS, upload(UploadState.FAILED, failure=Failure.of(reason, words)))
    assert sentence in read_checked(payload)
    assert sentence in payload["text"]


def test_historical_recordings_name_the_person_as_text() -> None:
    """They were attested for outside Slack, so there is nobody to mention."""
    payload = upload_message(TEXTS, upload(attestation=Attestation("robin <x>", AT)))
    check_message(payload)
    assert "robin &lt;x&gt; confirmed" in shown(payload)


@pytest.mark.parametrize("state", UploadState)
def test_an_upload_requested_twice_leads_to_the_first(state: UploadState) -> None:
    """Whatever its state is by now, with *Details* if the call is there."""
    payload = known_message(TEXTS, upload(state, call="c-1"))
    check_message(payload)
    assert re.search(r"<@U1> .* as \*acme.mp3\*", shown(payload))
    there = state in (UploadState.SENT, UploadState.ANALYSED, UploadState.DUPLICATE)
    assert ("[Details]" in shown(payload)) is there


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_an_upload_requested_while_it_is_cancelled_says_so(*, is_elsewhere: bool) -> None:
    """It doesn't say that it is being uploaded."""
    first = upload(UploadState.SENDING, cancelled_by="U2")
    payload = known_message(TEXTS, first, is_elsewhere=is_elsewhere)
    check_message(payload)
    assert "is being cancelled" in shown(payload)
    assert "try again in a few minutes" in shown(payload)
    assert ("acme" in shown(payload)) is not is_elsewhere


@pytest.mark.parametrize("state", UploadState)
def test_an_upload_requested_elsewhere_reveals_neither_name_nor_person(state: UploadState) -> None:
    """People who read the answer there may not be allowed to know them."""
    payload = known_message(TEXTS, upload(state, call="c-1"), is_elsewhere=True)
    check_message(payload)
    assert "acme" not in shown(payload)
    assert "U1" not in shown(payload)


def test_a_button_pressed_too_late_says_so() -> None:
    """A finished upload can't be cancelled. Otherwise the upload's own message says it all."""
    late = pressed_message(TEXTS, upload(UploadState.SENT), ids.UPLOAD_CANCEL)
    assert late
    check_message(late)
    assert late["text"].startswith("It's too late to cancel. *acme.mp3* was uploaded.")
    assert pressed_message(TEXTS, upload(UploadState.CANCELLED), ids.UPLOAD_CANCEL) is None
    assert pressed_message(TEXTS, upload(UploadState.SENT), ids.UPLOAD_THERE) is None


def test_the_status_lists_the_latest_recordings() -> None:
    """How the channel is set, then a line on each: what became of it and why."""
    uploads = [upload(UploadState.QUEUED), upload(UploadState.FAILED, id=6, failure=Failure("empty"))]
    payload = uploads_status_message(TEXTS, ChannelUploads("C1", UploadMode.ON), uploads, {7: 2})
    check_message(payload)
    assert shown(payload).split("\n")[1:] == [
        "*Latest recordings*",
        f"*acme.mp3* · 456 MB · {MOMENT}",
        "Number 2 in the queue",
        f"*acme.mp3* · 456 MB · {MOMENT}",
        "Failed: *acme.mp3* is empty.",
    ]
    none = uploads_status_message(TEXTS, ChannelUploads("C1"), [], {})
    check_message(none)
    assert "No recordings from this channel have been uploaded yet." in shown(none)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (9_960, "10 kB"),
        (999_700, "1.0 MB"),
        (456_000_000, "456 MB"),
        (1_073_741_824, "1.1 GB"),
    ],
)
def test_sizes_are_easy_to_read(count: int, text: str) -> None:
    """Two or three digits, in the unit that Slack shows, too."""
    assert files.size(TEXTS, count) == text
