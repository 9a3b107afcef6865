"""Fault injection: lets the ordered faults happen to requests."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from bot.sandbox.kickscale.faults import Fault, Faults, Stage
from bot.sandbox.kickscale.nest import answer, body


class Instead(Exception):
    """A fault's response, in place of the usual one."""

    def __init__(self, response: web.StreamResponse) -> None:
        super().__init__(response.status)
        self.response = response


class FaultInjector:
    def __init__(self, faults: Faults, wake: Callable[[], None]) -> None:
        """`wake` is called when a request begins or stops to hang."""
        self._faults = faults
        self._wake = wake
        self.hanging = 0
        """How many requests hang now."""
        self.released = asyncio.Event()
        """Set once what hangs now may continue. Replaced by a new event then."""
        self.stopping = asyncio.Event()
        """Set while the server stops: everything ends then."""

    def release(self) -> None:
        """Let everything that hangs now continue."""
        self.released.set()
        self.released = asyncio.Event()

    async def strike(self, request: web.Request, stage: Stage, piece: range = range(1)) -> Fault:
        """Let the fault happen that is ordered for this moment. Raises Instead if it replaces the response."""
        fault = self._faults.take(request.path, stage, piece) or Fault("")
        await self.pause(fault.latency)
        if fault.is_hang:
            await self._hang()
        if fault.is_broken or self.stopping.is_set():
            raise Instead(await cut(request))
        if fault.redirect:
            raise Instead(web.Response(status=fault.status or 302, headers={"Location": fault.redirect}))
        if fault.body is not None:
            raise Instead(web.Response(text=fault.body, status=fault.status or 200, content_type=fault.content_type))
        if fault.status:
            refusal = answer(body(fault.status, fault.message), fault.status)
            if fault.retry_after:
                refusal.headers["Retry-After"] = fault.retry_after
            raise Instead(refusal)
        return fault

    async def pause(self, seconds: float) -> None:
        """Sleep in real time, or until the server stops."""
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), seconds)

    async def _hang(self) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (self.released, self.stopping)]
        self.hanging += 1
        self._wake()
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.hanging -= 1
            self._wake()
            for wait in waits:
                wait.cancel()


def is_cut(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def cut(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Close the connection in the middle of a response, or before it if there is none."""
    if isinstance(response, web.Response) and isinstance(response.body, bytes | bytearray):
        promised = web.StreamResponse(
            status=response.status, headers={"Content-Type": response.headers["Content-Type"]}
        )
        promised.content_length = len(response.body)
        await promised.prepare(request)
        await promised.write(response.body[: len(response.body) // 2])
        response = promised
    if request.transport is not None:
        request.transport.close()
    return response or web.Response()
