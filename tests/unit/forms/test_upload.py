"""What is asked before recordings are uploaded, and what is made of the answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import ids
from bot.forms.upload import Prefill, ask, duration_text, entered_of, people, read, seconds_of, unasked
from bot.kickscale.binding.operations import Field, Upload
from bot.kickscale.uploading.fields import Meaning, problem
from bot.model.upload_form import YES, CommonDetails, Errors, Question, RecordingDetails, Values, Widget
from bot.model.uploads import OfferedFile
from bot.texts import texts_in
from bot.texts.languages import DEFAULT

BEGAN = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
TYPICAL = Upload(
    "/calls",
    fields=(
        Field("direction", enum=("INBOUND", "OUTBOUND")),
        Field("name", required=True),
        Field("date", required=True, format="date-time"),
        Field("duration", "integer"),
        Field("customerDomains", "array"),
        Field("userEmail", format="email"),
        Field("isInternal", "boolean"),
        Field("dealId"),
        Field("externalCallId"),
    ),
)
KNOWN = RecordingDetails(OfferedFile("F1", "call.mp3", 12), "Call with Acme", BEGAN, 612.4)
SHARED = CommonDetails("acme.com", "inbound", "U1", "robin@example.com")
TICKED = {ids.ATTESTATION: YES}


def form(*recordings: RecordingDetails, operation: Upload = TYPICAL, shared: CommonDetails = SHARED) -> Prefill:
    return Prefill("o-1", recordings or (KNOWN,), operation, shared)


def inputs(prefill: Prefill) -> tuple[Question, ...]:
    return ask(prefill).questions


def untouched(prefill: Prefill) -> tuple[Values, Errors]:
    return unasked(prefill.operation, prefill.recordings, prefill.common)


def reading(field: Field, text: str, **emails: str) -> tuple[str | None, str | None]:
    """Return the value of one field after `text` was entered, and the error."""
    asked = inputs(form(operation=Upload("/calls", fields=(field,))))[0]
    (values,), errors = read(Upload("/calls", fields=(field,)), 1, TICKED | {asked.block_id: text}, emails)
    return values.get(field.name), errors.get(asked.block_id)


def test_the_form_follows_the_operation() -> None:
    """Some fields are asked for each recording, some once, and ids that nobody knows by heart aren't asked for."""
    asked = {question.block_id: (question.widget, question.initial) for question in inputs(form())}
    assert asked == {
        "f0:name": (Widget.TEXT, "Call with Acme"),
        "f0:date": (Widget.MOMENT, str(int(BEGAN.timestamp()))),
        "f0:duration": (Widget.DURATION, "10:12"),
        "s:direction": (Widget.CHOICE, "INBOUND"),
        "s:customerDomains": (Widget.TEXT, "acme.com"),
        "s:userEmail": (Widget.PERSON, "U1"),
        "s:isInternal": (Widget.YES_NO, ""),
        "s:dealId": (Widget.TEXT, ""),
    }


def test_several_recordings_share_what_is_the_same() -> None:
    """The customer is asked for once, and the name for each call."""
    asked = inputs(form(KNOWN, KNOWN))
    assert [question.file_index for question in asked if question.meaning is Meaning.NAME] == [0, 1]
    assert [question.block_id for question in asked if question.meaning is Meaning.DOMAIN] == ["s:customerDomains"]


def test_unknown_details_stay_empty() -> None:
    """Nothing is made up."""
    asked = inputs(form(RecordingDetails(OfferedFile("F1", "call.mp3", 12)), shared=CommonDetails(rep="U1")))
    assert {question.initial for question in asked} == {""}


def test_what_was_entered_becomes_the_fields() -> None:
    """Each recording has its own values and the common ones."""
    entered = {
        "f0:name": " First ",
        "f1:name": "Second",
        "f0:date": "1795440600",
        "f1:date": "1795444200",
        "f1:duration": "1:02:03",
        "s:customerDomains": "https://www.ACME.com/, sophie@example.com",
        "s:userEmail": "U2",
        "s:isInternal": "no",
        **TICKED,
    }
    shared = {"customerDomains": "acme.com,example.com", "userEmail": "robin@example.com", "isInternal": "no"}
    assert read(TYPICAL, 2, entered, {"U2": "robin@example.com"}) == (
        (
            {"name": "First", "date": "2026-11-23T13:30:00Z", **shared},
            {"name": "Second", "date": "2026-11-23T14:30:00Z", "duration": "3723", **shared},
        ),
        {},
    )


