"""The server: its lifecycle, what it holds, credentials and routes."""

import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.clock import Clock
from bot.sandbox.kickscale import data
from bot.sandbox.kickscale.callfields import CallFields, read_fields
from bot.sandbox.kickscale.customers import ENGLISH_COMPANY
from bot.sandbox.kickscale.faults import Faults, Stage
from bot.sandbox.kickscale.injection import FaultInjector, Instead, cut, is_cut
from bot.sandbox.kickscale.nest import Refusal, answer, unknown_route
from bot.sandbox.kickscale.query import Listing, read_expand, read_listing
from bot.sandbox.kickscale.recordings import Signer, sample_wav
from bot.sandbox.kickscale.records import Json, Kind, Record, Records, read_record
from bot.sandbox.kickscale.requestlog import RequestLog
from bot.sandbox.kickscale.swagger import serve_document
from bot.sandbox.kickscale.uploads import Counted, File, ReceivedUpload, Ticket, fetch, read_form, read_json
from bot.sandbox.kickscale.variant import ById, Envelope, UploadForm, Variant

_READ_BYTES = 2**20
"""How much of a recording is read ahead; more is faster."""
_TICKET_LIFE = timedelta(minutes=15)
_CREDENTIALS = ("api-key", "client-id", "authorization", "cookie")


