"""The fields of the upload: what they mean, which ones a person fills in, and how their values are sent: pure.

Only the API's OpenAPI document lists the fields (help article 10392979 doesn't). So a field's meaning is guessed from
its name and, if that is ambiguous, from its format and description. A value is a text here:

    DATE      an ISO 8601 instant, e.g. `2026-11-20T13:30:00Z`
    DURATION  whole seconds
    a list    its items, joined by commas
    yes or no `yes` or `no`

`wire` and `parts` convert it to what the field needs: a number, a list, milliseconds.
"""

import json
import math
import re
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from bot.domains import normalise
from bot.kickscale.binding.operations import Field, Upload
from bot.kickscale.records.shapes import spaced


class Meaning(StrEnum):
    """What a field of the upload is for."""

    NAME = "name"
    DATE = "date"
    """When the call began."""
    DURATION = "duration"
    DOMAIN = "domain"
    """The customer's domain or domains."""
    DIRECTION = "direction"
    REP = "rep"
    """The e-mail address or the name of the rep."""
    REP_ID = "rep_id"
    """Kickscale's own user id of the rep."""
    CALLER = "caller"
    CALLEE = "callee"
    LANGUAGE = "language"
    EXTERNAL_ID = "external_id"
    FILE_NAME = "file_name"
    MEDIA_TYPE = "media_type"
    SIZE = "size"
    """The recording's size in bytes."""
    OTHER = "other"


AUTOMATIC = frozenset({Meaning.EXTERNAL_ID, Meaning.FILE_NAME, Meaning.MEDIA_TYPE, Meaning.SIZE})
"""Filled in by the bot: nobody is asked for these."""

_NUMBER = r"(?: (?:phone|tel|telephone|number|no|nr|id|phone number|telephone number))?"
_REP = r"(?:(?:sales|kickscale|internal) )?(?:user|owner|rep|representative|agent|host|organi[sz]er|employee|seller)"
_AT = r"(?: (?:date|time|at|on|datetime|timestamp|date time))?"
_PATTERNS = (
    (Meaning.EXTERNAL_ID, r"(?:.+ )?external (?:.+ )?(?:id|key|ref|reference)|(?:.+ )?idempotency key|external id"),
    (Meaning.EXTERNAL_ID, r"(?:source|foreign|correlation|third party|reference|client reference) id"),
    (Meaning.FILE_NAME, r"(?:.+ )?(?:file ?name|original ?name)"),
    (Meaning.MEDIA_TYPE, r"(?:.+ )?(?:mime ?type|content type|media type|file type)"),
    (
        Meaning.SIZE,
        r"(?:(?:file|recording|audio|video|media|content) )?size(?: (?:in )?bytes)?|content length|file bytes",
    ),
    (Meaning.DURATION, r"(?:(?:call|recording|audio|total|talk) )?(?:duration|length)(?: (?:in )?[a-z]+)?"),
    (Meaning.DATE, r"(?:(?:call|recording|conversation|meeting) )?(?:date|datetime|date time|timestamp|time)"),
    (
        Meaning.DATE,
        rf"(?:.+ )?(?:start|started|starts|recorded|occurred|begin|began|happened){_AT}",
    ),
    (Meaning.DOMAIN, r"(?:(?:external|customer|company|account|participant|email) )*domains?(?: names?)?"),
    (Meaning.DIRECTION, r"(?:call )?direction"),
    (Meaning.REP_ID, rf"{_REP} id|assigned to id|assignee id"),
    (
        Meaning.REP,
        rf"{_REP}(?: (?:name|e ?mail|email address|mail))?|(?:user)name|assignee(?: email)?|assigned to|email",
    ),
    (Meaning.CALLER, rf"(?:caller|from){_NUMBER}|calling number"),
    (Meaning.CALLEE, rf"(?:callee|called|to|recipient){_NUMBER}"),
    (Meaning.LANGUAGE, r"(?:.+ )?(?:language|lang|locale)(?: code)?"),
    (Meaning.NAME, r"(?:(?:call|recording|conversation|meeting|display) )?(?:name|title|subject|topic)"),
)
_KNOWN = tuple((meaning, re.compile(pattern)) for meaning, pattern in _PATTERNS)

