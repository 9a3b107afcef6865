"""Reads the bodies of requests within a budget of memory that all unfinished ones share.

Who sent a body is only known after its last byte, so strangers decide how many there are and how slowly they arrive.
A body must not stay in memory once it was read or refused: exceptions keep the frames that they passed, so it is always
cleared at the end.
"""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

READ_TIMEOUT = 10.0
"""Seconds for a body to arrive: Slack itself gives up after three."""
MOST_BODIES = 32
"""How many are read at a time. Slack and Kickscale send a body all at once, so theirs are never many."""
MOST_HELD = 16 * 1024 * 1024
"""Bytes that all unfinished bodies may hold together: four of the largest webhooks."""


class BodyRefused(Exception):
    """The body wasn't read to its end. The request is answered with `status` and a short error message."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error

    def response(self) -> web.Response:
        headers = {"Retry-After": "1"} if self.status == web.HTTPServiceUnavailable.status_code else {}
        return web.json_response({"error": self.error}, status=self.status, headers=headers)


@dataclass(eq=False, slots=True)
class _Unfinished:
    patience: asyncio.Timeout
    read: bytearray = field(default_factory=bytearray)
    is_given_up: bool = False

    def give_up(self) -> None:
        """Free its memory now; its reader notices at its next step."""
        self.is_given_up = True
        self.read.clear()
        if not self.patience.expired():
            self.patience.reschedule(0.0)


class Bodies:
    def __init__(self) -> None:
        self._unfinished: list[_Unfinished] = []
        """The oldest first."""

    async def read(self, request: web.BaseRequest, largest: int) -> bytes:
        """Return a whole body of at most `largest` bytes.

        Raises BodyRefused: 408 if it takes too long, 413 if it is too large, 400 if it breaks off, and 503 if it had to
        make room. If there are too many bodies, the oldest goes; if there are too many bytes, the largest body: those
        of Slack and Kickscale are small, and arrive at once.
        """
        if (request.content_length or 0) > largest:
            raise BodyRefused(413, "too large")
        if len(self._unfinished) >= MOST_BODIES:
            self._unfinished.pop(0).give_up()
        try:
            async with asyncio.timeout(READ_TIMEOUT) as patience:
                return await self._read(request, largest, _Unfinished(patience))
        except TimeoutError:
            raise BodyRefused(408, "request timeout") from None

    async def _read(self, request: web.BaseRequest, largest: int, body: _Unfinished) -> bytes:
        self._unfinished.append(body)
        try:
            while not body.is_given_up and (chunk := await request.content.readany()):
                body.read += chunk
                if len(body.read) > largest:
                    raise BodyRefused(413, "too large")
                self._make_room()
        except asyncio.CancelledError:
            if not body.is_given_up:
                raise
        except (web.RequestPayloadError, ConnectionError) as exc:
            exc.__traceback__ = None  # the stream keeps the exception, whose frames keep the stream
            raise BodyRefused(400, "broken off") from None
        else:
            if not body.is_given_up:
                return bytes(body.read)
        finally:
            body.read.clear()
            if body in self._unfinished:
                self._unfinished.remove(body)
        raise BodyRefused(503, "busy")

    def give_up(self) -> None:
        """Stop reading all bodies."""
        while self._unfinished:
            self._unfinished.pop(0).give_up()

    def _make_room(self) -> None:
        if sum(len(body.read) for body in self._unfinished) > MOST_HELD:
            largest = max(self._unfinished, key=lambda body: len(body.read))
            self._unfinished.remove(largest)
            largest.give_up()
