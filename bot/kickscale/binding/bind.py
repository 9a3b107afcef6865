"""Find in Kickscale's OpenAPI document what its help pages leave open, and let the settings override it.

Both are pure, and neither raises: `bind` takes any JSON, `with_overrides` what `bot.config.api_overrides` has read.
"""

import re
from dataclasses import replace

from bot.kickscale.binding.openapi import Document, Operation, Parameter, below
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
from bot.model.api_overrides import ApiOverrides, UploadOverride
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
        return replace(DEFAULT, remarks=("it isn't an OpenAPI document, so defaults are used",))
    remarks: list[str] = []
    gets = read.operations("get")
    calls = _reading(Kind.CALL, gets, remarks)
    meetings = _reading(Kind.MEETING, gets, remarks)
    upload = find_upload(read)
    if upload is None:
        remarks.append("it has no POST under /calls that accepts a recording, so the default is used")
    return Binding(calls, meetings, upload or DEFAULT.upload, tuple(remarks))


def with_overrides(binding: Binding, overrides: ApiOverrides) -> Binding:
    """Return the binding with what the settings say in place of what the document says."""
    calls, meetings = binding.calls, binding.meetings
    if (domain_filter := overrides.domain_filter) is not None:
        chosen = DomainFilter(domain_filter.name, Form(domain_filter.form), Source.OVERRIDE)
        calls, meetings = replace(calls, domain_filter=chosen), replace(meetings, domain_filter=chosen)
    if (by_id := overrides.call) is not None:
        calls = replace(calls, by_id=ById(by_id.path, by_id.parameter, Source.OVERRIDE))
    if (by_id := overrides.meeting) is not None:
        meetings = replace(meetings, by_id=ById(by_id.path, by_id.parameter, Source.OVERRIDE))
    upload = binding.upload if overrides.upload is None else _overridden(binding.upload, overrides.upload)
    if overrides.max_upload is not None:
        upload = replace(upload, max_bytes=overrides.max_upload)
    return replace(binding, calls=calls, meetings=meetings, upload=upload)


def _overridden(bound: Upload, override: UploadOverride) -> Upload:
    same_path = override.path == bound.path
    style = UploadStyle(override.style) if override.style else bound.style if same_path else UploadStyle.MULTIPART
    chosen = bound if same_path and style is bound.style else Upload(override.path, style, _FILE_FIELD[style])
    return replace(chosen, file_field=override.file_field or chosen.file_field, source=Source.OVERRIDE)


_FILE_FIELD = {UploadStyle.MULTIPART: "file", UploadStyle.PRESIGNED: "", UploadStyle.URL: "recordingUrl"}


# ---- from the document ---------------------------------------------------------------------------------------------


def _reading(kind: Kind, gets: tuple[Operation, ...], remarks: list[str]) -> Reading:
    default = DEFAULT.of(kind)
    lists = [operation for operation in gets if below(_COLLECTION[kind], operation.segments) == ()]
    if not lists:
        remarks.append(f"it has no GET {default.list_path}, so the default is used")
        return default
    listing = min(lists, key=lambda operation: len(operation.segments))
    domain_filter = _domain_filter(listing)
    if not domain_filter.name:
        remarks.append(
            f"GET {listing.path} has no parameter for the customer domain, so the bot filters the list itself"
        )
    by_id = _by_id(kind, listing, gets)
    if by_id is None:
        remarks.append(f"it doesn't say how to get a single record from GET {listing.path}, so the default is used")
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
