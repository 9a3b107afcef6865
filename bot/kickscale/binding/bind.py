"""Find in Kickscale's OpenAPI document what its help pages leave open, and let the settings override it.

Both are pure. `bind` accepts any JSON and never raises; `with_overrides` takes the values of the settings.
"""

import re
from dataclasses import replace

from bot.kickscale.binding.openapi import Document, Operation, Parameter, below, is_path
from bot.kickscale.binding.operations import (
    DEFAULT,
    Binding,
    ById,
    DomainFilter,
    Field,
    Form,
    Reading,
    Source,
    Upload,
    UploadStyle,
    from_json,
    to_json,
)
from bot.kickscale.binding.upload_operation import find_upload
from bot.model.conversation import Kind

__all__ = [
    "DEFAULT",
    "Binding",
    "ById",
    "DomainFilter",
    "Field",
    "Form",
    "Reading",
    "Source",
    "Upload",
    "UploadStyle",
    "bind",
    "from_json",
    "to_json",
    "with_overrides",
]

_COLLECTION = {Kind.CALL: "calls", Kind.MEETING: "meetings"}

# Parameters whose name contains "domain" but that don't filter by the customer's.
_NO_CUSTOMER = re.compile(
    r"exclud|ignor|without|intern|sort|order|group|owner|user|(?:^|_)(?:not|no|has|is|count)(?:_|$)"
)
_COMMA = re.compile(r"comma[\s-]*(?:separated|delimited)|separated by commas", re.IGNORECASE)
_OTHERS = re.compile(r"client|user|owner|external|participant|deal|crm|company|tenant|domain|date|type|status")


def bind(document: object) -> Binding:
    """Return how the document describes each operation, and the default for what it leaves out. Never raises."""
    read = Document(document)
    if not read.is_openapi:
        return replace(DEFAULT, remarks=("not an OpenAPI document: the default is used",))
    remarks: list[str] = []
    gets = read.operations("get")
    calls = _reading(Kind.CALL, gets, remarks)
    meetings = _reading(Kind.MEETING, gets, remarks)
    upload = find_upload(read)
    if upload is None:
        remarks.append("the document has no POST under /calls that takes a recording: the default is used")
    return Binding(calls, meetings, upload or DEFAULT.upload, tuple(remarks))


def with_overrides(
    binding: Binding, *, domain_filter: str = "", call_path: str = "", meeting_path: str = "", upload: str = ""
) -> Binding:
    """Return the binding with the settings' values in place of its own. An empty value changes nothing.

    `domain_filter` is `NAME`, `NAME:single`, `NAME:repeated`, `NAME:comma` or `none`; a path is `/calls/{id}` or
    `/calls?id=`; `upload` is `[multipart|presigned|url] /calls/upload [FIELD]`. Raises ValueError with a sentence.
    """
    calls, meetings = binding.calls, binding.meetings
    if domain_filter.strip():
        chosen = _read_filter(domain_filter.strip())
        calls, meetings = replace(calls, domain_filter=chosen), replace(meetings, domain_filter=chosen)
    if call_path.strip():
        calls = replace(calls, by_id=_read_by_id(call_path.strip()))
    if meeting_path.strip():
        meetings = replace(meetings, by_id=_read_by_id(meeting_path.strip()))
    chosen_upload = _read_upload(upload.strip(), binding.upload) if upload.strip() else binding.upload
    return replace(binding, calls=calls, meetings=meetings, upload=chosen_upload)


# ---- from the document ---------------------------------------------------------------------------------------------


def _reading(kind: Kind, gets: tuple[Operation, ...], remarks: list[str]) -> Reading:
    default = DEFAULT.of(kind)
    lists = [operation for operation in gets if below(_COLLECTION[kind], operation.segments) == ()]
    if not lists:
        remarks.append(f"the document has no GET {default.list_path}: the default is used")
        return default
    listing = min(lists, key=lambda operation: len(operation.segments))
    domain_filter = _domain_filter(listing)
    if not domain_filter.name:
        remarks.append(f"GET {listing.path} has no parameter that names a customer's domain: it is filtered here")
    by_id = _by_id(kind, listing, gets)
    if by_id is None:
        remarks.append(f"the document does not say how to ask GET {listing.path} for one by id: the default is used")
        by_id = ById(f"{listing.path}/{{id}}")
    return Reading(listing.path, domain_filter, by_id, Source.DOCUMENT)


