"""How the bot calls the operations that Kickscale's help pages leave open: types, the default, and the stored form.

The help pages mention the filters (date range, customer domain, id) and the upload, but not their parameters
(https://help.kickscale.com, articles 13571612 and 10392979). So each part here has its source.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from bot.model.conversation import Kind
from bot.tools.url_paths import is_path, names_one_by_id


class Source(StrEnum):
    """Where a part of the binding comes from."""

    DEFAULT = "default"
    DOCUMENT = "document"
    OVERRIDE = "override"


class Form(StrEnum):
    """How several values are sent to a filter."""

    SINGLE = "single"
    REPEATED = "repeated"
    COMMA = "comma"


class UploadStyle(StrEnum):
    """How a recording reaches the API."""

    MULTIPART = "multipart"
    PRESIGNED = "presigned"
    """JSON that returns an address to send the bytes to."""
    URL = "url"
    """JSON with an address from which the API fetches the recording."""


def _check_path(path: str) -> None:
    if not is_path(path):
        raise ValueError(f"not a path: {path!r}")


@dataclass(frozen=True, slots=True)
class DomainFilter:
    """The query parameter that narrows a list to a customer's domain; there is none if `name` is empty."""

    name: str
    form: Form = Form.SINGLE
    source: Source = Source.DEFAULT

    def __str__(self) -> str:
        return f"{self.name} ({self.form})" if self.name else "none, filtered by the bot"


@dataclass(frozen=True, slots=True)
class ById:
    """How one record is requested: a path like `/calls/{id}`, or a list's path and the parameter for an id."""

    path: str
    parameter: str = ""
    source: Source = Source.DEFAULT

    def __post_init__(self) -> None:
        _check_path(self.path)
        if not names_one_by_id(self.path, self.parameter):
            raise ValueError(f"not a path with one {{id}}: {self.path!r}")

    def __str__(self) -> str:
        return f"GET {self.path}?{self.parameter}=" if self.parameter else f"GET {self.path}"


@dataclass(frozen=True, slots=True)
class Reading:
    """How conversations of one kind are read."""

    list_path: str
    domain_filter: DomainFilter
    by_id: ById
    list_source: Source = Source.DEFAULT

    def __post_init__(self) -> None:
        _check_path(self.list_path)


@dataclass(frozen=True, slots=True)
class Field:
    """A form field or JSON property of the upload, apart from the recording itself."""

    name: str
    type: str = "string"
    required: bool = False
    description: str = ""
    enum: tuple[str, ...] = ()
    format: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """`POST path`: uploading a call."""

    path: str
    style: UploadStyle = UploadStyle.MULTIPART
    file_field: str = "file"
    """Multipart: the file's field. Url: the property with the recording's address. Presigned: empty."""
    url_field: str = ""
    """Presigned: where the address is in the answer, e.g. `uploadUrl` or `data.uploadUrl`."""
    fields: tuple[Field, ...] = ()
    formats: tuple[str, ...] = ()
    """File extensions, if the document lists them."""
    max_bytes: int | None = None
    """The largest recording, if the settings or the document say it."""
    source: Source = Source.DEFAULT

    def __post_init__(self) -> None:
        _check_path(self.path)

    def __str__(self) -> str:
        field = f", field {self.file_field}" if self.file_field else ""
        limit = f", at most {self.max_bytes} bytes" if self.max_bytes is not None else ""
        return f"POST {self.path} ({self.style}{field}{limit})"


@dataclass(frozen=True, slots=True)
class Binding:
    calls: Reading
    meetings: Reading
    upload: Upload
    remarks: tuple[str, ...] = ()
    """What the document leaves out, or offers in a way that the bot doesn't support."""

    def of(self, kind: Kind) -> Reading:
        return self.calls if kind is Kind.CALL else self.meetings

    @property
    def is_overridden(self) -> bool:
        """Whether the settings override something."""
        readings = (self.calls, self.meetings)
        sources = [source for reading in readings for source in (reading.domain_filter.source, reading.by_id.source)]
        return Source.OVERRIDE in (*sources, self.upload.source)

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each operation, with its source, then the remarks: for the log and `doctor`."""
        lines = []
        for name, reading in (("calls", self.calls), ("meetings", self.meetings)):
            lines.append(f"{name}: GET {reading.list_path} [{reading.list_source}]")
            lines.append(f"{name}, domain filter: {reading.domain_filter} [{reading.domain_filter.source}]")
            lines.append(f"{name}, by ID: {reading.by_id} [{reading.by_id.source}]")
        lines.append(f"upload: {self.upload} [{self.upload.source}]")
        return (*lines, *self.remarks)


DEFAULT = Binding(
    calls=Reading("/calls", DomainFilter("customerDomain"), ById("/calls/{id}")),
    meetings=Reading("/meetings", DomainFilter("customerDomain"), ById("/meetings/{id}")),
    upload=Upload("/calls"),
)


def to_json(binding: Binding) -> dict[str, Any]:
    """Return the binding as plain JSON, for `from_json`."""
    return asdict(binding)


def from_json(value: object) -> Binding | None:
    """Return the binding from `to_json`'s result; None for anything else."""
    try:
        stored = _mapping(value)
        return Binding(
            calls=_reading(stored["calls"]),
            meetings=_reading(stored["meetings"]),
            upload=_upload(stored["upload"]),
            remarks=_texts(stored["remarks"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _reading(value: object) -> Reading:
    stored, domain, by_id = (
        _mapping(value),
        _mapping(_mapping(value)["domain_filter"]),
        _mapping(_mapping(value)["by_id"]),
    )
    return Reading(
        list_path=_text(stored["list_path"]),
        domain_filter=DomainFilter(_text(domain["name"]), Form(domain["form"]), Source(domain["source"])),
        by_id=ById(_text(by_id["path"]), _text(by_id["parameter"]), Source(by_id["source"])),
        list_source=Source(stored["list_source"]),
    )


def _upload(value: object) -> Upload:
    stored = _mapping(value)
    return Upload(
        path=_text(stored["path"]),
        style=UploadStyle(stored["style"]),
        file_field=_text(stored["file_field"]),
        url_field=_text(stored["url_field"]),
        fields=tuple(_field(field) for field in stored["fields"]),
        formats=_texts(stored["formats"]),
        max_bytes=None if stored["max_bytes"] is None else _number(stored["max_bytes"]),
        source=Source(stored["source"]),
    )


def _field(value: object) -> Field:
    stored = _mapping(value)
    return Field(
        name=_text(stored["name"]),
        type=_text(stored["type"]),
        required=stored["required"] is True,
        description=_text(stored["description"]),
        enum=_texts(stored["enum"]),
        format=_text(stored["format"]),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return tuple(_text(text) for text in value)
