"""Recordings to send to the embedded Kickscale."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx

UPLOAD = "/calls/upload"
NAMED = {"name": "Call with Acme", "date": "2026-11-20T14:30:00Z"}
SOUND = bytes(range(256)) * 1_000


async def send(client: httpx.AsyncClient, fields: dict[str, Any] = NAMED, sound: bytes = SOUND) -> httpx.Response:
    return await client.post(UPLOAD, data=fields, files={"file": ("call.wav", sound, "audio/wav")})


FORM = (
    b'--B\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n'
    b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n'
    b"sound\r\n--B\r\n"
    b'Content-Disposition: form-data; name="date"\r\n\r\n2026-11-20\r\n--B--\r\n'
)

TICKET = NAMED | {"fileName": "call.wav", "contentType": "audio/wav", "size": len(SOUND), "externalCallId": "slack-F1"}


async def pieces(count: int, before: Callable[[int], Awaitable[object]] | None = None) -> AsyncIterator[bytes]:
    """That many times 64 KiB."""
    for place in range(count):
        if before is not None:
            await before(place)
        yield bytes(65_536)


def form(count: int) -> dict[str, Any]:
    """The headers and the content of a form with a recording of `count` times 64 KiB."""
    first, last = FORM.split(b"sound")

    async def content() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces(count):
            yield piece
        yield last

    length = len(first) + count * 65_536 + len(last)
    headers = {"content-type": "multipart/form-data; boundary=B", "content-length": str(length)}
    return {"content": content(), "headers": headers}