def _domain_filter(listing: Operation) -> DomainFilter:
    """Return the best query parameter with "domain" in its name: the customer's first, a deprecated one last."""
    candidates = []
    for parameter in listing.parameters:
        words = _words(parameter.name)
        fits = "domain" in words and not _NO_CUSTOMER.search(words) and not parameter.types & {"boolean", "object"}
        if parameter.place == "query" and fits:
            rank = 0 if "customer" in words else 1 if words in ("domain", "domains") else 2
            candidates.append((parameter.deprecated, rank, parameter))
    if not candidates:
        return DomainFilter("", source=Source.DOCUMENT)
    best = min(candidates, key=lambda candidate: candidate[:2])[2]
    return DomainFilter(best.name, _form(best), Source.DOCUMENT)


def _form(parameter: Parameter) -> Form:
    if "array" in parameter.types:
        if parameter.explode:
            return Form.REPEATED
        # If values are joined by a bar or a space, each domain gets its own request, where that makes no difference.
        return Form.COMMA if parameter.style == "form" else Form.SINGLE
    return Form.COMMA if _COMMA.search(parameter.description) else Form.SINGLE


def _by_id(kind: Kind, listing: Operation, gets: tuple[Operation, ...]) -> ById | None:
    """Return the path with one parameter directly below the collection, or else the list's own parameter for an id."""
    names = {operation.segments[-1][1:-1]: operation for operation in gets if _is_one_below(operation, listing)}
    for name, operation in names.items():
        if _names_id(kind, name):
            return ById(operation.path, source=Source.DOCUMENT)
    for parameter in listing.parameters:
        if parameter.place == "query" and _names_id(kind, parameter.name):
            return ById(listing.path, parameter.name, Source.DOCUMENT)
    for name, operation in names.items():
        if not _OTHERS.search(name.lower()):
            return ById(operation.path, source=Source.DOCUMENT)
    return None


def _is_one_below(operation: Operation, listing: Operation) -> bool:
    *above, last = operation.segments
    return tuple(above) == listing.segments and re.fullmatch(r"\{[^{}]+\}", last) is not None


def _names_id(kind: Kind, name: str) -> bool:
    flat = re.sub(r"[^a-z]", "", name.lower())
    return flat in {f"{of}{form}" for of in ("", kind, "conversation") for form in ("id", "ids", "uuid", "identifier")}


def _words(name: str) -> str:
    """Return a name as words in lower case: `customerDomain` and `customer-domain` become `customer_domain`."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")


# ---- from the settings ---------------------------------------------------------------------------------------------


def _read_filter(word: str) -> DomainFilter:
    if word.lower() == "none":
        return DomainFilter("", source=Source.OVERRIDE)
    name, _, form = word.partition(":")
    if not re.fullmatch(r"[\w.\[\]-]+", name, re.ASCII) or form.lower() not in ("", *Form):
        raise ValueError(f"{word!r} is not NAME, NAME:single, NAME:repeated, NAME:comma or none.")
    return DomainFilter(name, Form(form.lower() or Form.SINGLE), Source.OVERRIDE)


def _read_by_id(word: str) -> ById:
    form = re.fullmatch(r"([^?]+)(?:\?([\w.\[\]-]+)=(?:\{id\})?)?", word, re.ASCII)
    try:
        return ById(form[1], form[2] or "", Source.OVERRIDE) if form else ById("")
    except ValueError as exc:
        raise ValueError(f"{word!r} is not a path such as /calls/{{id}} or /calls?id=.") from exc


def _read_upload(word: str, bound: Upload) -> Upload:
    form = re.fullmatch(rf"(?:({'|'.join(UploadStyle)})\s+)?(\S+)(?:\s+(\S+))?", word, re.IGNORECASE)
    if form is None or not is_path(form[2]):
        raise ValueError(f"{word!r} is not a path such as /calls/upload, or such as: multipart /calls/upload file.")
    same_path = form[2] == bound.path
    style = UploadStyle(form[1].lower()) if form[1] else bound.style if same_path else UploadStyle.MULTIPART
    chosen = bound if same_path and style is bound.style else Upload(form[2], style, _FILE_FIELD[style])
    return replace(chosen, file_field=form[3] or chosen.file_field, source=Source.OVERRIDE)


_FILE_FIELD = {UploadStyle.MULTIPART: "file", UploadStyle.PRESIGNED: "", UploadStyle.URL: "recordingUrl"}
