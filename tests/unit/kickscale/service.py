"""A Kickscale whose behaviour tests define, on a loopback socket."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

START = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2026, 4, 1, tzinfo=UTC)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def record(number: int, *domains: str, at: datetime | None = None) -> dict[str, Any]:
    """The `number`th record, a minute older than the one before it."""
    moment = at or END - timedelta(minutes=number + 1)
    return {
        "id": f"c{number}",
        "name": f"Call {number}",
        "date": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "customerDomains": list(domains or ("acme.com",)),
    }


class Service:
    """Lists `records`, newest first, the way that the flags say. `script` is answered first, one entry a request."""

    def __init__(self) -> None:
        self.records: list[Any] = []
        self.script: list[Handler] = []
        self.document: Any = {}
        self.bare = False
        self.page_size = 100
        self.filter_name = "customerDomain"
        self.filter_form = "single"
        self.filter_is_ignored = False
        self.unknown_is_refused = False
        self.end_is_inclusive = False
        self.has_by_id = True
        self.id_parameter = "id"
        self.waves: list[int] = []
        """How many requests must be there together before any of them is answered, wave by wave."""

        self.requests: list[web.Request] = []
        self.together = 0
        self.most_together = 0
        self.arrived = asyncio.Event()
        self.never = asyncio.Event()
        self.opened = asyncio.Event()
        self.opened.set()
        self.base_url = ""
        self._wave: list[asyncio.Event] = []

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self.never.set()
        self.opened.set()
        await self._runner.cleanup()

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        self.arrived.set()
        try:
            await self.opened.wait()
            await self._wait_for_the_wave()
            if self.script:
                return await self.script.pop(0)(request)
            return self._read(request)
        finally:
            self.together -= 1

    async def _wait_for_the_wave(self) -> None:
        if not self.waves:
            return
        here = asyncio.Event()
        self._wave.append(here)
        if len(self._wave) == self.waves[0]:
            self.waves.pop(0)
            for waiter in self._wave:
                waiter.set()
            self._wave = []
        await here.wait()

    def _read(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/swagger-json":
            return web.json_response(self.document)
        collection, _, id_ = request.path.strip("/").partition("/")
        if collection not in ("calls", "meetings") or (id_ and not self.has_by_id):
            return nest(404, f"Cannot GET {request.path}")
        if id_:
            matching = [record for record in self.records if record["id"] == id_]
            return web.json_response(matching[0]) if matching else nest(404, "Call not found")
        return self._list(request)

    def _list(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        known = {"page", "pageSize", "sortingOrder", "startDate", "endDate", "scopes", "expand", self.id_parameter}
        unknown = sorted(set(query) - known - {self.filter_name})
        if unknown and self.unknown_is_refused:
            return nest(400, [f"property {name} should not exist" for name in unknown])
        matching = [record for record in self.records if self._is_asked_for(record, request)]
        size = min(int(query["pageSize"]), self.page_size)
        page = matching[int(query["page"]) * size :][:size]
        return web.json_response(page if self.bare else {"data": page, "meta": {"total": len(matching)}})

    def _is_asked_for(self, record: Any, request: web.Request) -> bool:
        query = request.query
        if not isinstance(record, dict):
            return True
        if self.id_parameter in query:
            return bool(record["id"] == query[self.id_parameter])
        if "startDate" in query and record["date"] < query["startDate"]:
            return False
        if "endDate" in query:
            end = query["endDate"]
            if record["date"] > end or (record["date"] == end and not self.end_is_inclusive):
                return False
        asked = query.getall(self.filter_name, [])
        if self.filter_form == "comma":
            asked = [one for value in asked for one in value.split(",")]
        elif self.filter_form == "single":
            asked = asked[:1]
        return self.filter_is_ignored or not asked or bool(set(asked) & set(record["customerDomains"]))


def nest(status: int, message: Any) -> web.Response:
    """An error as NestJS words it."""
    return web.json_response({"statusCode": status, "message": message, "error": "Error"}, status=status)


def answer(status: int = 200, body: str = "", **headers: str) -> Handler:
    """Answers with this, whatever is asked. `retry_after="1"` is the header `retry-after`."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(
            status=status, text=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    return handler


async def drop(request: web.Request) -> web.StreamResponse:
    """Closes the connection without a word."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()