class EmbeddedKickscale:
    """See the package. `api_key` and `client_id` are the credentials it accepts: change them to refuse a client.

    With `de` as its `language`, the sample data is a German company's."""

    def __init__(
        self,
        clock: Clock,
        *,
        variant: Variant | None = None,
        api_key: str = "sandbox-api-key",
        client_id: str = data.CLIENT_ID,
        populated: bool = True,
        language: str = ENGLISH_COMPANY.language,
        middlewares: Sequence[Middleware] = (),
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
        """Every recording that became a call, oldest first. The same recording sent twice becomes two calls."""
        self.leaks: list[str] = []
        """Which credentials were sent to the storage of recordings, which must not get them."""
        self.upload_rate = 0.0
        """How many bytes of a recording are read per second of real time; 0: as fast as they come."""
        self.analysis_after = 4.0
        """Seconds on the injected clock from an upload to its analysis."""
        self.seatless: set[str] = set()
        """E-mail addresses of users whose calls are refused since they have no paid seat."""
        self._clock = clock
        self._populated = populated
        self._language = language
        self._middlewares = middlewares
        self._port = port
        self._records = Records()
        self._signer = Signer(secrets.token_bytes(32))
        self._runner: web.AppRunner | None = None
        self._injector = FaultInjector(self.faults, self.requests.wake)
        self._tickets: dict[str, Ticket] = {}
        self._unanalysed: list[tuple[datetime, str, CallFields]] = []
        today = data.local_day(clock.now())
        self._next_day = today - timedelta(days=data.DAYS)

    # ---- lifecycle

    async def start(self) -> None:
        """Serve on 127.0.0.1. The second start takes the port of the first."""
        self._injector.stopping.clear()
        app = web.Application(client_max_size=2**40, middlewares=self._middlewares)
        app.router.add_route("*", "/{path:.*}", self._handle)
        # What still waits is ended by `stopping`; what was for a client that disconnects is cancelled.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1, read_bufsize=_READ_BYTES
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every connection, also those whose answer hangs."""
        self._injector.stopping.set()
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
        """Let everything that hangs now continue."""
        self._injector.release()

    @property
    def hanging(self) -> int:
        """How many requests hang now; `requests.until` looks again when this changes."""
        return self._injector.hanging

    # ---- what it holds

    def add_call(self, raw: Any, *, internal: bool = False, recorded: bool = False) -> None:
        """Hold a call: any JSON, even if it is no object. It replaces the call with the same id, if there is one.

        It is served as it is, except for `user` and `transcript` (which are included on request) and, if `recorded`,
        `recordingRef`. It is there at once, whatever its `createdAt` says.
        """
        self._records.put(read_record("calls", raw, internal=internal, recorded=recorded))

    def add_meeting(self, raw: Any, *, internal: bool = False, recorded: bool = False) -> None:
        """Like `add_call`."""
        self._records.put(read_record("meetings", raw, internal=internal, recorded=recorded))

    def change(self, record_id: str, fields: Json) -> None:
        """Change fields of a call or meeting, like a late edit. Raises KeyError if there is no such record."""
        self._records.change(record_id, {"updatedAt": data.iso(self._clock.now()), **fields})

    def remove(self, record_id: str) -> None:
        """Delete a call or meeting."""
        self._records.remove(record_id)

    def clear(self) -> None:
        """Delete everything, and make no more sample data."""
        self._populated = False
        self._records.clear()

    def calls(self) -> list[Any]:
        """Return the raw JSON of every call so far, with its owner and without links; oldest first."""
        self._populate()
        return [call.raw for call in self._records.known("calls", self._clock.now())]

    def meetings(self) -> list[Any]:
        """Like `calls`."""
        self._populate()
        return [meeting.raw for meeting in self._records.known("meetings", self._clock.now())]

    def _populate(self) -> None:
        """Make the sample data and analyses that are due since the last time; the first time, a year of them."""
        today = data.local_day(self._clock.now())
        while self._populated and self._next_day <= today:
            for conversation in data.conversations(self._next_day, self._language):
                self._records.put(conversation)
            self._next_day += timedelta(days=1)
        for due, call_id, fields in self._unanalysed.copy():
            if due <= self._clock.now():
                self._unanalysed.remove((due, call_id, fields))
                with suppress(KeyError):  # somebody removed it
                    analysed = data.analysed(call_id, fields, self._language)
                    self._records.change(call_id, {"updatedAt": data.iso(due), **analysed})

    # ---- requests

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        entry = self.requests.begin(request, self._clock.now())
        status: int | None = None
        try:
            response = await self._with_faults(request)
            if response.prepared or not is_cut(request):
                status = response.status
        except Refusal as refused:
            status = refused.status
            response = refused.response()
        finally:
            self.requests.end(entry, status)
        return response

    async def _with_faults(self, request: web.Request) -> web.StreamResponse:
        await self._injector.pause(self.latency)
        try:
            fault = await self._injector.strike(request, Stage.REQUEST)
            response = await self._answer(request)
        except Instead as instead:
            return instead.response
        return await cut(request, response) if fault.is_truncated else response

    # ---- routes

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """Match routes here rather than in aiohttp, since the variant changes some of them while the server runs."""
        method = "GET" if request.method == "HEAD" else request.method  # Express answers HEAD by the GET route
        segments = tuple(unquote(segment) for segment in request.rel_url.raw_path.strip("/").split("/"))
        if segments == ("swagger-json",) and method == "GET":
            if self.variant.swagger_guarded:
                self._guard(request)
            return await serve_document(request, self.variant, self._injector)
        if segments[0] == "recordings" and len(segments) == 2 and method == "GET":
            return self._recording(request, segments[1])
        if segments[0] == "storage" and len(segments) == 2 and method == "PUT":
            return await self._put(request, segments[1])
        if method == "POST" and request.path == self.variant.upload_path and self.variant.upload is not UploadForm.NONE:
            self._guard(request)
            return await self._upload(request)
        handler = self._find_reader(segments) if method == "GET" else None
        if handler is None:
            raise unknown_route(request.method, request.raw_path)
        self._guard(request)
        self._populate()
        return answer(handler(request))

    def _guard(self, request: web.Request) -> None:
        """Raise Refusal (403) unless both credentials are right.

        Both headers are needed on every request (article 13571612); one of them is not enough (the connector).
        NestJS's guards belong to handlers, so an unknown route is a 404 even without credentials, and a guard refuses
        with `Forbidden resource` (`packages/core/guards/constants.ts`).
        """
        raw = (request.headers.get("api-key", ""), request.headers.get("client-id", ""))
        wanted = (self.api_key, self.client_id)
        if not all(secrets.compare_digest(a.encode(), b.encode()) for a, b in zip(raw, wanted, strict=True)):
            raise Refusal(403, "Forbidden resource")

    def _find_reader(self, segments: tuple[str, ...]) -> Callable[[web.Request], Any] | None:
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
                return lambda request: data.users(self._language, request.query.get("domain", ""))
        return None

    def _list(self, kind: Kind, listing: Listing) -> Any:
        records = self._records.listed(
            kind,
            listing,
            self._clock.now(),
            end_inclusive=self.variant.end_inclusive,
            filters=not self.variant.domain_ignored,
            is_loose=self.variant.domain_loose,
            ids=not self.variant.id_ignored,
        )
        if self.variant.lists_twice:
            records = [record for record in records for _ in range(2)]
        size = min(listing.page_size, self.variant.page_cap)
        first = listing.page * size
        page = [self._show(record, listing.expand) for record in records[first : first + size]]
        # The connector knows `data` and `meta.total`. The names of the others are a guess.
        meta = {"page": listing.page, "pageSize": size}
        match self.variant.envelope:
            case Envelope.BARE:
                return page
            case Envelope.TOTAL:
                meta["total"] = len(records)
            case Envelope.OWN_COUNT:
                meta["total"] = len(page)
        return {"data": page, "meta": meta}

    def _one(self, kind: Kind, record_id: str, expand: frozenset[str]) -> Any:
        now = self._clock.now()
        records = self._records
        record = records.newest(kind, now) if self.variant.id_ignored else records.find(kind, record_id, now)
        if record is None:
            raise Refusal(404, f"{kind.capitalize().removesuffix('s')} not found")
        if self.variant.reading_changes:
            record = records.change(record.id, {"updatedAt": uuid.uuid4().hex})
        shown = self._show(record, expand)
        return {"data": shown} if self.variant.one_in_data else shown

    def _show(self, record: Record, expand: frozenset[str]) -> Any:
        """Return a record as it is served. `recordingRef` is a new link each time, for two days (the connector)."""
        link = self.base_url + self._signer.path(record.id, self._clock.now()) if record.is_recorded else ""
        shown = record.shown(expand, link)
        if self.variant.hides_external_id and isinstance(shown, dict):
            return {name: value for name, value in shown.items() if name != "externalCallId"}
        return shown

    # ---- uploads

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = self.variant.upload
        file: File | None = None
        if form is UploadForm.MULTIPART:
            raw, file = await read_form(request, "file", lambda pieces: self._count(request, pieces))
        else:
            raw = await read_json(request)
        fields = read_fields(raw, form, strict=self.variant.rejects_unknown)
        if fields.user_email.lower() in self.seatless:
            raise Refusal(422, "User has no paid seat")
        if form is UploadForm.URL:
            file = await fetch(raw["recordingUrl"], lambda pieces: self._count(request, pieces))
        await self._injector.strike(request, Stage.READ)
        created: Json = {"id": str(uuid.uuid4())}
        if file is None:
            created["uploadUrl"] = self._issue_ticket(created["id"], raw, fields)
        else:
            self._store(created["id"], raw, fields, file)
        return await self._finish_upload(request, answer(created, 201))

    def _issue_ticket(self, call_id: str, raw: Json, fields: CallFields) -> str:
        """Return an address that accepts the recording for a quarter of an hour. The call appears once it was sent."""
        until = self._clock.now() + _TICKET_LIFE
        ticket = Ticket(call_id, raw, fields, secrets.token_hex(16), until)
        self._tickets[call_id] = ticket
        return f"{self.base_url}/storage/{call_id}?expires={until.timestamp():.0f}&signature={ticket.signature}"

    async def _put(self, request: web.Request, call_id: str) -> web.StreamResponse:
        """Like object storage: the address is the credential, a length is required, and the last PUT counts."""
        self.leaks += [f"{name} at {request.path}" for name in _CREDENTIALS if name in request.headers]
        ticket = self._tickets.get(call_id)
        if ticket is None or request.query.get("signature") != ticket.signature or self._clock.now() >= ticket.until:
            return _denied()
        if request.content_length is None:
            text = "<Error><Code>MissingContentLength</Code></Error>"
            return web.Response(status=411, text=text, content_type="application/xml")
        counted = await self._count(request, request.content.iter_any())
        await self._injector.strike(request, Stage.READ)
        media_type = request.headers.get("Content-Type", "")
        self._store(call_id, ticket.raw, ticket.fields, File(ticket.raw["fileName"], media_type, counted))
        return await self._finish_upload(
            request, web.Response(headers={"ETag": f'"{counted.sha256.hexdigest()[:32]}"'})
        )

    async def _finish_upload(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        fault = await self._injector.strike(request, Stage.STORED)
        return await cut(request, response) if fault.is_truncated else response

    async def _count(self, request: web.Request, pieces: AsyncIterator[bytes]) -> Counted:
        """Read a recording. Raises Refusal (413) once it is too large, and Instead for a fault in its middle."""
        counted = Counted()
        async for piece in pieces:
            before = counted.size
            counted.add(piece)
            if counted.size > self.variant.max_bytes:
                raise Refusal(413, "File too large")
            await self._injector.strike(request, Stage.MIDDLE, range(before, counted.size))
            if self.upload_rate:
                await self._injector.pause(len(piece) / self.upload_rate)
        return counted

    def _store(self, call_id: str, raw: Json, fields: CallFields, file: File) -> None:
        """Create the call, whose analysis comes later. If it is there already, only its recording is replaced."""
        now, counted = self._clock.now(), file.counted
        if all(upload.call_id != call_id for upload in self.uploads):
            self._records.put(read_record("calls", data.uploaded(call_id, fields, now, self._language), recorded=True))
            self._unanalysed.append((now + timedelta(seconds=self.analysis_after), call_id, fields))
        digest = counted.sha256.hexdigest()
        upload = ReceivedUpload(
            raw, file.name, file.media_type, counted.size, digest, call_id, now, head=bytes(counted.head)
        )
        self.uploads[:] = [*(earlier for earlier in self.uploads if earlier.call_id != call_id), upload]
        self.requests.wake()

    # ---- other operations, which are in the document to mislead

    def _search(self, request: web.Request) -> Any:
        words = request.query.get("query", "").lower()
        calls = [call.raw for call in self._records.known("calls", self._clock.now()) if isinstance(call.raw, dict)]
        matches = (call for call in calls if words in str(call.get("name")).lower())
        return [{"id": call.get("id"), "name": call.get("name")} for call in matches][:20]

    def _comments(self, record_id: str) -> Any:
        call = self._records.find("calls", record_id, self._clock.now())
        if call is None:
            raise Refusal(404, "Call not found")
        return call.raw.get("comments", [])

    # ---- without credentials

    def _recording(self, request: web.Request, name: str) -> web.Response:
        """A signed address is a credential by itself. Once it has expired, object storage answers 403 with some XML."""
        if not self._signer.allows(name.removesuffix(".wav"), request.query, self._clock.now()):
            return _denied()
        return web.Response(body=sample_wav(), content_type="audio/wav")


def _denied() -> web.Response:
    denied = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    return web.Response(status=403, text=denied, content_type="application/xml")
