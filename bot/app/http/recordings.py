"""Recordings that Kickscale fetches from the bot, each at a secret address."""

import logging
import mimetypes
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from bot.errors import BotError

if TYPE_CHECKING:
    from bot.uploads.sources import Source

log = logging.getLogger(__name__)

_ADDRESS = re.compile(r"[A-Za-z0-9_-]{43}")
"""What `secrets.token_urlsafe(32)` makes."""


class Recordings:
    def __init__(self, open_recording: Callable[[str], Awaitable["Source | None"]]) -> None:
        """`open_recording` returns the recording that is served at an address now."""
        self._open = open_recording

    def add_to(self, server: web.Application) -> None:
        server.router.add_get("/recordings/{address}/{name}", self._send)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        """Send a recording to a client that knows its secret address: Kickscale, which fetches it from here."""
        address = request.match_info["address"]
        source = await self._open(address) if _ADDRESS.fullmatch(address) else None
        if source is None:
            return web.json_response({"error": "not found"}, status=404)
        kind = mimetypes.guess_type(source.name)[0] or ""
        is_media = kind.startswith(("audio/", "video/"))
        headers = {
            "Content-Type": kind if is_media else "application/octet-stream",
            "X-Content-Type-Options": "nosniff",  # it is a user's file, at the bot's own address
            "Cache-Control": "no-store",
        }
        response = web.StreamResponse(headers=headers)
        response.content_length = source.size
        await response.prepare(request)
        if request.method == "GET":
            try:
                async for chunk in source.chunks():
                    await response.write(chunk)
            except BotError as exc:
                # The status was sent already: only a body that ends early shows that it is incomplete.
                log.warning("a download of a recording was interrupted (%s)", type(exc).__name__)
                if request.transport is not None:
                    request.transport.close()
                return response
        await response.write_eof()
        return response
