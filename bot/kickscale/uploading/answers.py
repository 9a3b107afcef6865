"""The API's answers to an upload, read leniently since only its OpenAPI document describes them: pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import KickscaleUnreadable
from bot.kickscale.addresses import check_address
from bot.kickscale.failures import words
from bot.kickscale.records.shapes import first, text

_CALL_IDS = ("callId", "call_id", "callID")
_IDS = ("id", "_id", "uuid")
_WRAPPERS = ("data", "call", "result", "item", "upload")
_HEADERS = ("headers", "uploadHeaders", "requiredHeaders", "signedHeaders")
_METHODS = ("method", "httpMethod", "uploadMethod", "verb")

# Set by the HTTP library, or would leak the API's credentials.
_NOT_OURS = re.compile(
    r"host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|cookie"
    r"|api-key|client-id",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API wants a recording's bytes to be sent."""

    url: str
    method: str
    """`PUT` or `POST`."""
    headers: Mapping[str, str]
    call: str
    """The call's id; empty if the answer has none."""


def call_id(document: object) -> str:
    """Return the id of the call in an answer; empty if it has none."""
    nodes = list(_nodes(document))
    for keys, within in ((_CALL_IDS, nodes), (_IDS, _calls(nodes)), (_IDS, nodes)):
        for node in within:
            found_id = next(filter(None, (_id(node.get(key)) for key in keys)), "")
            if found_id:
                return found_id
    return ""


def address(document: object, url_field: str, base_url: str, hosts: Collection[str] = ()) -> Address:
    """Return the address in `url_field` (e.g. `data.uploadUrl`) of an answer.

    Raises KickscaleUnreadable if there is none, or none that bytes may be sent to: see `check_address`.
    """
    *path, last = url_field.split(".")
    inner: Any = document
    for key in path:
        inner = inner.get(key) if isinstance(inner, Mapping) else None
    # The document may describe the answer without its `data`, or with a `data` that it doesn't have.
    nodes = [node for node in (inner, *_nodes(document)) if isinstance(node, Mapping)]
    holder = next((node for node in nodes if isinstance(node.get(last), str) and node[last]), None)
    if holder is None:
        raise KickscaleUnreadable(f"no {url_field} to send the recording to")
    url = holder[last].strip()
    try:
        check_address(url, base_url, hosts)
    except ValueError as exc:
        raise KickscaleUnreadable(f"{url_field}: {exc}") from exc
    methods = [first(node, *_METHODS) for node in (holder, *nodes)]
    method = next(filter(None, map(text, methods)), "PUT").upper()
    if method not in ("PUT", "POST"):
        raise KickscaleUnreadable(f"{url_field}: the method must be PUT or POST")
    headers = next((headers for node in (holder, *nodes) if (headers := _headers(first(node, *_HEADERS)))), {})
    return Address(url, method, headers, call_id(document))


def storage_words(body: bytes) -> str:
    """Return the message in a storage's error: the `<Message>` of S3, Google and Azure, or as for the API's errors.

    The rest of their XML repeats keys and signatures.
    """
    message, end, _ = body.partition(b"<Message>")[2].partition(b"</Message>")
    return words(message if end else b"" if b"<Error>" in body else body)


def _nodes(document: object, depth: int = 2) -> Iterator[Mapping[str, Any]]:
    """Yield the answer's object and the objects that it wraps. A list of one counts as its item."""
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, Mapping):
        return
    yield document
    if depth:
        for key in _WRAPPERS:
            yield from _nodes(document.get(key), depth - 1)


def _calls(nodes: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [node["call"] for node in nodes if isinstance(node.get("call"), Mapping)]


def _id(value: object) -> str:
    if isinstance(value, str):
        return value if value.strip() and text(value) == value and len(value) <= 255 else ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e30 else ""


def _headers(value: object) -> dict[str, str]:
    headers = {}
    for name, header in value.items() if isinstance(value, Mapping) else ():
        content = ",".join(map(text, header)) if isinstance(header, list) else text(header)
        is_name = isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", name)
        if is_name and not _NOT_OURS.fullmatch(name) and re.fullmatch(r"[ -~]{1,4096}", content):
            headers[name] = content
    return headers
