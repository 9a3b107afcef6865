"""Recordings on their way to Kickscale: offers, the form, and the one message of an upload."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import ids
from bot.errors import RecordingRefused
from bot.forms.upload import Prefill, ask
from bot.kickscale.binding import operations
from bot.kickscale.binding.operations import Field
from bot.model.conversation import Conversation
from bot.model.upload_form import CommonDetails, RecordingDetails
from bot.model.uploads import (
    Attestation,
    ChannelUploads,
    Failure,
    Offer,
    OfferedFile,
    Progress,
    Upload,
    UploadMode,
    UploadState,
)
from bot.render.kit import files
from bot.render.uploads import offers
from bot.render.uploads.form import auto_form_view, form_errors, form_view
from bot.render.uploads.progress import known_message, pressed_message, upload_message, uploads_status_message
from tests.unit.render import samples
from tests.unit.render.samples import TEXTS, conversation
from tests.unit.render.slack_rules import Payload, buttons, check_message, check_view, shown

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
MOMENT = f"<!date^{int(AT.timestamp())}^{{date_long}}, {{time}}|Mon, 23 Nov 2026, 08:30 UTC>"
SOON = MOMENT.replace("{date_long}, ", "{date_long_pretty} at ")
CONFIRMED = f"<@U1> confirmed everyone's consent ({MOMENT})."
CALL = OfferedFile("F1", "acme.mp3", 12_345_678)
OTHER = OfferedFile("F2", "a<b>.wav", 900)


def offer(*shared: OfferedFile) -> Offer:
    return Offer("o-1", "C1", "1.1", "1.1", "U1", "", shared or (CALL,), AT)


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


# ---- offers --------------------------------------------------------------------------------------------------------


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


# ---- the form ------------------------------------------------------------------------------------------------------

OPERATION = operations.Upload(
    "/calls",
    fields=(
        Field("name", required=True),
        Field("date", required=True, format="date-time"),
        Field("direction", enum=("inbound", "outbound", "internal_transfer")),
        Field("userEmail"),
        Field("isInternal", "boolean"),
        Field("crmDealId", description="The deal's id in the <CRM>"),
    ),
)


def test_the_form_is_filled_in_and_asks_for_the_attestation() -> None:
    """Labels that a rep understands, the API's own words for fields that only it knows."""
    known = RecordingDetails(CALL, "Call with Acme", AT)
    view = form_view(
        TEXTS, ask(Prefill("o-1", (known,), OPERATION, CommonDetails("", "inbound", "U1", "robin@example.com")))
    )
    check_view(view)
    assert (view["callback_id"], view["private_metadata"]) == (ids.UPLOAD_FORM, f"o-1:{CALL.id}")
    assert shown(view) == (
        "*acme.mp3* · 12 MB\n"
        "Call name\n"
        "> Call with Acme\n"
        "Start time\n"
        f"> {int(AT.timestamp())}\n"
        "In your time zone\n"
        "Direction\n"
        "(x) Inbound: the customer called\n"
        "( ) Outbound: we called\n"
        "( ) internal_transfer\n"
        "Rep\n"
        "> U1\n"
        "Is internal\n"
        "( ) Yes\n"
        "( ) No\n"
        "Crm deal id\n"
        "> \n"
        "The deal's id in the &lt;CRM&gt;\n"
        "Consent\n"
        "[ ] Everyone on this recording has consented\n"
        "By ticking this you confirm that everyone who can be heard or seen on the recording has consented to being "
        "recorded, and to the recording being sent to Kickscale, stored there and analysed there (transcript, summary, "
        "metrics on how each person speaks). If even one person hasn't consented, don't upload it. Your name and the "
        "time are stored with this and shown in the thread."
    )


def test_only_what_the_api_requires_has_to_be_filled_in() -> None:
    """And the attestation."""
    view = form_view(TEXTS, ask(Prefill("o-1", (RecordingDetails(CALL),), OPERATION, CommonDetails())))
    required = [block["block_id"] for block in view["blocks"] if block.get("optional") is False]
    assert required == ["f0:name", "f0:date", "attestation"]


def test_a_form_of_ten_recordings_fits() -> None:
    """Each under its own name, then what is asked once for all, and one attestation."""
    view = form_view(TEXTS, ask(Prefill("o-1", (RecordingDetails(CALL),) * 10, OPERATION, CommonDetails())))
    check_view(view)
    text = shown(view)
    assert text.count("*acme.mp3* · 12 MB") == 10
    assert text.count("Rep") == 1
    assert "*For all 10 recordings*" in text
    assert "[ ] Everyone on each of the 10 recordings has consented" in text


def test_two_fields_with_the_same_meaning_keep_their_own_names() -> None:
    """Otherwise nobody could tell them apart."""
    operation = operations.Upload("/calls", fields=(Field("title"), Field("name")))
    lines = shown(form_view(TEXTS, ask(Prefill("o-1", (RecordingDetails(CALL),), operation, CommonDetails())))).split(
        "\n"
    )
    assert lines[1::2][:2] == ["Title", "Name"]


