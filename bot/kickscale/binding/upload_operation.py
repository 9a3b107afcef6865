"""Find the operation of an OpenAPI document that uploads a call, where it takes the recording, and its fields."""

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
"""The order of preference. An address is last: the API would have to reach it, and it can't reach Slack's."""

_DESCRIPTION = 4_000
"""How many characters of a description are read."""
_SIZE = re.compile(r"(?<![\d.])(\d{1,6}(?:\.\d{1,3})?)\s{0,3}([KMG]i?)B\b", re.IGNORECASE)
_BEFORE_LIMIT = 80
"""How many characters before a size may contain the word that makes it a maximum."""
_LIMIT = re.compile("max|up to|limit|at most|larger than|exceed", re.IGNORECASE)
_UNIT = {"K": 1e3, "M": 1e6, "G": 1e9, "KI": 2**10, "MI": 2**20, "GI": 2**30}
_FORMAT = re.compile(
    r"\b(?:mp3|mp4|m4a|m4v|mpe?g|mpga|wav|webm|og[ag]|opus|flac|aac|amr|aiff|wm[av]|mov|mkv|avi|3gp)\b", re.IGNORECASE
)


def find_upload(document: Document) -> Upload | None:
    """Return the operation under `/calls` that accepts a recording, preferably multipart; None if there is none."""
    candidates = []
    for operation in document.operations("post"):
        under = below("calls", operation.segments)
        if under is None or any("{" in segment or _NEIGHBOUR.search(segment) for segment in under):
            continue
        upload = next(_readings(document, operation), None)
        if upload is not None:
            names_upload = any("upload" in segment.lower() for segment in under)
            rank = (operation.deprecated, _PREFERENCE.index(upload.style), not names_upload, len(under))
            candidates.append((rank, upload))
    return min(candidates, key=lambda candidate: candidate[0])[1] if candidates else None


def _readings(document: Document, operation: Operation) -> Iterator[Upload]:
    bodies = document.body(operation)
    form = bodies.get("multipart/form-data")
    if form is not None:
        schema = document.schema(form)
        field = _file_field(document, schema)
        if field:
            yield _upload(document, operation, UploadStyle.MULTIPART, schema, file_field=field)
    body = document.schema(next((schema for media, schema in bodies.items() if media.endswith("json")), None))
    addresses = [name for name in body.properties if _ADDRESS.search(name) and _is_recording_address(name)]
    returned = _returned_address(document, operation, plain=not addresses)
    if returned:
        yield _upload(document, operation, UploadStyle.PRESIGNED, body, url_field=returned)
    if addresses:
        yield _upload(document, operation, UploadStyle.URL, body, file_field=addresses[0])


def _file_field(document: Document, schema: Schema) -> str:
    """Return the property for the bytes: preferably one that is named after a recording, or a required one."""
    binary = [name for name, node in schema.properties.items() if _is_binary(document, node)]
    # Without NestJS's decorators for files, a document declares the field as a plain string or not at all.
    candidates = binary or [
        name for name in schema.properties if name.lower() in ("file", "recording", "audio", "video")
    ]
    candidates.sort(key=lambda name: (not _RECORDING.search(name), name not in schema.required))
    return candidates[0] if candidates else ""


def _is_binary(document: Document, node: Node) -> bool:
    """https://spec.openapis.org/oas/v3.0.3#considerations-for-file-uploads, and 3.1's `contentMediaType`."""
    for schema in (node, document.resolve(node.get("items"))):
        if text(schema.get("format")) == "binary" or text(schema.get("type")) == "file" or "contentMediaType" in schema:
            return True
    return False


def _is_recording_address(name: str) -> bool:
    return _RECORDING.search(name) is not None or name.lower() in ("url", "downloadurl", "sourceurl")


def _returned_address(document: Document, operation: Operation, *, plain: bool) -> str:
    """Return where a successful answer has an address to send the bytes to, at most one object deep.

    With `plain`, `url` counts too if the path is about an upload.
    """
    plain_names = ("url",) if plain and any(_SEND_TO.search(segment) for segment in operation.segments) else ()
    for answer in document.answers(operation):
        for path in _property_paths(document, answer):
            last = path.rpartition(".")[2]
            if last.lower() in plain_names or (_ADDRESS.search(last) and _SEND_TO.search(last)):
                return path
    return ""


def _property_paths(document: Document, schema: Schema) -> Iterator[str]:
    """Yield each property's name and, if it is an object, `name.inner` for each of its own properties."""
    for name, node in schema.properties.items():
        yield name
        for inner_name in document.schema(node).properties:
            yield f"{name}.{inner_name}"


def _upload(
    document: Document,
    operation: Operation,
    style: UploadStyle,
    schema: Schema,
    *,
    file_field: str = "",
    url_field: str = "",
) -> Upload:
    described = (operation.description, text(schema.properties.get(file_field, {}).get("description")))
    prose = "\n".join(description[:_DESCRIPTION] for description in described)
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
        formats=tuple(dict.fromkeys(extension.lower() for extension in _FORMAT.findall(prose))),
        max_bytes=_largest(prose),
        source=Source.DOCUMENT,
    )


def _largest(prose: str) -> int | None:
    """Return the first size, in bytes, that a text calls a maximum."""
    for size in _SIZE.finditer(prose):
        before = prose[max(0, size.start() - _BEFORE_LIMIT) : size.start()].rpartition("\n")[2]
        if _LIMIT.search(before):
            return int(float(size[1]) * _UNIT[size[2].upper()])
    return None


def _field(document: Document, name: str, node: Node, *, required: bool) -> Field:
    values = as_list(node.get("enum")) or as_list(document.resolve(node.get("items")).get("enum"))
    types = document.types(node) - {"null"}
    return Field(
        name=name,
        type=min(types) if types else "string",
        required=required,
        description=text(node.get("description"))[:_DESCRIPTION],
        enum=tuple(value for value in values if isinstance(value, str)),
        format=text(node.get("format")),
    )
