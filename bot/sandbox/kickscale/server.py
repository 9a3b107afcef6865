"""The server: lifecycle, credentials, routes, and the faults that stand in their way."""

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web

from bot.clock import Clock
from bot.sandbox.kickscale import data
from bot.sandbox.kickscale.callfields import CallFields, read_fields
from bot.sandbox.kickscale.faults import Fault, Faults, Stage
from bot.sandbox.kickscale.nest import Refusal, answer, body, unknown_route
from bot.sandbox.kickscale.openapi import document
from bot.sandbox.kickscale.query import Listing, read_expand, read_listing
from bot.sandbox.kickscale.recordings import Signer, sample_wav
from bot.sandbox.kickscale.records import Json, Kind, Record, Records, record
from bot.sandbox.kickscale.requestlog import RequestLog
from bot.sandbox.kickscale.uploads import Counted, File, ReceivedUpload, Ticket, fetch, read_form, read_json
from bot.sandbox.kickscale.variant import ById, Envelope, Swagger, UploadForm, Variant

_HUGE_BYTES = 64 * 2**20
_CHUNK = b"x" * 2**16
_TRICKLE_SECONDS = 0.05
_READ_BYTES = 2**20
"""What it reads ahead of a recording; more is faster."""
_TICKET_LIFE = timedelta(minutes=15)
_CREDENTIALS = ("api-key", "client-id", "authorization", "cookie")


class Instead(Exception):
    """A fault's answer, in place of the usual one."""

    def __init__(self, response: web.StreamResponse) -> None:
        super().__init__(response.status)
        self.response = response


