"""What is asked about recordings before they are uploaded, and what was entered.

The questions are the fields of the bound upload operation, so the form follows the API. A value is text in two
shapes: as a person types or picks it (`Input.initial`, `entered_of`), and as
`bot.kickscale.uploading.fields` takes it (`read`).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot import domains, ids
from bot.errors import RecordingRefused
from bot.kickscale.binding.operations import Field, Upload
from bot.kickscale.uploading.fields import Meaning, asked, meaning, problem
from bot.model.uploads import OfferedFile

YES = "yes"
"""A ticked check box, as `entered_of` gives it."""
LONGEST = 360_000
"""Seconds; nothing recorded lasts a hundred hours, so more is a slip of the finger."""

_PER_FILE = (Meaning.NAME, Meaning.DATE, Meaning.DURATION)
_OPTIONS = 100
OPTION = 75
"""Slack's limits for a menu: options, and characters of one (https://docs.slack.dev/reference/block-kit/composition-objects/option-object)."""
_FIELD_NAME = 100
"""A block_id takes 255."""
_MOMENT = re.compile(r"[1-9][0-9]{9}")
"""Slack's datetimepicker takes ten digits."""
_CLOCK = re.compile(r"(?:(?P<hours>\d{1,2}):(?=\d\d:))?(?P<minutes>\d{1,3}):(?P<seconds>[0-5]\d)", re.ASCII)
_MINUTES = re.compile(r"(\d{1,4}(?:[.,]\d{1,2})?) ?(?:m|min|mins|minutes?|minuten?)?", re.ASCII | re.IGNORECASE)


class Widget(StrEnum):
    """What something is entered with, and how `Input.initial` and `entered_of` write it."""

    TEXT = "text"
    MOMENT = "moment"
    """Unix seconds."""
    PERSON = "person"
    """A Slack user id."""
    CHOICE = "choice"
    """One of the field's `enum`."""
    DURATION = "duration"
    """`10:00`, `1:02:03`, or minutes."""
    YES_NO = "yes_no"
    """`yes` or `no`."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one recording before anybody is asked."""

    file: OfferedFile
    title: str = ""
    starts_at: datetime | None = None
    """Aware."""
    duration: float | None = None
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What is known of all recordings of one message together."""

    domain: str = ""
    direction: str = ""
    rep: str = ""
    """A Slack user id."""
    rep_email: str = ""
    caller: str = ""
    callee: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    offer: str
    """The offer's id."""
    recordings: tuple[Known, ...]
    operation: Upload
    shared: Shared = Shared()
    refused: tuple[RecordingRefused, ...] = ()
    """Why others of the message can't be taken."""
    more: int = 0
    """How many others are asked about after these."""

    @property
    def key(self) -> str:
        """Which offer it is of and which of its recordings it asks about, for `read_key`."""
        return ":".join((self.offer, *(known.file.id for known in self.recordings)))


@dataclass(frozen=True, slots=True)
class Input:
    """One question."""

    block_id: str
    field: Field
    meaning: Meaning
    widget: Widget
    initial: str = ""
    """What stands there from the beginning."""
    file_index: int | None = None
    """Which recording it is about; None for all of them."""


Values = tuple[dict[str, str], ...]
"""For each recording, the fields that were filled in."""
Errors = dict[str, str]
"""By block_id, a key of the text catalogue (`upload.form.error.<key>`)."""


def read_key(key: str) -> tuple[str, tuple[str, ...]]:
    """The id of the offer, and those of the recordings in the order in which they were asked about."""
    offer, *files = key.split(":")
    return offer, tuple(files)


def inputs(form: Form) -> tuple[Input, ...]:
    """The questions, beside the attestation: those of each recording in turn, then those asked once for all."""
    questions = _questions(form.operation)
    each = [
        _input(field, known, form.shared, index)
        for index, known in enumerate(form.recordings)
        for field in questions
        if _is_per_file(field)
    ]
    once = [_input(field, None, form.shared, None) for field in questions if not _is_per_file(field)]
    return (*each, *once)


def entered_of(values: Mapping[str, Any]) -> dict[str, str]:
    """What was entered, by block_id, of a view's `state.values`; empty text for what was left empty.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
    """
    return {block: "".join(_entered(state) for state in states.values()) for block, states in values.items()}


def people(operation: Upload, entered: Mapping[str, str]) -> tuple[str, ...]:
    """The Slack users who were picked: `read` needs their e-mail addresses."""
    picked = (
        entered.get(_block_id(field, None), "") for field in _questions(operation) if _widget(field) is Widget.PERSON
    )
    return tuple(filter(None, dict.fromkeys(picked)))