def test_the_attestation_stays_if_there_are_too_many_fields() -> None:
    """Optional ones go first."""
    operation = operations.Upload("/calls", fields=tuple(Field(f"note{number}") for number in range(150)))
    view = form_view(TEXTS, ask(Prefill("o-1", (RecordingDetails(CALL),), operation, CommonDetails())))
    check_view(view)
    assert view["blocks"][-1]["block_id"] == ids.ATTESTATION


def test_the_attestation_for_a_channel_has_its_own_form() -> None:
    """It says what the check box means before it is ticked."""
    view = auto_form_view(TEXTS, "C1")
    check_view(view)
    assert (view["callback_id"], view["private_metadata"]) == (ids.UPLOAD_AUTO, "C1")
    assert "<#C1>" in shown(view)
    assert "[ ] Everyone on every recording shared in this channel has consented" in shown(view)


def test_form_errors_are_sentences() -> None:
    """Beside the input that they are about."""
    assert form_errors(TEXTS, {"attestation": "attestation", "f0:name": "required"}) == {
        "attestation": "Please confirm consent before uploading.",
        "f0:name": "Required by Kickscale.",
    }


# ---- the message of an upload --------------------------------------------------------------------------------------


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


# ---- whatever could come instead -----------------------------------------------------------------------------------

hostile = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
sizes = st.integers(0, 2**62)
users = st.just("U1") | samples.texts
moments = st.datetimes(timezones=st.just(UTC))
offered = st.builds(OfferedFile, st.just("F1"), samples.texts, sizes)
attestations = st.builds(Attestation, users, moments)
uploads = st.builds(
    Upload,
    id=st.integers(1, 2**62),
    source=samples.texts,
    name=samples.texts,
    size=sizes,
    fields=st.just({}),
    external_id=samples.texts,
    attestation=attestations,
    created_at=moments,
    state=st.sampled_from(UploadState),
    call=samples.texts,
    failure=st.none()
    | st.builds(
        Failure.of,
        st.sampled_from(("rejected", "gone", "too_large", "format", "redirected", "")) | samples.texts,
        samples.texts | st.just("9" * 400),
    ),
    is_unanalysed=st.booleans(),
    cancelled_by=users,
)
progresses = st.builds(
    Progress,
    sent=sizes,
    size=sizes,
    rate=st.none() | st.floats(),
    left=st.none() | st.floats(),
    place=st.integers(-1, 10**9),
    step=st.sampled_from(("queued", "checking", "sending", "asking", "retrying")),
    again_at=samples.moments,
    why=st.just("unavailable") | samples.texts,
)


@hostile
@given(uploads, st.none() | progresses, st.none() | samples.conversations, st.none() | uploads, samples.templates)
def test_an_upload_keeps_slacks_limits(
    upload_: Upload, progress: Progress | None, call: Conversation | None, first: Upload | None, template: str
) -> None:
    """Whatever the file is called and whatever the API says."""
    check_message(upload_message(TEXTS, upload_, progress, call, first, link_template=template))
    check_message(known_message(TEXTS, upload_))


@hostile
@given(st.lists(offered, min_size=1, max_size=12), st.lists(uploads, max_size=30), users)
def test_offers_and_status_keep_slacks_limits(shared: list[OfferedFile], several: list[Upload], by: str) -> None:
    """Many files, and long names."""
    check_message(offers.offer_message(TEXTS, offer(*shared)))
    check_message(offers.declined_message(TEXTS, offer(*shared), by=by))
    check_message(uploads_status_message(TEXTS, ChannelUploads("C1"), several, {}))


@hostile
@given(
    st.lists(
        st.builds(RecordingDetails, offered, samples.texts, samples.moments, st.none() | st.floats()),
        min_size=1,
        max_size=10,
    ),
    st.builds(CommonDetails, samples.texts, samples.texts, st.just("U1"), samples.texts, samples.texts, samples.texts),
    st.lists(
        st.builds(
            Field,
            st.sampled_from(("name", "date", "duration", "domain", "userEmail", "direction", "language"))
            | samples.texts,
            st.sampled_from(("string", "integer", "boolean", "array")),
            st.booleans(),
            samples.texts,
            st.lists(samples.texts, max_size=4).map(tuple),
            st.sampled_from(("", "date-time")),
        ),
        unique_by=lambda field: field.name,
        max_size=12,
    ),
)
def test_a_form_keeps_slacks_limits(known: list[RecordingDetails], shared: CommonDetails, asked: list[Field]) -> None:
    """Whatever the document calls its fields and options, and whatever the recordings are called."""
    operation = operations.Upload("/calls", fields=tuple(asked))
    check_view(form_view(TEXTS, ask(Prefill("o-1", tuple(known), operation, shared))))