class EmbeddedKickscale:
    """See the package. `api_key` and `client_id` are what it takes as credentials: set others to refuse a client."""

    def __init__(
        self,
        clock: Clock,
        *,
        variant: Variant | None = None,
        api_key: str = "sandbox-api-key",
        client_id: str = data.CLIENT_ID,
        populated: bool = True,
        port: int = 0,
    ) -> None:
        self.api_key = api_key
        self.client_id = client_id
        self.variant = variant or Variant()
        self.faults = Faults()
        self.requests = RequestLog()
        self.latency = 0.0
        """Seconds of real time before every answer."""
        self.uploads: list[ReceivedUpload] = []
        """Every recording that became a call, oldest first. Twice the same one are two calls."""
        self.hanging = 0
        """How many requests hang now; `requests.until` looks again when this changes."""
        self.leaks: list[str] = []
        """Which credentials came to the store of recordings, where they have no business."""
        self.upload_rate = 0.0
        """How many bytes of a recording it takes in a second of real time; 0: as fast as they come."""
        self.analysis_after = 4.0
        """Seconds on the injected clock from an upload to its analysis."""
        self.seatless: set[str] = set()
        """E-mail addresses of users for whom no call is taken: they have no paid seat."""
        self._clock = clock
        self._populated = populated
        self._port = port
        self._records = Records()
        self._signer = Signer(secrets.token_bytes(32))
        self._runner: web.AppRunner | None = None
        self._released = asyncio.Event()
        self._stopping = asyncio.Event()
        self._tickets: dict[str, Ticket] = {}
        self._unanalysed: list[tuple[datetime, str, CallFields]] = []
        today = data.local_day(clock.now())
        self._next_day = today - timedelta(days=data.DAYS)

    # ---- lifecycle

    async def start(self) -> None:
        """Serve on 127.0.0.1. The second start takes the port of the first."""
        self._stopping.clear()
        app = web.Application(client_max_size=2**40)
        app.router.add_route("*", "/{path:.*}", self._handle)
        # Whoever still waits is released by `_stopping`; a client's going away ends what was for it.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1, read_bufsize=_READ_BYTES
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every connection, also those whose answer hangs."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def release(self) -> None:
        """Let everything that hangs now go on."""
        self._released.set()
        self._released = asyncio.Event()

    # ---- what it holds

    def add_call(self, raw: Any, *, internal: bool = False, recorded: bool = False) -> None:
        """Hold a call: any JSON, also what is no object; in place of the call with that id, if there is one.

        It is served untouched, but for `user` and `transcript` (which are shown when asked for) and, when `recorded`,
        `recordingRef`. It is known at once, whatever its `createdAt` says.
        """
        self._records.put(record("calls", raw, internal=internal, recorded=recorded))

    def add_meeting(self, raw: Any, *, internal: bool = False, recorded: bool = False) -> None:
        """As `add_call`."""
        self._records.put(record("meetings", raw, internal=internal, recorded=recorded))

    def change(self, record_id: str, fields: Json) -> None:
        """Put `fields` over those of a call or meeting, as a late edit does. Raises KeyError when there is none."""
        self._records.change(record_id, {"updatedAt": data.iso(self._clock.now()), **fields})

    def remove(self, record_id: str) -> None:
        """Forget a call or meeting, as when somebody deletes it."""
        self._records.remove(record_id)

    def clear(self) -> None:
        """Hold nothing, and populate no more."""
        self._populated = False
        self._records.clear()

    def calls(self) -> list[Any]:
        """The raw JSON of every call that is known now, with owner, without links; oldest first."""
        self._populate()
        return [each.raw for each in self._records.known("calls", self._clock.now())]

    def meetings(self) -> list[Any]:
        """As `calls`."""
        self._populate()
        return [each.raw for each in self._records.known("meetings", self._clock.now())]

    def _populate(self) -> None:
        """Make the days and the analyses that have come since the last time, at first a year."""
        today = data.local_day(self._clock.now())
        while self._populated and self._next_day <= today:
            for each in data.conversations(self._next_day):
                self._records.put(each)
            self._next_day += timedelta(days=1)
        for due, call_id, fields in self._unanalysed.copy():
            if due <= self._clock.now():
                self._unanalysed.remove((due, call_id, fields))
                with suppress(KeyError):  # somebody removed it
                    self._records.change(call_id, {"updatedAt": data.iso(due), **data.analysed(call_id, fields)})

    # ---- requests

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        entry = self.requests.begin(request, self._clock.now())
        status: int | None = None
        try:
            response = await self._with_faults(request)
            if response.prepared or not _is_cut(request):
                status = response.status
        except Refusal as refused:
            status = refused.status
            response = refused.response()
        finally:
            self.requests.end(entry, status)
        return response

    async def _with_faults(self, request: web.Request) -> web.StreamResponse:
        await self._pause(self.latency)
        try:
            fault = await self._strike(request, Stage.REQUEST)
            response = await self._answer(request)
        except Instead as instead:
            return instead.response
        return await _cut(request, response) if fault.is_truncated else response

    async def _strike(self, request: web.Request, stage: Stage, piece: range = range(1)) -> Fault:
        """Let the fault happen that is ordered for now. Raises Instead where it answers."""
        fault = self.faults.take(request.path, stage, piece) or Fault("")
        await self._pause(fault.latency)
        if fault.is_hang:
            await self._until_released()
        if fault.is_broken or self._stopping.is_set():
            raise Instead(await _cut(request))
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

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _until_released(self) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (self._released, self._stopping)]
        self.hanging += 1
        self.requests.wake()
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.hanging -= 1
            self.requests.wake()
            for each in waits:
                each.cancel()

    # ---- routes

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """Routes are matched here and not by aiohttp, since a switch moves some of them while the server runs."""
        method = "GET" if request.method == "HEAD" else request.method  # Express answers HEAD by the GET route
        segments = tuple(unquote(each) for each in request.rel_url.raw_path.strip("/").split("/"))
        if segments == ("swagger-json",) and method == "GET":
            if self.variant.swagger_guarded:
                self._guard(request)
            return await self._swagger(request)
        if segments[0] == "recordings" and len(segments) == 2 and method == "GET":
            return self._recording(request, segments[1])
        if segments[0] == "storage" and len(segments) == 2 and method == "PUT":
            return await self._put(request, segments[1])
        if method == "POST" and request.path == self.variant.upload_path and self.variant.upload is not UploadForm.NONE:
            self._guard(request)
            return await self._upload(request)
        handler = self._reader(segments) if method == "GET" else None
        if handler is None:
            raise unknown_route(request.method, request.raw_path)
        self._guard(request)
        self._populate()
        return answer(handler(request))

    def _guard(self, request: web.Request) -> None:
        """Article 13571612: both headers on every request; the connector: either alone is rejected, with 403.

        NestJS's guards stand before handlers, so an unknown route is a 404 also without credentials, and a guard
        that says no is `Forbidden resource` (`packages/core/guards/constants.ts`).
        """
        given = (request.headers.get("api-key", ""), request.headers.get("client-id", ""))
        wanted = (self.api_key, self.client_id)
        if not all(secrets.compare_digest(a.encode(), b.encode()) for a, b in zip(given, wanted, strict=True)):
            raise Refusal(403, "Forbidden resource")

    def _reader(self, segments: tuple[str, ...]) -> Callable[[web.Request], Any] | None:
        match segments:
            case ("calls" | "meetings" as kind,):
                return lambda request: self._list(kind, read_listing(kind, request.query.items(), self.variant))
            case ("calls", "search"):
                return self._search
            case ("calls" | "meetings" as kind, record_id) if self.variant.by_id is ById.PATH:
                return lambda request: self._one(kind, record_id, read_expand(request.query.items(), self.variant))
            case ("calls", record_id, "comments"):
                return lambda _: self._comments(record_id)
            case ("calls", _, "attachments"):
                return lambda _: []
            case ("users",):
                return lambda request: [
                    each for each in data.USERS if each["email"].endswith(request.query.get("domain", ""))
                ]
        return None

    def _list(self, kind: Kind, listing: Listing) -> Any:
        found = self._records.listed(
            kind,
            listing,
            self._clock.now(),
            end_inclusive=self.variant.end_inclusive,
            filters=not self.variant.domain_ignored,
            ids=not self.variant.id_ignored,
        )
        first = listing.page * listing.page_size
        page = [self._shown(each, listing.expand) for each in found[first : first + listing.page_size]]
        if self.variant.envelope is Envelope.BARE:
            return page
        # The connector knows `data`, and of `meta` only `total`; the rest of it is how others name these.
        meta = {"page": listing.page, "pageSize": listing.page_size}
        total = {"total": len(found)} if self.variant.envelope is Envelope.TOTAL else {}
        return {"data": page, "meta": total | meta}

    def _one(self, kind: Kind, record_id: str, expand: frozenset[str]) -> Any:
        now = self._clock.now()
        records = self._records
        found = records.newest(kind, now) if self.variant.id_ignored else records.find(kind, record_id, now)
        if found is None:
            raise Refusal(404, f"{kind.capitalize().removesuffix('s')} not found")
        shown = self._shown(found, expand)
        return {"data": shown} if self.variant.one_in_data else shown

    def _shown(self, found: Record, expand: frozenset[str]) -> Any:
        """`recordingRef` is a fresh link at each reading: it is valid for two days (the connector)."""
        link = self.base_url + self._signer.path(found.id, self._clock.now()) if found.is_recorded else ""
        shown = found.shown(expand, link)
        if self.variant.hides_external_id and isinstance(shown, dict):
            return {name: value for name, value in shown.items() if name != "externalCallId"}
        return shown

    # ---- uploads

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = self.variant.upload
        file: File | None = None
        if form is UploadForm.MULTIPART:
            given, file = await read_form(request, "file", lambda pieces: self._count(request, pieces))
        else:
            given = await read_json(request)
        fields = read_fields(given, form, strict=self.variant.rejects_unknown)
        if fields.user_email.lower() in self.seatless:
            raise Refusal(422, "User has no paid seat")
        if form is UploadForm.URL:
            file = await fetch(given["recordingUrl"], lambda pieces: self._count(request, pieces))
        await self._strike(request, Stage.READ)
        told: Json = {"id": str(uuid.uuid4())}
        if file is None:
            told["uploadUrl"] = self._ticket(told["id"], given, fields)
        else:
            self._store(told["id"], given, fields, file)
        return await self._stored(request, answer(told, 201))

    def _ticket(self, call_id: str, given: Json, fields: CallFields) -> str:
        """An address that takes the recording for a quarter of an hour. The call is there once it has come."""
        until = self._clock.now() + _TICKET_LIFE
        ticket = Ticket(call_id, given, fields, secrets.token_hex(16), until)
        self._tickets[call_id] = ticket
        return f"{self.base_url}/storage/{call_id}?expires={until.timestamp():.0f}&signature={ticket.signature}"

    async def _put(self, request: web.Request, call_id: str) -> web.StreamResponse:
        """As object stores do it: the address is the credential, a length is wanted, and the last one put counts."""
        self.leaks += [f"{name} at {request.path}" for name in _CREDENTIALS if name in request.headers]
        ticket = self._tickets.get(call_id)
        if ticket is None or request.query.get("signature") != ticket.signature or self._clock.now() >= ticket.until:
            return _denied()
        if request.content_length is None:
            text = "<Error><Code>MissingContentLength</Code></Error>"
            return web.Response(status=411, text=text, content_type="application/xml")
        counted = await self._count(request, request.content.iter_any())
        await self._strike(request, Stage.READ)
        media_type = request.headers.get("Content-Type", "")
        self._store(call_id, ticket.given, ticket.fields, File(ticket.given["fileName"], media_type, counted))
        return await self._stored(request, web.Response(headers={"ETag": f'"{counted.sha256.hexdigest()[:32]}"'}))

    async def _stored(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        fault = await self._strike(request, Stage.STORED)
        return await _cut(request, response) if fault.is_truncated else response

    async def _count(self, request: web.Request, pieces: AsyncIterator[bytes]) -> Counted:
        """Take a recording. Raises Refusal (413) once it is too large, and Instead for a fault in its middle."""
        counted = Counted()
        async for piece in pieces:
            before = counted.size
            counted.add(piece)
            if counted.size > self.variant.max_bytes:
                raise Refusal(413, "File too large")
            await self._strike(request, Stage.MIDDLE, range(before, counted.size))
            if self.upload_rate:
                await self._pause(len(piece) / self.upload_rate)
        return counted

    def _store(self, call_id: str, given: Json, fields: CallFields, file: File) -> None:
        """Make the call, whose analysis comes later; for one that is there, only its recording is another now."""
        now, counted = self._clock.now(), file.counted
        if all(each.call_id != call_id for each in self.uploads):
            self._records.put(record("calls", data.uploaded(call_id, fields, now), recorded=True))
            self._unanalysed.append((now + timedelta(seconds=self.analysis_after), call_id, fields))
        upload = ReceivedUpload(
            given,
            file.name,
            file.media_type,
            counted.size,
            counted.sha256.hexdigest(),
            call_id,
            now,
            head=bytes(counted.head),
        )
        self.uploads[:] = [*(each for each in self.uploads if each.call_id != call_id), upload]
        self.requests.wake()

    # ---- neighbours, which are in the document to mislead

    def _search(self, request: web.Request) -> Any:
        words = request.query.get("query", "").lower()
        raws = [each.raw for each in self._records.known("calls", self._clock.now()) if isinstance(each.raw, dict)]
        found = (raw for raw in raws if words in str(raw.get("name")).lower())
        return [{"id": raw.get("id"), "name": raw.get("name")} for raw in found][:20]

    def _comments(self, record_id: str) -> Any:
        found = self._records.find("calls", record_id, self._clock.now())
        if found is None:
            raise Refusal(404, "Call not found")
        return found.raw.get("comments", [])

    # ---- what is behind no guard

    def _recording(self, request: web.Request, name: str) -> web.Response:
        """A signed address is its own credential. Past its time, object stores answer 403 with a few lines of XML."""
        if not self._signer.allows(name.removesuffix(".wav"), request.query, self._clock.now()):
            return _denied()
        return web.Response(body=sample_wav(), content_type="audio/wav")

    async def _swagger(self, request: web.Request) -> web.StreamResponse:
        match self.variant.swagger:
            case Swagger.HONEST:
                return answer(document(self.variant))
            case Swagger.MISSING:
                raise unknown_route(request.method, request.raw_path)
            case Swagger.HTML:
                return web.Response(text="<!DOCTYPE html><title>Swagger UI</title>", content_type="text/html")
            case Swagger.BROKEN:
                return web.Response(text='{"openapi": "3.0.0", "paths": {', content_type="application/json")
            case Swagger.ARRAY:
                return answer([1, None, "openapi"])
            case Swagger.HUGE:
                return await self._stream(request, self._huge())
            case Swagger.SLOW:
                return await self._stream(request, self._trickle())

    async def _stream(self, request: web.Request, chunks: AsyncIterator[bytes]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
        await response.prepare(request)
        with suppress(ConnectionError):  # whoever reads it may have had enough
            async for each in chunks:
                await response.write(each)
        return response

    async def _huge(self) -> AsyncIterator[bytes]:
        yield b'{"openapi": "3.0.0", "paths": {}, "x-more": "'
        for _ in range(_HUGE_BYTES // len(_CHUNK)):
            if self._stopping.is_set():
                return
            yield _CHUNK
        yield b'"}'

    async def _trickle(self) -> AsyncIterator[bytes]:
        released = self._released
        while not (released.is_set() or self._stopping.is_set()):
            yield b" "
            await self._pause(_TRICKLE_SECONDS)
        yield answer(document(self.variant)).body  # type: ignore[misc]


def _denied() -> web.Response:
    denied = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    return web.Response(status=403, text=denied, content_type="application/xml")


def _is_cut(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _cut(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Close the connection in the middle of an answer, or before it."""
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