def read(
    operation: Upload, file_count: int, entered: Mapping[str, str], person_emails: Mapping[str, str]
) -> tuple[Values, Errors]:
    """What was entered, as `bot.kickscale.uploading.fields.wire` takes it, and what is wrong with it.

    Moments become UTC in ISO 8601, durations whole seconds, people their e-mail address (`person_emails`, by Slack
    user id), domains their stored form. The values are good only where there are no errors.
    """
    values: Values = tuple({} for _ in range(file_count))
    errors = attestation_errors(entered)
    for field in _questions(operation):
        for index in range(file_count) if _is_per_file(field) else (None,):
            block_id = _block_id(field, index)
            value, error = _read(field, entered.get(block_id, "").strip(), person_emails)
            if error:
                errors[block_id] = error
            elif value:
                for each in values if index is None else (values[index],):
                    each[field.name] = value
    return values, errors


def unasked(form: Form) -> tuple[Values, Errors]:
    """What `read` makes of the form when nobody touches it: for channels that were attested for as a whole.

    Errors are what a person would have to fill in.
    """
    entered = {each.block_id: each.initial for each in inputs(form)} | {ids.ATTESTATION: YES}
    return read(form.operation, len(form.recordings), entered, {form.shared.rep: form.shared.rep_email})


def attestation_errors(entered: Mapping[str, str]) -> Errors:
    return {} if entered.get(ids.ATTESTATION) == YES else {ids.ATTESTATION: "attestation"}


def duration_text(seconds: float | None) -> str:
    """`10:00`, `1:02:03`; nothing where the length is not known or can't be true."""
    if seconds is None or not math.isfinite(seconds) or not 0.5 < seconds < LONGEST - 1:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def seconds_of(text: str) -> int | None:
    """The whole seconds that `10:00`, `1:02:03`, `42`, `42 min` or `42.5` (minutes) mean; None for anything else."""
    if clock := _CLOCK.fullmatch(text):
        hours, minutes = int(clock["hours"] or 0), int(clock["minutes"])
        seconds = hours * 3600 + minutes * 60 + int(clock["seconds"])
        if clock["hours"] and minutes > 59:
            return None
    elif found := _MINUTES.fullmatch(text):
        seconds = round(float(found[1].replace(",", ".")) * 60)
    else:
        return None
    return seconds if 0 < seconds < LONGEST else None


def _questions(operation: Upload) -> Sequence[Field]:
    return [field for field in asked(operation) if len(field.name) <= _FIELD_NAME and field.name.isprintable()]


def _is_per_file(field: Field) -> bool:
    return meaning(field) in _PER_FILE


def _block_id(field: Field, index: int | None) -> str:
    return f"s:{field.name}" if index is None else f"f{index}:{field.name}"


def _widget(field: Field) -> Widget:
    if field.type == "boolean":
        return Widget.YES_NO
    if 0 < len(set(field.enum)) <= _OPTIONS and all(
        0 < len(each) <= OPTION and each.isprintable() and each == each.strip() for each in field.enum
    ):
        return Widget.CHOICE
    known = Widget.MOMENT if field.type == "string" and field.format == "date-time" else Widget.TEXT
    return _WIDGETS.get(meaning(field), known)


_WIDGETS = {Meaning.DATE: Widget.MOMENT, Meaning.DURATION: Widget.DURATION, Meaning.REP: Widget.PERSON}


def _input(field: Field, known: Known | None, shared: Shared, index: int | None) -> Input:
    means, widget = meaning(field), _widget(field)
    initial = _known(means, known, shared)
    if widget is Widget.CHOICE:
        initial = _option(field.enum, initial)
    if initial and _read(field, initial, {shared.rep: shared.rep_email})[1]:
        initial = ""  # what is known is not what this field takes
    return Input(_block_id(field, index), field, means, widget, initial, index)


def _known(means: Meaning, known: Known | None, shared: Shared) -> str:
    match means:
        case Meaning.NAME if known:
            return known.title
        case Meaning.DATE if known:
            return _moment_text(known.starts_at)
        case Meaning.DURATION if known:
            return duration_text(known.duration)
        case Meaning.REP:
            return shared.rep if shared.rep_email else ""
        case Meaning.DOMAIN:
            return shared.domain
        case Meaning.DIRECTION:
            return shared.direction
        case Meaning.CALLER:
            return shared.caller
        case Meaning.CALLEE:
            return shared.callee
        case Meaning.LANGUAGE:
            return shared.language
        case _:
            return ""


def _moment_text(at: datetime | None) -> str:
    seconds = str(int(at.timestamp())) if at else ""
    return seconds if _MOMENT.fullmatch(seconds) else ""


def _option(options: Sequence[str], wanted: str) -> str:
    """The option that means `wanted`: the same in another case, or the same language elsewhere (`de`, `de-DE`)."""

    def main(text: str) -> str:
        return re.split("[-_]", text.casefold())[0]

    same = (each for each in options if each.casefold() == wanted.casefold())
    near = (each for each in options if wanted and main(each) == main(wanted))
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
    """The value, and a key that says what is wrong with it; both empty where an optional field was left empty."""
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
        case _:
            return text, ""


def _domains(text: str) -> str:
    """Each in its stored form; what is no domain stays as it is, for `problem` to say so."""
    found = []
    for each in re.split(r"[,;\s]+", text):
        try:
            found.append(domains.normalise(each))
        except ValueError:
            found.append(each)
    return ",".join(dict.fromkeys(filter(None, found)))