def test_nothing_is_uploaded_without_the_attestation() -> None:
    """An empty check box is an error, and so is a missing one."""
    assert read(Upload("/calls"), 1, {ids.ATTESTATION: ""}, {}) == (({},), {"attestation": "attestation"})
    assert read(Upload("/calls"), 1, {}, {})[1] == {"attestation": "attestation"}


@pytest.mark.parametrize(
    ("field", "text", "error"),
    [
        (Field("name", required=True), " ", "required"),
        (Field("date"), "yesterday", "date"),
        (Field("duration"), "long", "duration"),
        (Field("duration"), "0", "duration"),
        (Field("customerDomain"), "acme", "domain"),
        (Field("customerDomains", "array"), "acme.com, *.example.com", "domain"),
        (Field("userEmail"), "U3", "person_email"),
        (Field("direction", enum=("INBOUND",)), "sideways", "enum"),
        (Field("score", "integer"), "4.5", "whole_number"),
        (Field("score", "number"), "many", "number"),
        (Field("score", "number"), "4,500", "number"),
        (Field("score", "number"), "4,5,6", "number"),
        (Field("dealId"), "", None),
    ],
)
def test_impossible_answers_are_reported_at_their_field(field: Field, text: str, error: str | None) -> None:
    """Below the input."""
    assert reading(field, text) == (None, error)


@pytest.mark.parametrize(("text", "number"), [("4,5", "4.5"), ("-0,25", "-0.25"), ("4.5", "4.5"), ("12", "12")])
def test_a_decimal_comma_is_understood(text: str, number: str) -> None:
    """As Germans write it, whatever the reader's language."""
    assert reading(Field("score", "number"), text) == (number, None)


def test_two_customers_do_not_fit_a_field_for_one() -> None:
    """A field that isn't a list accepts one domain."""
    assert reading(Field("customerDomain"), "acme.com example.com") == (None, "domain")
    assert reading(Field("customerDomain"), "sophie@acme.com") == ("acme.com", None)


def test_people_are_known_by_their_address() -> None:
    """`people` returns who was picked, so that their addresses can be looked up."""
    assert people(TYPICAL, {"s:userEmail": "U2"}) == ("U2",)
    assert people(TYPICAL, {"s:userEmail": ""}) == ()
    assert reading(Field("userEmail"), "U2", U2="kim@example.com") == ("kim@example.com", None)


def test_a_channel_that_was_attested_for_needs_no_form() -> None:
    """The fields get what is known."""
    assert untouched(form()) == (
        (
            {
                "name": "Call with Acme",
                "date": "2026-11-20T13:30:00Z",
                "duration": "612",
                "direction": "INBOUND",
                "customerDomains": "acme.com",
                "userEmail": "robin@example.com",
            },
        ),
        {},
    )


def test_what_only_a_person_knows_is_missing_without_one() -> None:
    """A required field about which nothing is known."""
    operation = Upload("/calls", fields=(Field("customerDomain", required=True),))
    assert untouched(form(operation=operation, shared=CommonDetails()))[1] == {"s:customerDomain": "required"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10:00", 600),
        ("0:07", 7),
        ("75:30", 4530),
        ("1:02:03", 3723),
        ("42", 2520),
        ("42 min", 2520),
        ("1.5", 90),
        ("1,5", 90),
        ("", None),
        ("0", None),
        ("1:60", None),
        ("1:60:00", None),
        ("99:59:60", None),
        ("-5", None),
        ("1e3", None),
        ("٣", None),
        ("9999", None),
    ],
)
def test_lengths_are_read_as_people_write_them(text: str, seconds: int | None) -> None:
    """With colons as on a player, or as minutes."""
    assert seconds_of(text) == seconds


@given(st.integers(1, 359_998))
def test_a_length_is_read_as_it_was_written(seconds: int) -> None:
    """The form's initial text means what it says."""
    assert seconds_of(duration_text(seconds)) == seconds


@pytest.mark.parametrize("seconds", [None, 0, -1, 0.2, float("nan"), float("inf"), 1e9])
def test_a_length_that_cannot_be_is_not_shown(seconds: float | None) -> None:
    """Recordings have broken headers."""
    assert duration_text(seconds) == ""


