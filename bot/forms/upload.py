"""What is asked about recordings before they are uploaded, and what was entered.

The questions are the fields of the bound upload operation, so the form follows the API. A value is text in two
forms: as a person types or picks it (`Question.initial`, `entered_of`), and as `bot.kickscale.uploading.fields` expects
it (`read`).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot import domains, ids
from bot.errors import RecordingRefused
from bot.kickscale.binding.operations import Field, Upload
from bot.kickscale.uploading.fields import Meaning, asked, meaning, problem
from bot.model.upload_form import (
    LONGEST_OPTION,
    YES,
    CommonDetails,
    Errors,
    Question,
    RecordingDetails,
    UploadForm,
    Values,
    Widget,
)

LONGEST = 360_000
"""Seconds. No recording lasts a hundred hours, so a longer length is a typing error."""

_PER_FILE = (Meaning.NAME, Meaning.DATE, Meaning.DURATION)
_OPTIONS = 100
"""Slack's limit for a menu (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element)."""
_FIELD_NAME = 100
"""A block_id takes 255."""
_MOMENT = re.compile(r"[1-9][0-9]{9}")
"""Slack's datetimepicker takes ten digits."""
_CLOCK = re.compile(r"(?:(?P<hours>\d{1,2}):(?=\d\d:))?(?P<minutes>\d{1,3}):(?P<seconds>[0-5]\d)", re.ASCII)
_DECIMAL_COMMA = re.compile(r"(?<!.)([+-]?[0-9]+),([0-9]{1,2}|[0-9]{4,})(?!.)", re.DOTALL)
"""`4,5`. With three digits it could also be a separator of thousands, so that stays an error."""
_MINUTES = re.compile(r"(\d{1,4}(?:[.,]\d{1,2})?) ?(?:m|min|mins|minutes?|minuten?)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prefill:
    """What is known of an offer's recordings before anybody is asked."""

    offer: str
    """The offer's id."""
    recordings: tuple[RecordingDetails, ...]
    operation: Upload
    common: CommonDetails
    refused: tuple[RecordingRefused, ...] = ()
    """Why other files of the message can't be uploaded."""


def ask(prefill: Prefill, most: int | None = None) -> UploadForm:
    """Return the form, with what is known filled in. It asks about `most` recordings, and counts the others."""
    asked_about = prefill.recordings[:most]
    return UploadForm(
        offer=prefill.offer,
        recordings=tuple(recording.file for recording in asked_about),
        questions=questions(prefill.operation, asked_about, prefill.common),
        more=len(prefill.recordings) - len(asked_about),
    )


def questions(operation: Upload, recordings: Sequence[RecordingDetails], common: CommonDetails) -> tuple[Question, ...]:
    """Return the questions besides the attestation: those of each recording in turn, then those asked once for all."""
    fields = _asked_fields(operation)
    of_each = [
        _question(field, recording, common, index)
        for index, recording in enumerate(recordings)
        for field in fields
        if _is_per_file(field)
    ]
    of_all = [_question(field, None, common, None) for field in fields if not _is_per_file(field)]
    return (*of_each, *of_all)


def entered_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what was entered, by block_id, from a view's `state.values`; empty text for what was left empty.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
    """
    return {block: "".join(_entered(state) for state in states.values()) for block, states in values.items()}


def people(operation: Upload, entered: Mapping[str, str]) -> tuple[str, ...]:
    """Return the Slack users who were picked: `read` needs their email addresses."""
    picked = (
        entered.get(_block_id(field, None), "") for field in _asked_fields(operation) if _widget(field) is Widget.PERSON
    )
    return tuple(filter(None, dict.fromkeys(picked)))


def read(
    operation: Upload, file_count: int, entered: Mapping[str, str], person_emails: Mapping[str, str]
) -> tuple[Values, Errors]:
    """Return what was entered, as `bot.kickscale.uploading.fields.wire` expects it, and what is wrong with it.

    Moments become UTC in ISO 8601, durations whole seconds, people their email address (`person_emails`, by Slack
    user id), domains their stored form. The values are good only if there are no errors.
    """
    values: Values = tuple({} for _ in range(file_count))
    errors = attestation_errors(entered)
    for field in _asked_fields(operation):
        for index in range(file_count) if _is_per_file(field) else (None,):
            block_id = _block_id(field, index)
            value, error = _read(field, entered.get(block_id, "").strip(), person_emails)
            if error:
                errors[block_id] = error
            elif value:
                for recording_values in values if index is None else (values[index],):
                    recording_values[field.name] = value
    return values, errors


def unasked(operation: Upload, recordings: Sequence[RecordingDetails], common: CommonDetails) -> tuple[Values, Errors]:
    """Return what `read` makes of the form if nobody changes it: for channels that were attested as a whole.

    Errors are what a person would have to fill in.
    """
    entered = {question.block_id: question.initial for question in questions(operation, recordings, common)}
    emails = {common.rep: common.rep_email}
    return read(operation, len(recordings), entered | {ids.ATTESTATION: YES}, emails)


def attestation_errors(entered: Mapping[str, str]) -> Errors:
    return {} if entered.get(ids.ATTESTATION) == YES else {ids.ATTESTATION: "attestation"}


def duration_text(seconds: float | None) -> str:
    """Return `10:00` or `1:02:03`; empty if the length isn't known or can't be true."""
    if seconds is None or not math.isfinite(seconds) or not 0.5 < seconds < LONGEST - 1:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def seconds_of(text: str) -> int | None:
    """Return the whole seconds meant by `10:00`, `1:02:03`, `42`, `42 min` or `42.5` (minutes); else None."""
    if clock := _CLOCK.fullmatch(text):
        hours, minutes = int(clock["hours"] or 0), int(clock["minutes"])
        seconds = hours * 3600 + minutes * 60 + int(clock["seconds"])
        if clock["hours"] and minutes > 59:
            return None
    elif number := _MINUTES.fullmatch(text):
        seconds = round(float(number[1].replace(",", ".")) * 60)
    else:
        return None
    return seconds if 0 < seconds < LONGEST else None


def _asked_fields(operation: Upload) -> Sequence[Field]:
    return [field for field in asked(operation) if len(field.name) <= _FIELD_NAME and field.name.isprintable()]


def _is_per_file(field: Field) -> bool:
    return meaning(field) in _PER_FILE


def _block_id(field: Field, index: int | None) -> str:
    return f"s:{field.name}" if index is None else f"f{index}:{field.name}"


def _widget(field: Field) -> Widget:
    if field.type == "boolean":
        return Widget.YES_NO
    if 0 < len(set(field.enum)) <= _OPTIONS and all(
        0 < len(option) <= LONGEST_OPTION and option.isprintable() and option == option.strip() for option in field.enum
    ):
        return Widget.CHOICE
    known = Widget.MOMENT if field.type == "string" and field.format == "date-time" else Widget.TEXT
    return _WIDGETS.get(meaning(field), known)


_WIDGETS = {Meaning.DATE: Widget.MOMENT, Meaning.DURATION: Widget.DURATION, Meaning.REP: Widget.PERSON}


def _question(field: Field, recording: RecordingDetails | None, common: CommonDetails, index: int | None) -> Question:
    widget = _widget(field)
    initial = _initial(meaning(field), recording, common)
    if widget is Widget.CHOICE:
        initial = _option(field.enum, initial)
    if initial and _read(field, initial, {common.rep: common.rep_email})[1]:
        initial = ""  # the field doesn't accept the known value
    return Question(
        block_id=_block_id(field, index),
        name=field.name,
        meaning=meaning(field),
        widget=widget,
        initial=initial,
        file_index=index,
        options=tuple(field.enum),
        is_required=field.required,
        is_list=field.type == "array",
        description=field.description,
        day=recording.day if recording and meaning(field) is Meaning.DATE else None,
    )


def _initial(means: Meaning, recording: RecordingDetails | None, common: CommonDetails) -> str:
    match means:
        case Meaning.NAME if recording:
            return recording.title
        case Meaning.DATE if recording:
            return _moment_text(recording.starts_at)
        case Meaning.DURATION if recording:
            return duration_text(recording.duration)
        case Meaning.REP:
            return common.rep if common.rep_email else ""
        case Meaning.DOMAIN:
            return common.domain
        case Meaning.DIRECTION:
            return common.direction
        case Meaning.CALLER:
            return common.caller
        case Meaning.CALLEE:
            return common.callee
        case Meaning.LANGUAGE:
            return common.language
        case _:
            return ""


def _moment_text(at: datetime | None) -> str:
    seconds = str(int(at.timestamp())) if at else ""
    return seconds if _MOMENT.fullmatch(seconds) else ""


def _option(options: Sequence[str], wanted: str) -> str:
    """Return the option that means `wanted`: in another case, or the same language elsewhere (`de`, `de-DE`)."""

    def main(text: str) -> str:
        return re.split("[-_]", text.casefold())[0]

    same = (option for option in options if option.casefold() == wanted.casefold())
    near = (option for option in options if wanted and main(option) == main(wanted))
    return next(same, next(near, ""))


def _entered(state: Mapping[str, Any]) -> str:
    match state:
        case {"selected_options": [_, *_]}:
            return YES
        case {"selected_option": {"value": value}}:
            return str(value)
        case {"value": str(value)} | {"selected_user": str(value)}:
            return value
        case {"selected_date_time": int(seconds)}:
            return str(seconds)
        case _:
            return ""


def _read(field: Field, text: str, person_emails: Mapping[str, str]) -> tuple[str, str]:
    """Return the value, and a key for what is wrong with it; both empty if an optional field was left empty."""
    if not text:
        return "", "required" if field.required else ""
    value, error = _converted(field, text, person_emails)
    return value, error or problem(field, value) or ""


def _converted(field: Field, text: str, person_emails: Mapping[str, str]) -> tuple[str, str]:
    match _widget(field):
        case Widget.MOMENT:
            at = datetime.fromtimestamp(int(text), UTC) if _MOMENT.fullmatch(text) else None
            return (f"{at:%Y-%m-%dT%H:%M:%S}Z", "") if at else ("", "date")
        case Widget.DURATION:
            seconds = seconds_of(text)
            return (str(seconds), "") if seconds else ("", "duration")
        case Widget.PERSON:
            email = person_emails.get(text, "")
            return email, "" if email else "person_email"
        case _ if meaning(field) is Meaning.DOMAIN:
            return _domains(text), ""
        case _ if field.type == "number":
            return _DECIMAL_COMMA.sub(r"\1.\2", text), ""
        case _:
            return text, ""


def _domains(text: str) -> str:
    """Return the domains in their stored form; text that isn't a domain stays as it is, and `problem` finds it."""
    names = []
    for word in re.split(r"[,;\s]+", text):
        try:
            names.append(domains.normalise(word))
        except ValueError:
            names.append(word)
    return ",".join(dict.fromkeys(filter(None, names)))
