"""The fields of an uploaded recording, and NestJS's validation of them (in class-validator's own sentences)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.kickscale.nest import Refusal
from bot.sandbox.kickscale.query import read_moment
from bot.sandbox.kickscale.variant import UploadForm

DIRECTIONS = ("inbound", "outbound")
LANGUAGES = ("de", "en")

_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>.]+(\.[^\s@,;<>.]+)+")
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.IGNORECASE
)
_URL = re.compile(r"https?://[^\s/]+(/\S*)?", re.IGNORECASE)
_WHOLE = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class CallFields:
    """Valid fields. A missing text is empty."""

    name: str
    date: datetime
    duration: int | None
    """Seconds."""
    domains: tuple[str, ...]
    direction: str
    user_email: str
    caller: str
    callee: str
    language: str
    external_id: str


def read_fields(raw: dict[str, Any], form: UploadForm, *, strict: bool) -> CallFields:
    """Read a form (texts, or a list if a part is repeated) or a JSON object.

    `strict` refuses unknown fields. Raises Refusal (400) with everything that is wrong.
    """
    read = _Reader(raw, is_form=form is UploadForm.MULTIPART)
    fields = CallFields(
        name=read.text("name", required=True),
        date=read.moment("date"),
        duration=read.whole("duration"),
        domains=read.domains("customerDomains"),
        direction=read.choice("direction", DIRECTIONS),
        user_email=read.text("userEmail", _EMAIL.fullmatch, "userEmail must be an email"),
        caller=read.text("caller"),
        callee=read.text("callee"),
        language=read.choice("language", LANGUAGES),
        external_id=read.text("externalCallId"),
    )
    if form is UploadForm.PRESIGNED:
        read.text("fileName", required=True)
        read.text("contentType")
        read.whole("size", required=True)
    elif form is UploadForm.URL:
        read.text("recordingUrl", _URL.fullmatch, "recordingUrl must be a URL address", required=True)
    read.finish(strict=strict)
    return fields


class _Reader:
    """An optional field may be missing or null, and is validated otherwise: an empty text is no direction."""

    def __init__(self, raw: dict[str, Any], *, is_form: bool) -> None:
        self._raw = raw
        self._is_form = is_form
        self._known: set[str] = set()
        self._wrong: list[str] = []

    def text(
        self, name: str, fits: Callable[[str], object] = lambda _: True, problem: str = "", *, required: bool = False
    ) -> str:
        value = self._take(name)
        if value is None and not required:
            return ""
        if required and value in (None, ""):
            self._wrong.append(f"{name} should not be empty")
        if not isinstance(value, str):
            self._wrong.append(f"{name} must be a string")
            return ""
        if not fits(value):
            self._wrong.append(problem)
        return value

    def choice(self, name: str, among: tuple[str, ...]) -> str:
        value = self._take(name)
        if value is not None and value not in among:
            self._wrong.append(f"{name} must be one of the following values: {', '.join(among)}")
        return value if isinstance(value, str) else ""

    def moment(self, name: str) -> datetime:
        value = self._take(name)
        moment = read_moment(value) if isinstance(value, str) else None
        if moment is None:
            self._wrong.append(f"{name} must be a valid ISO 8601 date string")
        return moment or datetime.min.replace(tzinfo=UTC)

    def whole(self, name: str, *, required: bool = False) -> int | None:
        value = self._take(name)
        if self._is_form and isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if (value is None and not required) or (type(value) is int and value >= 0):
            return value
        self._wrong.append(f"{name} must be an integer number")
        return None

    def domains(self, name: str) -> tuple[str, ...]:
        value = self._take(name)
        if self._is_form and isinstance(value, str):
            value = [value]
        if value is None:
            return ()
        if not isinstance(value, list):
            self._wrong.append(f"{name} must be an array")
            return ()
        if not all(isinstance(domain, str) and _DOMAIN.fullmatch(domain) for domain in value):
            self._wrong.append(f"each value in {name} must be a valid domain name")
        return tuple(value)

    def finish(self, *, strict: bool) -> None:
        if strict:
            self._wrong += [f"property {name} should not exist" for name in self._raw if name not in self._known]
        if self._wrong:
            raise Refusal(400, self._wrong)

    def _take(self, name: str) -> Any:
        self._known.add(name)
        return self._raw.get(name)
