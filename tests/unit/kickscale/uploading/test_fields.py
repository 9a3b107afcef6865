"""The fields of the upload: what they are for, who fills them in, and how values are sent."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kickscale.binding.operations import Field, Upload
from bot.kickscale.uploading.fields import AUTOMATIC, Meaning, asked, automatic, items, meaning, parts, problem, wire

FIELDS = st.builds(
    Field,
    name=st.sampled_from(["name", "date", "durationMs", "customerDomains", "userEmail", "userId", "size", "note", "x"])
    | st.text(max_size=20),
    type=st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null", "odd"]),
    required=st.booleans(),
    description=st.sampled_from(["", "in milliseconds", "in minutes", "Unix seconds", "read-only"]),
    enum=st.sampled_from([(), ("inbound", "outbound")]),
    format=st.sampled_from(["", "date", "date-time", "email", "uuid"]),
)


def upload(*fields: Field) -> Upload:
    return Upload("/calls", fields=fields)


@pytest.mark.parametrize(
    ("means", "names"),
    [
        (Meaning.NAME, "name title callName call_title subject recordingName"),
        (Meaning.DATE, "date startDate start_time startedAt startsAt callDate recordedAt timestamp dateTime"),
        (Meaning.DURATION, "duration durationInSeconds durationMs callDuration call_length"),
        (Meaning.DOMAIN, "customerDomains customerDomain domain external_domains companyDomain"),
        (Meaning.DIRECTION, "direction callDirection"),
        (Meaning.REP, "userEmail owner rep_email salesRep agentEmail hostEmail user assignedTo email"),
        (Meaning.REP_ID, "userId owner_id repId agentId"),
        (Meaning.CALLER, "caller callerNumber callerId from fromNumber from_phone_number"),
        (Meaning.CALLEE, "callee calleeNumber to toNumber calledNumber"),
        (Meaning.LANGUAGE, "language languageCode locale spokenLanguage"),
        (Meaning.EXTERNAL_ID, "externalCallId external_id externalReference idempotencyKey"),
        (Meaning.FILE_NAME, "fileName filename original_name originalFileName"),
        (Meaning.MEDIA_TYPE, "mimeType content_type mediaType"),
        (Meaning.SIZE, "size fileSize sizeInBytes contentLength"),
        (
            Meaning.OTHER,
            "notes type endDate createdAt customerName contactEmail callId clientId participantEmails crmReference",
        ),
    ],
)
def test_a_name_says_what_a_field_is_for(means: Meaning, names: str) -> None:
    """In whichever case it is written."""
    for name in names.split():
        assert meaning(Field(name)) is means, name


@pytest.mark.parametrize(
    ("field", "means"),
    [
        (Field("userId", format="email"), Meaning.REP),
        (Field("user", format="uuid"), Meaning.REP_ID),
        (Field("owner", "integer"), Meaning.REP_ID),
        (Field("date", "integer"), Meaning.DATE),
        (Field("duration", "number"), Meaning.DURATION),
        (Field("customerDomains", "array"), Meaning.DOMAIN),
        (Field("user", "object"), Meaning.OTHER),
        (Field("name", "object"), Meaning.OTHER),
        (Field("title", "boolean"), Meaning.OTHER),
        (Field("date", "object"), Meaning.OTHER),
    ],
)
def test_type_and_format_decide_if_the_name_has_two_meanings(field: Field, means: Meaning) -> None:
    """What a person can't type is for nothing that is known."""
    assert meaning(field) is means


def test_what_is_known_of_the_file_is_filled_in() -> None:
    """Nobody is asked for it."""
    operation = upload(
        Field("name"),
        Field("externalCallId"),
        Field("fileName"),
        Field("mimeType"),
        Field("fileSize", "integer"),
        Field("mediaType", enum=("audio", "video")),
        Field("contentType", enum=("image/png",)),
    )
    filled = automatic(operation, external_id="slack-F1", file_name="a.mp3", media_type="audio/mpeg", size=12)
    assert filled == {
        "externalCallId": "slack-F1",
        "fileName": "a.mp3",
        "mimeType": "audio/mpeg",
        "fileSize": "12",
        "mediaType": "audio",
    }
    assert [field.name for field in asked(operation)] == ["name"]


def test_the_required_ones_are_asked_for_first() -> None:
    """And otherwise in the document's order."""
    operation = upload(
        Field("language"), Field("date", required=True), Field("caller"), Field("name", required=True), Field("notes")
    )
    assert [field.name for field in asked(operation)] == ["date", "name", "language", "caller", "notes"]


