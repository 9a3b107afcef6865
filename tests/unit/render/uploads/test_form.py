"""The form of an upload."""

from bot import ids
from bot.forms.upload import Prefill, ask
from bot.kickscale.binding import operations
from bot.kickscale.binding.operations import Field
from bot.model.upload_form import CommonDetails, RecordingDetails
from bot.render.uploads.form import auto_form_view, form_errors, form_view
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import check_view, shown
from tests.unit.render.uploads.samples import AT, CALL

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