@pytest.mark.parametrize(
    ("options", "language", "chosen"),
    [
        (("DE", "EN"), "de", "DE"),
        (("de-DE", "en-GB"), "de", "de-DE"),
        (("de_AT", "de"), "de", "de"),
        (("de", "en"), "en-US", "en"),
        (("de", "en"), "fr", ""),
        (("de", "en"), "", ""),
    ],
)
def test_a_language_is_found_among_the_options(options: tuple[str, ...], language: str, chosen: str) -> None:
    """As the API writes it."""
    operation = Upload("/calls", fields=(Field("language", enum=options),))
    assert inputs(form(operation=operation, shared=CommonDetails(language=language)))[0].initial == chosen


def test_a_menu_that_slack_would_refuse_is_typed_instead() -> None:
    """It has over a hundred options, one that is too long, or one that would come back without its blanks."""
    for enum in (tuple(map(str, range(101))), ("x" * 76,), ("",), (" a",)):
        asked = inputs(form(operation=Upload("/calls", fields=(Field("team", enum=enum),))))
        assert asked[0].widget is Widget.TEXT


def test_slacks_view_state_is_read() -> None:
    """Each kind of input, filled in and left empty."""
    state: dict[str, Any] = {
        "text": {"text": {"type": "plain_text_input", "value": "Acme"}},
        "moment": {"moment": {"type": "datetimepicker", "selected_date_time": 1795440600}},
        "person": {"person": {"type": "users_select", "selected_user": "U1"}},
        "choice": {"choice": {"type": "static_select", "selected_option": {"text": {}, "value": "INBOUND"}}},
        "attestation": {"attestation": {"type": "checkboxes", "selected_options": [{"value": "yes"}]}},
        "no_text": {"text": {"type": "plain_text_input", "value": None}},
        "no_moment": {"moment": {"type": "datetimepicker", "selected_date_time": None}},
        "no_person": {"person": {"type": "users_select", "selected_user": None}},
        "no_choice": {"choice": {"type": "static_select", "selected_option": None}},
        "no_tick": {"attestation": {"type": "checkboxes", "selected_options": []}},
    }
    assert entered_of(state) == {
        "text": "Acme",
        "moment": "1795440600",
        "person": "U1",
        "choice": "INBOUND",
        "attestation": "yes",
        **dict.fromkeys(("no_text", "no_moment", "no_person", "no_choice", "no_tick"), ""),
    }


names = st.sampled_from(
    ("name", "date", "durationMs", "customerDomain", "domains", "userEmail", "userId", "caller", "direction", "note")
)
operations = st.builds(
    lambda fields: Upload("/calls", fields=tuple(fields)),
    st.lists(
        st.builds(
            Field,
            names | st.text(max_size=120),
            st.sampled_from(("string", "integer", "number", "boolean", "array", "object", "?")),
            st.booleans(),
            st.text(max_size=20),
            st.lists(st.text(max_size=80), max_size=3).map(tuple),
            st.sampled_from(("", "date", "date-time", "email", "uuid")),
        ),
        unique_by=lambda field: field.name,
        max_size=8,
    ),
)
answers = st.text(max_size=20) | st.sampled_from(
    ("1795440600", "99999999999", "U1", "42", "acme.com", "yes", "9" * 5000)
)


@settings(deadline=None)
@given(operations, st.data())
def test_whatever_is_entered_is_accepted_or_reported(operation: Upload, data: st.DataObject) -> None:
    """No answer crashes it, every error has its sentence, and every value is one that its field accepts."""
    texts = texts_in(DEFAULT)
    asked = inputs(form(KNOWN, KNOWN, operation=operation))
    entered = {question.block_id: data.draw(answers) for question in asked}
    values, errors = read(operation, 2, entered | TICKED, {"U1": "robin@example.com"})
    assert set(errors) <= {question.block_id for question in asked}
    assert all(texts(f"upload.form.error.{key}") for key in errors.values())
    by_name = {field.name: field for field in operation.fields}
    assert not any(
        problem(by_name[name], value) for recording_values in values for name, value in recording_values.items()
    )


@settings(deadline=None)
@given(operations)
def test_what_the_form_contains_at_first_is_right(operation: Upload) -> None:
    """What the bot fills in is never refused; fields that it can't know may be missing."""
    assert set(untouched(form(operation=operation))[1].values()) <= {"required"}