def test_what_a_person_cannot_answer_is_asked_for_only_if_the_api_requires_it() -> None:
    """An object, what the API sets itself, and the rep's id if there is another field for the rep."""
    optional = (
        Field("crmReference", "object"),
        Field("id"),
        Field("clientId"),
        Field("createdAt"),
        Field("summary", description="Read-only."),
        Field("userEmail"),
        Field("userId"),
    )
    assert [field.name for field in asked(upload(*optional))] == ["userEmail"]
    assert [field.name for field in asked(upload(Field("userId")))] == ["userId"]
    required = tuple(Field(field.name, field.type, required=True) for field in optional)
    assert asked(upload(*required)) == required


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        (Field("name", required=True), " ", "required"),
        (Field("name"), "", None),
        (Field("name", required=True), "Call", None),
        (Field("tags", "array", required=True), " , ", "required"),
        (Field("tags", "array"), "a, b", None),
        (Field("count", "integer"), "1.5", "whole_number"),
        (Field("count", "integer"), "-15", None),
        (Field("count", "integer"), "٣", "whole_number"),
        (Field("score", "number"), "1e400", "number"),
        (Field("score", "number"), "1.5", None),
        (Field("duration"), "10:00", "whole_number"),
        (Field("duration"), "600", None),
        (Field("date"), "yesterday", "date"),
        (Field("date"), "2026-11-20T13:30:00Z", None),
        (Field("due", format="date"), "2026-13-01", "date"),
        (Field("direction", enum=("in", "out")), "inbound", "enum"),
        (Field("direction", enum=("in", "out")), "in", None),
        (Field("customerDomains", "array"), "acme.com, nowhere", "domain"),
        (Field("customerDomain"), "*.acme.com", "domain"),
        (Field("customerDomains", "array"), "https://www.acme.com; example.com", None),
        (Field("userEmail"), "Ada", "email"),
        (Field("userEmail"), "ada@acme.com", None),
        (Field("user"), "Ada", None),
        (Field("contactEmails", "array"), "ada@acme.com", None),
        (Field("isInternal", "boolean"), "maybe", "yes_no"),
        (Field("isInternal", "boolean"), "Yes", None),
    ],
)
def test_a_value_that_the_field_cannot_take_has_a_reason(field: Field, value: str, key: str | None) -> None:
    """A key of the text catalogue."""
    assert problem(field, value) == key


@pytest.mark.parametrize(
    ("field", "value", "typed"),
    [
        (Field("name"), " Two\nlines ", "Two\nlines"),
        (Field("notes"), " Two\nlines ", " Two\nlines "),
        (Field("count", "integer"), "7", 7),
        (Field("score", "number"), "1.50", 1.5),
        (Field("isInternal", "boolean"), "yes", True),
        (Field("isInternal", "boolean"), "no", False),
        (Field("customerDomains", "array"), "https://www.Acme.com, example.com", ["acme.com", "example.com"]),
        (Field("customerDomain"), "www.acme.com", "acme.com"),
        (Field("duration", "integer"), "600", 600),
        (Field("duration"), "600", "600"),
        (Field("durationMs", "integer"), "600", 600_000),
        (Field("duration", "integer", description="Duration in milliseconds"), "600", 600_000),
        (Field("durationMinutes", "integer"), "601", 11),
        (Field("durationMinutes", "number"), "630", 10.5),
        (Field("date"), "2026-11-20T13:30:00Z", "2026-11-20T13:30:00Z"),
        (Field("date", format="date"), "2026-11-20T23:30:00-05:00", "2026-11-21"),
        (Field("date", "integer"), "2026-11-20T13:30:00Z", 1_795_181_400_000),
        (Field("date", "number", description="Unix timestamp"), "2026-11-20T13:30:00Z", 1_795_181_400),
        (Field("meta", "object"), '{"a": 1}', {"a": 1}),
        (Field("meta", "object"), "a", "a"),
        (Field("direction", enum=("in", "out")), "in", "in"),
    ],
)
def test_a_value_goes_as_the_type_that_the_field_has(field: Field, value: str, typed: Any) -> None:
    """Seconds and instants as the unit that it names."""
    assert wire(field, value) == typed
    assert type(wire(field, value)) is type(typed)


@pytest.mark.parametrize(
    ("field", "value", "written"),
    [
        (Field("customerDomains", "array"), "acme.com,example.com", ["acme.com", "example.com"]),
        (Field("isInternal", "boolean"), "yes", ["true"]),
        (Field("durationMs", "integer"), "1", ["1000"]),
        (Field("name"), "Büro", ["Büro"]),
        (Field("meta", "object"), '{"a": "ü"}', ['{"a": "ü"}']),
    ],
)
def test_a_form_has_a_part_for_each_item(field: Field, value: str, written: list[str]) -> None:
    """And its numbers as text."""
    assert parts(field, value) == written


@given(FIELDS, st.text(max_size=60) | st.sampled_from(["1", "2026-11-20", "a@b.de", "yes", "acme.com", "inbound"]))
def test_no_value_is_too_odd(field: Field, value: str) -> None:
    """A reason or a value that JSON and a form can hold; whatever is in the document."""
    reason = problem(field, value)
    assert reason in {None, "required", "number", "whole_number", "date", "enum", "email", "domain", "yes_no"}
    if value.strip():
        json.dumps(wire(field, value))
        assert all(isinstance(part, str) for part in parts(field, value))
        if reason is None and field.type in ("integer", "number") and not field.enum:
            assert isinstance(wire(field, value), int | float)


@given(st.lists(FIELDS, max_size=8, unique_by=lambda field: field.name))
def test_every_required_field_is_filled_or_asked_for(fields: list[Field]) -> None:
    """By the bot or by a person, never by both."""
    operation = upload(*fields)
    by_person = asked(operation)
    for field in fields:
        if field.required:
            assert (field in by_person) != (meaning(field) in AUTOMATIC)


def test_a_list_is_typed_with_anything_between() -> None:
    """Commas, semicolons or lines."""
    assert items(" a, b;c\nd ,, ") == ["a", "b", "c", "d"]
