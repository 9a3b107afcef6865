"""Find in an OpenAPI document the operation that uploads a call: where the recording goes, and what goes with it."""

import re
from collections.abc import Iterator

from bot.kickscale.binding.openapi import Document, Node, Operation, Schema, as_list, below, text
from bot.kickscale.binding.operations import Field, Source, Upload, UploadStyle

_NEIGHBOUR = re.compile(
    r"search|quer|filter|attach|comment|note|tag|share|export|analy|webhook|rating|feedback|transcri|complete|confirm",
    re.IGNORECASE,
)
_RECORDING = re.compile(r"file|record|audio|video|media", re.IGNORECASE)
_ADDRESS = re.compile(r"ur[li]$|link$|recordingref$", re.IGNORECASE)
_SEND_TO = re.compile(r"upload|presign|signed|^put", re.IGNORECASE)
_PREFERENCE = (UploadStyle.MULTIPART, UploadStyle.PRESIGNED, UploadStyle.URL)
"""The bot holds bytes; an address must be reachable for the API, which Slack's are not."""

_LARGEST = re.compile(
    r"(?:max\w*|up to|limit\w*|at most|larger than|exceed\w*)[^\n]{0,60}?(\d{1,6}(?:\.\d{1,3})?)\s*([KMG]i?)B\b",
    re.IGNORECASE,
)
_UNIT = {"K": 1e3, "M": 1e6, "G": 1e9, "KI": 2**10, "MI": 2**20, "GI": 2**30}
_FORMAT = re.compile(
    r"\b(?:mp3|mp4|m4a|m4v|mpe?g|mpga|wav|webm|og[ag]|opus|flac|aac|amr|aiff|wm[av]|mov|mkv|avi|3gp)\b", re.IGNORECASE
)


def find_upload(document: Document) -> Upload | None:
    """The operation under `/calls` that takes a recording, multipart first; None where there is none."""
    found = []
    for operation in document.operations("post"):
        under = below("calls", operation.segments)
        if under is None or any("{" in each or _NEIGHBOUR.search(each) for each in under):
            continue
        upload = next(_readings(document, operation), None)
        if upload is not None:
            speaks = any("upload" in each.lower() for each in under)
            rank = (operation.deprecated, _PREFERENCE.index(upload.style), not speaks, len(under))
            found.append((rank, upload))
    return min(found, key=lambda each: each[0])[1] if found else None


def _readings(document: Document, operation: Operation) -> Iterator[Upload]:
    bodies = document.body(operation)
    form = bodies.get("multipart/form-data")
    if form is not None:
        schema = document.schema(form)
        field = _file_field(document, schema)
        if field:
            yield _upload(document, operation, UploadStyle.MULTIPART, schema, file_field=field)
    asked = document.schema(next((each for media, each in bodies.items() if media.endswith("json")), None))
    named = [name for name in asked.properties if _ADDRESS.search(name) and _is_recording_address(name)]
    returned = _returned_address(document, operation, plain=not named)
    if returned:
        yield _upload(document, operation, UploadStyle.PRESIGNED, asked, url_field=returned)
    if named:
        yield _upload(document, operation, UploadStyle.URL, asked, file_field=named[0])


def _file_field(document: Document, schema: Schema) -> str:
    """The property that holds bytes; of several the one named for a recording, the required one first."""
    binary = [name for name, node in schema.properties.items() if _is_binary(document, node)]
    # A document made without the decorators for files declares the field as a plain string, or as nothing.
    candidates = binary or [
        name for name in schema.properties if name.lower() in ("file", "recording", "audio", "video")
    ]
    candidates.sort(key=lambda name: (not _RECORDING.search(name), name not in schema.required))
    return candidates[0] if candidates else ""


def _is_binary(document: Document, node: Node) -> bool:
    """https://spec.openapis.org/oas/v3.0.3#considerations-for-file-uploads, and 3.1's `contentMediaType`."""
    for each in (node, document.resolve(node.get("items"))):
        if text(each.get("format")) == "binary" or text(each.get("type")) == "file" or "contentMediaType" in each:
            return True
    return False


def _is_recording_address(name: str) -> bool:
    return _RECORDING.search(name) is not None or name.lower() in ("url", "downloadurl", "sourceurl")


def _returned_address(document: Document, operation: Operation, *, plain: bool) -> str:
    """Where a successful answer holds an address to send the bytes to, at most one object deep.

    A `plain` `url` counts below a path that speaks of an upload.
    """
    known = ("url",) if plain and any(_SEND_TO.search(each) for each in operation.segments) else ()
    for answer in document.answers(operation):
        for name, node in answer.properties.items():
            inner = (f"{name}.{each}" for each in document.schema(node).properties)
            for path in (name, *inner):
                last = path.rpartition(".")[2]
                if last.lower() in known or (_ADDRESS.search(last) and _SEND_TO.search(last)):
                    return path
    return ""


def _upload(
    document: Document,
    operation: Operation,
    style: UploadStyle,
    schema: Schema,
    *,
    file_field: str = "",
    url_field: str = "",
) -> Upload:
    told = "\n".join((operation.description, text(schema.properties.get(file_field, {}).get("description"))))
    largest = _LARGEST.search(told)
    return Upload(
        path=operation.path,
        style=style,
        file_field=file_field,
        url_field=url_field,
        fields=tuple(
            _field(document, name, node, required=name in schema.required)
            for name, node in schema.properties.items()
            if name != file_field
        ),
        formats=tuple(dict.fromkeys(each.lower() for each in _FORMAT.findall(told))),
        max_bytes=int(float(largest[1]) * _UNIT[largest[2].upper()]) if largest else None,
        source=Source.DOCUMENT,
    )


def _field(document: Document, name: str, node: Node, *, required: bool) -> Field:
    values = as_list(node.get("enum")) or as_list(document.resolve(node.get("items")).get("enum"))
    types = document.types(node) - {"null"}
    return Field(
        name=name,
        type=min(types) if types else "string",
        required=required,
        description=text(node.get("description")),
        enum=tuple(each for each in values if isinstance(each, str)),
        format=text(node.get("format")),
    )
