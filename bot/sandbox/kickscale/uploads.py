"""Recordings as they come in: counted and hashed while they stream, and not kept."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import BadHttpMessage

from bot.sandbox.kickscale.nest import Refusal

HEAD = 65_536
_PIECE = 2**20
_LONGEST_FIELD = 2**20


@dataclass(slots=True)
class Counted:
    """What is kept of a recording."""

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
    """What came with it: texts, and a list where a part of the form was repeated; or the JSON as it came."""
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


Count = Callable[[AsyncIterator[bytes]], Awaitable[Counted]]


async def read_form(request: web.Request, file_field: str, count: Count) -> tuple[dict[str, Any], File]:
    """The fields of a multipart form and the one file in it, which `count` reads.

    Raises Refusal (400) with the words that NestJS gives the errors of multer and busboy
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
                fields[name] = _with(fields.get(name), await _text(part, name))
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


async def _parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    if request.content_type != "multipart/form-data":
        return  # multer leaves every other body alone
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


def _with(before: str | list[str] | None, value: str) -> str | list[str]:
    """A field that comes again becomes a list (the `append-field` that multer uses)."""
    if before is None:
        return value
    return [*before, value] if isinstance(before, list) else [before, value]
