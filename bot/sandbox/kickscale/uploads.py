"""Uploaded recordings: counted and hashed while they arrive, and not stored."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import BodyPartReader, ClientError, ClientSession, ClientTimeout, web
from aiohttp.http_exceptions import BadHttpMessage
from yarl import URL

from bot.sandbox.kickscale.callfields import CallFields
from bot.sandbox.kickscale.nest import Refusal

HEAD = 65_536
_PIECE = 2**20
_LONGEST_FIELD = 2**20
_PATIENCE = 30.0
"""Seconds without a byte after which fetching a recording fails."""


@dataclass(slots=True)
class Counted:
    """What is remembered of a recording."""

    size: int = 0
    head: bytearray = field(default_factory=bytearray)
    """Its first 64 KiB."""
    sha256: Any = field(default_factory=hashlib.sha256)

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        self.sha256.update(piece)
        if len(self.head) < HEAD:
            self.head += piece[: HEAD - len(self.head)]


@dataclass(frozen=True, slots=True)
class ReceivedUpload:
    """A recording that became a call."""

    fields: dict[str, Any]
    """The other fields: texts, or a list if a part of the form was repeated; or the JSON as it was sent."""
    file_name: str
    media_type: str
    size: int
    """Bytes."""
    sha256: str
    call_id: str
    at: datetime
    """On the injected clock."""
    head: bytes = field(repr=False)
    """The first 64 KiB."""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    counted: Counted


@dataclass(frozen=True, slots=True)
class Ticket:
    """The permission to put one recording into the storage, and the call that it becomes."""

    call_id: str
    raw: dict[str, Any]
    fields: CallFields
    signature: str
    until: datetime


Count = Callable[[AsyncIterator[bytes]], Awaitable[Counted]]


async def read_form(request: web.Request, file_field: str, count: Count) -> tuple[dict[str, Any], File]:
    """Return the fields of a multipart form and its one file, which `count` reads.

    Raises Refusal (400) with NestJS's messages for the errors of multer and busboy
    (`platform-express/multer/multer/` in nestjs/nest), and what `count` raises.
    """
    fields: dict[str, Any] = {}
    file: File | None = None
    try:
        async for part in _parts(request):
            name = part.name
            if not name:
                raise Refusal(400, "Field name missing")
            if part.filename is None:
                fields[name] = _append(fields.get(name), await _text(part, name))
            elif name != file_field or file is not None:
                raise Refusal(400, f"Unexpected field - {name}")
            else:
                media_type = part.headers.get("Content-Type", "")
                file = File(part.filename, media_type, await count(_pieces(part)))
    except BadHttpMessage as error:
        raise Refusal(400, "Multipart: Malformed part header") from error
    except ValueError as error:
        raise Refusal(400, "Multipart: Unexpected end of form") from error
    if file is None:
        raise Refusal(400, "File is required")
    return fields, file


async def read_json(request: web.Request) -> dict[str, Any]:
    """Return the JSON object that was sent; an empty one for any other body, like Express. Raises Refusal (400)."""
    if request.content_type != "application/json":
        return {}
    try:
        document = await request.json()
    except ValueError as error:
        raise Refusal(400, f"Unexpected token in JSON: {error}") from error
    return document if isinstance(document, dict) else {}


async def fetch(address: str, count: Count) -> File:
    """Fetch the recording from an address on this machine, without following a redirect.

    Raises Refusal (422) if there is none, and what `count` raises.
    """
    url = URL(address)
    if url.host not in ("127.0.0.1", "::1", "localhost"):
        raise Refusal(422, f"The recording could not be fetched: {url.host} is not on this machine")
    timeout = ClientTimeout(total=None, sock_connect=_PATIENCE, sock_read=_PATIENCE)
    try:
        async with ClientSession(timeout=timeout) as session, session.get(url, allow_redirects=False) as response:
            if response.status != 200:
                raise Refusal(422, f"The recording could not be fetched: {response.status}")
            disposition = response.content_disposition
            name = (disposition.filename if disposition else None) or url.name
            return File(name, response.content_type, await count(response.content.iter_any()))
    except (ClientError, TimeoutError) as error:
        raise Refusal(422, f"The recording could not be fetched: {type(error).__name__}") from error


async def _parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    if request.content_type != "multipart/form-data":
        return  # multer ignores every other body
    if "boundary" not in request.headers["Content-Type"]:
        raise Refusal(400, "Multipart: Boundary not found")
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise Refusal(400, "Multipart: Malformed part header")
        yield part


async def _pieces(part: BodyPartReader) -> AsyncIterator[bytes]:
    while not part.at_eof():
        yield await part.read_chunk(_PIECE)


async def _text(part: BodyPartReader, name: str) -> str:
    value = bytearray()
    async for piece in _pieces(part):
        value += piece
        if len(value) > _LONGEST_FIELD:
            raise Refusal(400, f"Field value too long - {name}")
    return value.decode(errors="replace")


def _append(before: str | list[str] | None, value: str) -> str | list[str]:
    """A repeated field becomes a list (by `append-field`, which multer uses)."""
    if before is None:
        return value
    return [*before, value] if isinstance(before, list) else [before, value]