_NOBODYS = re.compile(
    r"(?:client|tenant|organi[sz]ation|account|workspace)? ?id|(?:created|updated|deleted) (?:at|by|on)"
)
"""Set by the API itself: people are only asked for these if they are required."""
_READ_ONLY = re.compile(r"\bread[\s-]?only\b|\bset by the (?:server|system|api)\b", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>(),;:\"]{1,64}@[^\s@<>(),;:\"]{1,253}\.[^\s@<>(),;:\".]{2,}")
_YES = frozenset({"yes", "true", "1", "on"})
_NO = frozenset({"no", "false", "0", "off"})


def meaning(field: Field) -> Meaning:
    """Return what a field is for."""
    name = spaced(field.name)
    purpose = next((candidate for candidate, pattern in _KNOWN if pattern.fullmatch(name)), Meaning.OTHER)
    if purpose is Meaning.REP_ID and _is_email(field):
        return Meaning.REP
    if purpose is Meaning.REP and (field.format in ("uuid", "objectid") or field.type in ("integer", "number")):
        return Meaning.REP_ID
    plain = field.type in ("string", "array") or (purpose is Meaning.DOMAIN and field.type == "object")
    if purpose in (Meaning.DATE, Meaning.DURATION, Meaning.SIZE, Meaning.EXTERNAL_ID):
        plain = field.type in ("string", "integer", "number")
    return purpose if plain or purpose is Meaning.REP_ID else Meaning.OTHER


def automatic(operation: Upload, *, external_id: str, file_name: str, media_type: str, size: int) -> dict[str, str]:
    """Return the values of the fields that the bot fills in. `size` is in bytes."""
    known = {
        Meaning.EXTERNAL_ID: external_id,
        Meaning.FILE_NAME: file_name,
        Meaning.MEDIA_TYPE: media_type,
        Meaning.SIZE: str(size),
    }
    values = {}
    for field in operation.fields:
        value = known.get(meaning(field), "")
        if field.enum and value:
            value = _nearest(field.enum, value)
        if value:
            values[field.name] = value
    return values


def asked(operation: Upload) -> tuple[Field, ...]:
    """Return the fields that a person is asked for, required ones first, otherwise in the document's order.

    Those of `automatic` are left out, and some optional ones: objects, which nobody can type; what the API sets itself;
    and the rep's id in Kickscale if there is another field for the rep.
    """
    meanings = {field.name: meaning(field) for field in operation.fields}
    by_rep = Meaning.REP in meanings.values()

    def is_asked(field: Field) -> bool:
        if meanings[field.name] in AUTOMATIC:
            return False
        return field.required or not (
            field.type == "object"
            or _NOBODYS.fullmatch(spaced(field.name))
            or _READ_ONLY.search(field.description)
            or (by_rep and meanings[field.name] is Meaning.REP_ID)
        )

    return tuple(sorted(filter(is_asked, operation.fields), key=lambda field: not field.required))


def problem(field: Field, value: str) -> str | None:
    """Return why a text isn't valid for the field, as a key of `upload.form.error.<key>`; None if it is valid.

    required, number, whole_number, date, enum, email, domain, yes_no.
    """
    if not value.strip():
        return "required" if field.required else None
    texts = items(value) if field.type == "array" else [value.strip()]
    if not texts:
        return "required" if field.required else None
    return next(filter(None, (_problem(field, text) for text in texts)), None)


def wire(field: Field, value: str) -> Any:
    """Return the text as the JSON value that the field needs. It must not be empty, and have no `problem`."""
    if field.type == "array":
        return [_plain(field, item) for item in items(value)]
    return _plain(field, value.strip() if _is_single_line(field) else value)


def parts(field: Field, value: str) -> list[str]:
    """Return the text as the parts of a multipart form: one for each item of a list, otherwise one."""
    converted = wire(field, value)
    return [_to_text(item) for item in (converted if isinstance(converted, list) else [converted])]


def items(value: str) -> list[str]:
    """Return the items of a list that was typed with commas, semicolons or line breaks in between."""
    return [item.strip() for item in re.split(r"[,;\n]", value) if item.strip()]


