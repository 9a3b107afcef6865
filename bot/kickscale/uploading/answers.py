"""What the API answers to an upload, read leniently, since only its OpenAPI document names the parts: pure."""

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

# What HTTP itself sets, and what would hand the API's credentials on.
_NOT_OURS = re.compile(
    r"host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|cookie"
    r"|api-key|client-id",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API wants a recording's bytes, as it told."""

    url: str
    method: str
    """`PUT` or `POST`."""
    headers: Mapping[str, str]
    call: str
    """The call's id; empty where the answer has none."""


def call_id(document: object) -> str:
    """The id of the call that an answer speaks of; empty where it names none."""
    nodes = list(_nodes(document))
    for keys, within in ((_CALL_IDS, nodes), (_IDS, _calls(nodes)), (_IDS, nodes)):
        for node in within:
            found = next(filter(None, (_id(node.get(key)) for key in keys)), "")
            if found:
                return found
    return ""


def address(document: object, url_field: str, base_url: str, hosts: Collection[str] = ()) -> Address:
    """Where `url_field` (such as `data.uploadUrl`) of an answer says that the bytes go.

    Raises KickscaleUnreadable where there is no address, or none that bytes may be sent to: see `check_address`.
    """
    *path, last = url_field.split(".")
    inner: Any = document
    for key in path:
        inner = inner.get(key) if isinstance(inner, Mapping) else None
    # The document may show the answer without the `data` around it, or with one that is not there.
    nodes = [each for each in (inner, *_nodes(document)) if isinstance(each, Mapping)]
    holder = next((each for each in nodes if isinstance(each.get(last), str) and each[last]), None)
    if holder is None:
        raise KickscaleUnreadable(f"no {url_field} to send the recording to")
    url = holder[last].strip()
    try:
        check_address(url, base_url, hosts)
    except ValueError as exc:
        raise KickscaleUnreadable(f"{url_field}: {exc}") from exc
    told = [first(each, *_METHODS) for each in (holder, *nodes)]
    method = next(filter(None, map(text, told)), "PUT").upper()
    if method not in ("PUT", "POST"):
        raise KickscaleUnreadable(f"{url_field}: to be sent in a way that is not known")
    headers = next((found for each in (holder, *nodes) if (found := _headers(first(each, *_HEADERS)))), {})
    return Address(url, method, headers, call_id(document))


def storage_words(body: bytes) -> str:
    """What a storage says in an error's body: the `<Message>` that S3, Google and Azure have, or as the API's words.

    The rest of such an XML repeats keys and signatures.
    """
    message, end, _ = body.partition(b"<Message>")[2].partition(b"</Message>")
    return words(message if end else b"" if b"<Error>" in body else body)


def _nodes(document: object, depth: int = 2) -> Iterator[Mapping[str, Any]]:
    """The object that an answer is, those that it wraps, and the one of a list of one."""
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, Mapping):
        return
    yield document
    if depth:
        for key in _WRAPPERS:
            yield from _nodes(document.get(key), depth - 1)


def _calls(nodes: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [each["call"] for each in nodes if isinstance(each.get("call"), Mapping)]


def _id(value: object) -> str:
    if isinstance(value, str):
        return value if value.strip() and text(value) == value and len(value) <= 255 else ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e30 else ""


def _headers(value: object) -> dict[str, str]:
    found = {}
    for name, each in value.items() if isinstance(value, Mapping) else ():
        said = ",".join(map(text, each)) if isinstance(each, list) else text(each)
        is_name = isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", name)
        if is_name and not _NOT_OURS.fullmatch(name) and re.fullmatch(r"[ -~]{1,4096}", said):
            found[name] = said
    return found
