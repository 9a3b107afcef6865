"""`url_private_download`, the address of a file's bytes.

https://docs.slack.dev/reference/objects/file-object#authentication : with the token as a bearer. Without access to
a file, the answer is the sign-in page, with status 200 (https://github.com/slackapi/deno-slack-sdk/issues/285 ,
https://github.com/chenhg5/cc-connect/pull/204).
"""

import asyncio
import re
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.slack import media
from bot.sandbox.slack.api import WebApi
from bot.sandbox.slack.faults import Fault, Faults
from bot.sandbox.slack.state import File, State

_SIGN_IN = "<!DOCTYPE html><html><head><title>Sign in to Sandbox | Slack</title></head><body>Sign in</body></html>"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class _Unsatisfiable(Exception):
    """416"""


@dataclass(eq=False, slots=True)
class Download:
    """Bytes of a file that are sent to the app, from `start` to before `stop`."""

    file: str
    start: int
    stop: int
    sent: int = 0
    is_over: bool = False
    """Whether all of them were sent, or the connection ended."""


class Downloads:
    """`takes_ranges` says whether a part of a file can be requested; otherwise all of it is sent."""

    def __init__(self, state: State, api: WebApi, faults: Faults, stopping: asyncio.Event) -> None:
        self._state = state
        self._api = api
        self._faults = faults
        self._stopping = stopping
        self.takes_ranges = True
        self.served: list[Download] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        fault = self._faults.take("download")
        if fault is not None and fault.location:
            self._note(request.match_info["file"], request, 302, "redirected")
            return web.Response(status=302, headers={"Location": fault.location})
        if fault is not None and fault.is_answer:
            return await self._api.fail(request, "download", fault)
        id_ = request.match_info["file"].rpartition("-")[2]
        file = self._state.files.get(id_)
        if not self._is_allowed(request, file) or (fault is not None and fault.is_html):
            self._note(id_, request, 200, "html")
            return await self.sign_in(request)
        if file is None or not file.has_bytes:
            self._note(id_, request, 404, "not_found")
            return web.Response(status=404, text="not found")
        try:
            start, stop = self._span(request, file.size)
        except _Unsatisfiable:
            self._note(id_, request, 416, "range")
            return web.Response(status=416, headers={"Content-Range": f"bytes */{file.size}"})
        is_part = stop - start < file.size
        self._note(id_, request, 206 if is_part else 200)
        response = web.StreamResponse(status=206 if is_part else 200)
        response.content_type = file.mimetype or media.mimetype(file.name)
        if is_part:
            response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
        if self.takes_ranges:
            response.headers["Accept-Ranges"] = "bytes"
        return await self._send(request, response, file, Download(id_, start, stop), fault)

    async def sign_in(self, _: web.Request) -> web.Response:
        """The sign-in page."""
        return web.Response(text=_SIGN_IN, content_type="text/html")

    def _is_allowed(self, request: web.Request, file: File | None) -> bool:
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        token = self._state.tokens.get(credentials.strip()) if scheme.lower() == "bearer" else None
        if token is None or token.is_revoked or "files:read" not in token.scopes:
            return False
        return file is None or self._state.sees(file)

    def _span(self, request: web.Request, size: int) -> tuple[int, int]:
        """Return which part of the file is requested (RFC 9110, 14.1.2). An invalid `Range` is ignored."""
        match = _RANGE.fullmatch(request.headers.get("Range", "").strip()) if self.takes_ranges else None
        if match is None or not any(match.groups()):
            return 0, size
        first, last = match.groups()
        if not first:
            start, stop = max(0, size - int(last)), size
        else:
            start, stop = int(first), min(int(last) + 1 if last else size, size)
        if start >= stop:
            raise _Unsatisfiable
        return start, stop

    async def _send(
        self, request: web.Request, response: web.StreamResponse, file: File, download: Download, fault: Fault | None
    ) -> web.StreamResponse:
        end = (
            download.stop if fault is None or fault.after is None else min(download.stop, download.start + fault.after)
        )
        if fault is not None and fault.is_short:
            download.stop = end
        response.content_length = download.stop - download.start
        self.served.append(download)
        try:
            await response.prepare(request)
            for chunk in file.chunks(download.start, end):
                await response.write(chunk)
                download.sent += len(chunk)
                if fault is not None and fault.pause and download.sent < download.stop - download.start:
                    await self._state.clock.sleep(fault.pause)
            if end < download.stop:
                if fault is not None and fault.is_hang:
                    self._state.changed()
                    await self._stopping.wait()
                if request.transport is not None:  # the client may have disconnected
                    request.transport.abort()
        finally:
            download.is_over = True
            self._state.changed()
        return response

    def _note(self, file: str, request: web.Request, status: int, error: str = "") -> None:
        args = {"file": file, "range": request.headers.get("Range", "")}
        self._api.note("download", args, {"ok": not error, "error": error}, status)