def _problem(field: Field, value: str) -> str | None:
    means = meaning(field)
    if field.enum:
        return None if value in field.enum else "enum"
    if means is Meaning.DATE or (field.type == "string" and field.format in ("date", "date-time")):
        return None if _moment(value) else "date"
    if means is Meaning.DURATION:
        return None if re.fullmatch(r"[0-9]{1,9}", value) else "whole_number"
    if means is Meaning.DOMAIN:
        return None if _domain(value) else "domain"
    if field.type == "integer":
        return None if re.fullmatch(r"[+-]?[0-9]{1,15}", value) else "whole_number"
    if field.type == "number":
        return None if _number(value) is not None else "number"
    if field.type == "boolean":
        return None if value.lower() in _YES | _NO else "yes_no"
    if _is_email(field):
        return None if _EMAIL.fullmatch(value) else "email"
    return None


def _plain(field: Field, value: str) -> Any:
    """Convert one value. If it doesn't fit the field's type it stays a text, and the API will say what is wrong."""
    means = meaning(field)
    if field.enum:
        return value
    if means is Meaning.DATE or (field.type == "string" and field.format in ("date", "date-time")):
        return _date(field, value)
    if means is Meaning.DURATION and value.isdecimal():
        return _duration(field, int(value))
    if means is Meaning.DOMAIN:
        return _domain(value) or value
    if field.type in ("integer", "number"):
        number = _number(value)
        return value if number is None else int(number) if number == int(number) else number
    if field.type == "boolean" and value.lower() in _YES | _NO:
        return value.lower() in _YES
    if field.type == "object":
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _date(field: Field, value: str) -> Any:
    """Return an instant as text, its day (in UTC), or a number: of milliseconds, unless the field says seconds."""
    moment = _moment(value)
    if moment is None:
        return value
    if field.type in ("integer", "number"):
        description = f"{spaced(field.name)} {field.description}"
        names_seconds = re.search(r"\bseconds?\b|\bunix\b", description, re.IGNORECASE)
        is_seconds = names_seconds and not _names_milliseconds(description)
        return int(moment.timestamp()) if is_seconds else int(moment.timestamp() * 1000)
    if field.format == "date":
        return moment.astimezone(UTC).date().isoformat()
    return value


def _duration(field: Field, seconds: int) -> Any:
    """Return seconds, as in Kickscale's own records, unless the field says another unit."""
    description = f"{spaced(field.name)} {field.description}"
    if _names_milliseconds(description):
        converted: float | int = seconds * 1000
    elif re.search(r"\bmin(?:ute)?s?\b", description, re.IGNORECASE) and not re.search(
        r"\bsec", description, re.IGNORECASE
    ):
        minutes = Fraction(seconds, 60)
        converted = float(round(minutes, 2)) if field.type == "number" else math.ceil(minutes)
    else:
        converted = seconds
    return converted if field.type in ("integer", "number") else str(converted)


def _names_milliseconds(description: str) -> bool:
    return re.search(r"\bms\b|\bmillis", description, re.IGNORECASE) is not None


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _number(value: str) -> float | None:
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?", value):
        return None
    return float(value)


def _domain(value: str) -> str:
    """Return the normalised domain; empty if it is none, or a pattern."""
    try:
        domain = normalise(value)
    except ValueError:
        return ""
    return "" if domain.startswith("*") else domain


def _is_email(field: Field) -> bool:
    """Return whether the field accepts only an e-mail address."""
    words = spaced(field.name).split()
    return field.format == "email" or bool({"email", "mail"} & set(words)) or words[-2:] == ["e", "mail"]


def _is_single_line(field: Field) -> bool:
    return field.type != "string" or bool(field.enum or field.format) or meaning(field) is not Meaning.OTHER


def _nearest(values: tuple[str, ...], value: str) -> str:
    """Return the one of `values` that means `value`, e.g. `audio` or `MP3` for `audio/mp3`; empty if there is none."""
    top, _, kind = value.lower().partition("/")
    for candidate in (value.lower(), kind, top):
        for option in values:
            if option.lower() == candidate:
                return option
    return ""


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
