"""Sending recordings over real sockets: what arrives, and which error is raised if it does not."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.errors import (
    BotError,
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleRejected,
    KickscaleUnavailable,
    KickscaleUnreadable,
    RecordingRefused,
    SlackUnavailable,
    UploadOutcomeUnknown,
)
from bot.kickscale.binding.operations import Field, Upload, UploadStyle
from bot.kickscale.uploading.sender import Address, Recording, Sender
from tests.clock import ManualClock
from tests.unit.kickscale.service import Service, answer

FORM = Upload(
    "/calls/upload",
    file_field="recording",
    fields=(
        Field("name", required=True),
        Field("duration", "integer"),
        Field("customerDomains", "array"),
        Field("isInternal", "boolean"),
    ),
)
VALUES = {"name": "Büro", "duration": "600", "customerDomains": "acme.com,example.com", "isInternal": "no", "notes": ""}
TICKET = Upload("/calls/upload-url", UploadStyle.PRESIGNED, "", "data.uploadUrl", fields=FORM.fields)
BY_URL = Upload("/calls", UploadStyle.URL, "recordingUrl", fields=FORM.fields)
PIECE = bytes(range(256)) * 256


class Source:
    """The bytes of a recording, and what became of them."""

    def __init__(self, pieces: int = 4, *, size: int | None = None, failure: BaseException | None = None) -> None:
        self.pieces = pieces
        self.size = pieces * len(PIECE) if size is None else size
        self.failure = failure
        self.given = 0
        self.is_closed = False

    async def chunks(self) -> AsyncIterator[bytes | memoryview]:
        try:
            for _ in range(self.pieces):
                self.given += 1
                yield memoryview(PIECE)
            if self.failure is not None:
                raise self.failure
        finally:
            self.is_closed = True

    @property
    def recording(self) -> Recording:
        return Recording("Gespräch.wav", "audio/wav", self.size, self.chunks)


@dataclass
class Request:
    """What a service read: `body` as far as it came."""

    line: str
    headers: Mapping[str, str]
    body: bytearray = field(default_factory=bytearray)
    is_whole: bool = False


Behaviour = Callable[["Raw", Request, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Raw:
    """A service whose behaviour a test defines, down to the bytes."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = whole()
        self.requests: list[Request] = []
        self.ended = asyncio.Event()
        self.never = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**16)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self.never.set()
        self._server.close()
        for writer in set(self._open):
            writer.transport.abort()
        await self._server.wait_closed()
        await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *lines = head.strip().split("\r\n")
            request = Request(
                line, {name.lower(): value for name, _, value in (line_.partition(": ") for line_ in lines)}
            )
            self.requests.append(request)
            await self.behaviour(self, request, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()
            self.ended.set()


async def take(request: Request, reader: asyncio.StreamReader, most: int | None = None) -> None:
    """Read the body: all of it, `most` bytes, or as far as it comes."""
    length = int(request.headers["content-length"])
    with suppress(OSError):
        while len(request.body) < (length if most is None else most) and (chunk := await reader.read(2**16)):
            request.body += chunk
    request.is_whole = len(request.body) == length


def response(status: int = 201, body: bytes = b'{"id": "c1"}', *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def whole(said: bytes | None = None) -> Behaviour:
    """Reads everything, then says this."""

    async def behave(_: Raw, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await take(request, reader)
        writer.write(response() if said is None else said)
        await writer.drain()

    return behave


def early(said: bytes, *, then: str = "read") -> Behaviour:
    """Answer after the first bytes, and then keep reading, wait, or hang up."""

    async def behave(raw: Raw, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await take(request, reader, 1)
        writer.write(said)
        await writer.drain()
        if then == "read":
            await take(request, reader)
        elif then == "wait":
            await raw.never.wait()

    return behave


async def cut(_: Raw, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up in the midst of the body."""
    await take(request, reader, 2**17)
    writer.transport.abort()


async def cut_at_the_end(_: Raw, request: Request, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Takes it all, and says nothing."""
    await take(request, reader)


async def deaf(raw: Raw, _request: Request, _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Reads no more than the head."""
    await raw.never.wait()


async def mute(raw: Raw, request: Request, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Takes it all, and never answers."""
    await take(request, reader)
    await raw.never.wait()


def silence(behaviour: Behaviour) -> float:
    """Return the allowed silence in seconds: little if that is tested, otherwise enough for a machine that stalls."""
    return 0.2 if behaviour in (deaf, mute) else 60.0


@pytest.fixture
async def raw() -> AsyncIterator[Raw]:
    raw = Raw()
    await raw.start()
    yield raw
    await raw.stop()


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Sender]]:
    """Makes senders, and closes them."""
    senders: list[Sender] = []

    def make(base_url: str, **options: Any) -> Sender:
        senders.append(Sender(base_url, "key-of-1-year", "client-1", **options))
        return senders[-1]

    yield make
    for sender in senders:
        await sender.aclose()


@pytest.fixture
def sender(raw: Raw, connect: Callable[..., Sender]) -> Sender:
    return connect(raw.base_url)


# ---- what arrives --------------------------------------------------------------------------------------------------


async def test_a_form_arrives_as_any_server_reads_forms(service: Service, connect: Callable[..., Sender]) -> None:
    """Fields before the file, lists as repeated parts, empty values left out, the length known, both credentials."""
    seen: dict[str, Any] = {}

    async def handler(request: web.Request) -> web.StreamResponse:
        form = await request.post()
        file = form["recording"]
        assert isinstance(file, web.FileField)
        seen.update(fields=[item for item in form.items() if item[0] != "recording"], names=list(form))
        seen.update(file=(file.filename, file.content_type, file.file.read()))
        return web.json_response({"data": {"id": "c7"}}, status=201)

    service.script = [handler]
    source = Source(4)
    assert await connect(service.base_url).send(FORM, VALUES, source.recording) == "c7"
    assert seen["fields"] == [
        ("name", "Büro"),
        ("duration", "600"),
        ("customerDomains", "acme.com"),
        ("customerDomains", "example.com"),
        ("isInternal", "false"),
    ]
    assert seen["names"][-1] == "recording"
    assert seen["file"] == ("Gespräch.wav", "audio/wav", PIECE * 4)
    (request,) = service.requests
    assert (request.method, request.path) == ("POST", "/calls/upload")
    assert (request.headers["api-key"], request.headers["client-id"]) == ("key-of-1-year", "client-1")
    assert int(request.headers["content-length"]) > source.size
    assert "transfer-encoding" not in request.headers
    assert source.is_closed


async def test_an_address_is_sent_as_typed_json(service: Service, connect: Callable[..., Sender]) -> None:
    """With the recording's own address in the field for it."""
    seen: list[Any] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append(await request.json())
        return web.json_response({"callId": 12}, status=202)

    service.script = [handler]
    sender = connect(service.base_url)
    assert await sender.send_address(BY_URL, VALUES, "https://bot.example.com/r/1") == "12"
    assert seen == [
        {
            "name": "Büro",
            "duration": 600,
            "customerDomains": ["acme.com", "example.com"],
            "isInternal": False,
            "recordingUrl": "https://bot.example.com/r/1",
        }
    ]


async def test_bytes_go_where_the_api_says_without_credentials(raw: Raw, sender: Sender) -> None:
    """With the method and the headers of the answer."""
    answer_body = b'{"data": {"uploadUrl": "%s/put/1?sig=a%%2Fb", "id": "c9", "headers": {"x-kind": "call"}}}'
    raw.behaviour = whole(response(201, answer_body % raw.base_url.encode()))
    address = await sender.begin(TICKET, VALUES)
    assert address == Address(f"{raw.base_url}/put/1?sig=a%2Fb", "PUT", {"x-kind": "call"}, "c9")
    raw.behaviour = whole(response(200, b""))
    await sender.put(address, Source(3).recording)
    asked, put = raw.requests
    assert asked.headers["api-key"] == "key-of-1-year"
    assert put.line == "PUT /put/1?sig=a%2Fb HTTP/1.1"
    assert not {"api-key", "client-id", "cookie", "authorization"} & put.headers.keys()
    assert (put.headers["content-type"], put.headers["x-kind"]) == ("audio/wav", "call")
    assert bytes(put.body) == PIECE * 3


async def test_a_content_type_from_the_answer_is_sent(raw: Raw, sender: Sender) -> None:
    """It is part of the signature; however it is written."""
    address = Address(f"{raw.base_url}/put", "POST", {"Content-Type": "video/mp4"}, "")
    await sender.put(address, Source(1).recording)
    (put,) = raw.requests
    assert put.line.startswith("POST ")
    assert put.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(
    "said",
    [
        response(201, b""),
        response(200, b"OK"),
        response(200, b"[" * 100_000),
        response(200, b"{" + b" " * 3_000_000),
        response(204, b"").replace(b"Content-Length: 0\r\n", b""),
        response(201, b"plain", "Content-Encoding: gzip"),
        b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{",
        b"HTTP/1.1 201 Created\r\n\r\n",
    ],
)
async def test_a_success_in_whatever_words_is_one(raw: Raw, sender: Sender, said: bytes) -> None:
    """The status counts; the id is then not known."""
    raw.behaviour = whole(said)
    assert await sender.send(FORM, VALUES, Source().recording) == ""


async def test_an_answer_without_end_is_not_waited_for(raw: Raw, connect: Callable[..., Sender]) -> None:
    """Its status said enough."""

    async def trickle(raw: Raw, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await take(request, reader)
        writer.write(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
        await raw.never.wait()

    raw.behaviour = trickle
    assert await connect(raw.base_url, silence=0.1).send(FORM, VALUES, Source().recording) == ""


async def test_a_proxy_of_the_environment_is_used(
    raw: Raw, connect: Callable[..., Sender], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the world outside, not for this machine."""
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", raw.base_url)
    assert await connect("http://api.example.com").send(FORM, VALUES, Source(1).recording) == "c1"
    assert raw.requests[0].line == "POST http://api.example.com/calls/upload HTTP/1.1"
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert await connect(raw.base_url).send(FORM, VALUES, Source(1).recording) == "c1"


# ---- refused -------------------------------------------------------------------------------------------------------


REFUSALS = [
    (
        response(400, b'{"message": ["name should not be empty", "x"]}'),
        KickscaleRejected(400, "name should not be empty; x"),
    ),
    (response(404, b"Cannot POST /calls"), KickscaleRejected(404, "Cannot POST /calls")),
    (response(413, b"<html><h1>413 Too Large</h1></html>"), KickscaleRejected(413, "413 Too Large")),
    (response(422, b'{"message": "User has no paid seat"}'), KickscaleRejected(422, "User has no paid seat")),
    (response(400, b"no key-of-1-year of client-1"), KickscaleRejected(400, "no *** of ***")),
    (response(401, b""), CredentialsRefused()),
    (response(403, b"Forbidden"), CredentialsRefused()),
    (response(429, b"", "Retry-After: 17"), KickscaleRateLimited(17.0)),
    (response(307, b"", "Location: https://example.com/x?y=1"), KickscaleRedirected("https://example.com/x")),
]


def same(raised: KickscaleError, expected: KickscaleError) -> bool:
    return type(raised) is type(expected) and vars(raised) == vars(expected)


@pytest.mark.parametrize(("said", "error"), REFUSALS)
async def test_a_refusal_says_why(raw: Raw, sender: Sender, said: bytes, error: KickscaleError) -> None:
    """In the API's own words, without secrets, and without a second request."""
    raw.behaviour = whole(said)
    with pytest.raises(type(error)) as refused:
        await sender.send(FORM, VALUES, Source().recording)
    assert same(refused.value, error)
    assert len(raw.requests) == 1


@pytest.mark.parametrize("then", ["read", "wait", "hang up"])
@pytest.mark.parametrize(("said", "error"), REFUSALS)
async def test_a_refusal_before_the_end_of_the_body_is_read(
    raw: Raw, sender: Sender, said: bytes, error: KickscaleError, then: str
) -> None:
    """And ends the sending: the rest is not fetched for nothing."""
    raw.behaviour = early(said, then=then)
    source = Source(4000)
    with pytest.raises(type(error)) as refused:
        await sender.send(FORM, VALUES, source.recording)
    assert same(refused.value, error)
    assert source.given < 4000
    assert source.is_closed


async def test_a_refusal_whose_body_never_ends_is_one(raw: Raw, sender: Sender) -> None:
    """As many of its words as are needed are read."""

    async def flood(raw: Raw, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await take(request, reader)
        writer.write(b"HTTP/1.1 400 Bad\r\n\r\n")
        while not raw.never.is_set():
            writer.write(b"no " * 10_000)
            await writer.drain()

    raw.behaviour = flood
    with pytest.raises(KickscaleRejected) as rejected:
        await sender.send(FORM, VALUES, Source().recording)
    assert len(rejected.value.message) == 500


# ---- not known -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour",
    [
        whole(response(500)),
        whole(response(503, b"", "Retry-After: 1")),
        whole(response(303, b"", "Location: /calls/1")),
        whole(b"SSH-2.0-OpenSSH_9.6\r\n"),
        whole(b"HTTP/1.1 2"),
        early(response(201), then="wait"),
        cut_at_the_end,
        mute,
    ],
)
async def test_what_breaks_after_the_last_bytes_is_not_known(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour
) -> None:
    """A fault of the service, a broken connection, silence, or a success that came too early to be one."""
    raw.behaviour = behaviour
    source = Source(200)
    with pytest.raises(UploadOutcomeUnknown):
        await connect(raw.base_url, silence=silence(behaviour)).send(FORM, VALUES, source.recording)
    assert len(raw.requests) == 1
    assert source.is_closed


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (early(response(500)), 500),
        (early(response(503), then="wait"), 503),
        (early(response(502), then="hang up"), 502),
        (early(b"SSH-2.0-OpenSSH_9.6\r\n"), None),
        (cut, None),
        (deaf, None),
    ],
)
async def test_what_breaks_before_the_last_bytes_stored_nothing(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour, status: int | None
) -> None:
    """Half a form is none, whatever ended it."""
    raw.behaviour = behaviour
    source = Source(4000)
    with pytest.raises(KickscaleUnavailable) as unavailable:
        await connect(raw.base_url, silence=silence(behaviour)).send(FORM, VALUES, source.recording)
    assert unavailable.value.status == status
    assert len(raw.requests) == 1
    assert source.given < 4000
    assert source.is_closed


async def test_no_more_is_fetched_than_the_service_takes(raw: Raw, connect: Callable[..., Sender]) -> None:
    """What it does not read is not sent."""
    raw.behaviour = deaf
    source = Source(4000)
    with pytest.raises(KickscaleUnavailable):
        await connect(raw.base_url, silence=0.1).send(FORM, VALUES, source.recording)
    assert source.given * len(PIECE) < 16 * 2**20


async def test_without_a_connection_nothing_was_sent(connect: Callable[..., Sender]) -> None:
    """The source is not even asked."""
    source = Source()
    sender = connect("http://127.0.0.1:1")
    with pytest.raises(KickscaleUnavailable) as unavailable:
        await sender.send(FORM, VALUES, source.recording)
    assert unavailable.value.status is None
    assert source.given == 0
    with pytest.raises(KickscaleUnavailable):
        await sender.send_address(BY_URL, VALUES, "https://bot.example.com/r/1")


@pytest.mark.parametrize("behaviour", [whole(response(500)), cut_at_the_end, mute, whole(b"SSH-2.0\r\n")])
async def test_whether_an_address_was_taken_is_not_known_either(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour
) -> None:
    """The API may be fetching it."""
    raw.behaviour = behaviour
    sender = connect(raw.base_url, silence=silence(behaviour))
    with pytest.raises(UploadOutcomeUnknown):
        await sender.send_address(BY_URL, VALUES, "https://bot.example.com/r/1")


# ---- the source ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [SlackUnavailable("truncated"), RecordingRefused("gone"), ValueError("odd"), TimeoutError(), OSError(5, "disk")],
    ids=repr,
)
async def test_what_the_source_raises_is_passed_on(raw: Raw, sender: Sender, failure: Exception) -> None:
    """Itself, and the service sees a body that breaks off."""
    source = Source(3, size=10**9, failure=failure)
    with pytest.raises(type(failure)) as raised:
        await sender.send(FORM, VALUES, source.recording)
    assert raised.value is failure
    await raw.ended.wait()
    assert not raw.requests[0].is_whole
    assert source.is_closed


async def test_a_source_that_is_cancelled_cancels_the_sending(raw: Raw, sender: Sender) -> None:
    """E.g. if it waits for a task that somebody else cancels."""
    with pytest.raises(asyncio.CancelledError):
        await sender.send(FORM, VALUES, Source(3, size=10**9, failure=asyncio.CancelledError()).recording)
    await raw.ended.wait()
    assert not raw.requests[0].is_whole


@pytest.mark.parametrize("size", [4 * len(PIECE) + 1, 4 * len(PIECE) - 1])
async def test_a_recording_of_another_size_is_never_whole(raw: Raw, sender: Sender, size: int) -> None:
    """Neither a shorter one nor a longer one."""
    with pytest.raises(RecordingRefused) as refused:
        await sender.send(FORM, VALUES, Source(4, size=size).recording)
    assert refused.value.reason == "truncated"
    await raw.ended.wait()
    assert not raw.requests[0].is_whole


async def test_cancelling_closes_the_source_and_the_connection(raw: Raw, sender: Sender) -> None:
    """The service sees a body that breaks off."""
    waiting = asyncio.Event()
    source = Source()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield PIECE
            waiting.set()
            await raw.never.wait()
        finally:
            source.is_closed = True

    sending = asyncio.create_task(sender.send(FORM, VALUES, Recording("a.wav", "audio/wav", 10**9, chunks)))
    await waiting.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert source.is_closed
    await raw.ended.wait()
    assert not raw.requests[0].is_whole


async def test_a_slow_source_is_waited_for(raw: Raw, connect: Callable[..., Sender]) -> None:
    """The silence that counts is the service's."""
    passed = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield PIECE
        asyncio.get_running_loop().call_later(0.2, passed.set)
        await passed.wait()
        yield PIECE

    sender = connect(raw.base_url, silence=0.1)
    recording = Recording("a.wav", "audio/wav", 2 * len(PIECE), chunks)
    assert await sender.send(FORM, VALUES, recording) == "c1"


# ---- presigned -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (whole(response(500)), KickscaleUnavailable),
        (whole(response(403)), CredentialsRefused),
        (whole(response(400)), KickscaleRejected),
        (whole(response(302, b"", "Location: /")), KickscaleRedirected),
        (whole(response(201, b"<html>")), KickscaleUnreadable),
        (whole(response(201, b'{"id": "c1"}')), KickscaleUnreadable),
        (whole(response(201, b'{"uploadUrl": "https://10.0.0.1/"}')), KickscaleUnreadable),
        (whole(response(201, b'{"uploadUrl": "http://example.com/"}')), KickscaleUnreadable),
        (cut_at_the_end, KickscaleUnavailable),
        (mute, KickscaleUnavailable),
    ],
)
async def test_an_answer_without_a_usable_address_is_a_failure(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour, error: type[KickscaleError]
) -> None:
    """Nothing of the recording has been sent by then."""
    raw.behaviour = behaviour
    with pytest.raises(error):
        await connect(raw.base_url, silence=silence(behaviour)).begin(TICKET, VALUES)


EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request of 0123456789 has expired</Message></Error>"


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (whole(response(403, EXPIRED)), KickscaleRejected(403, "Request of *** has expired")),
        (early(response(403, EXPIRED), then="wait"), KickscaleRejected(403, "Request of *** has expired")),
        (whole(response(401, b"")), KickscaleRejected(401, "")),
        (whole(response(413, b"Too large")), KickscaleRejected(413, "Too large")),
        (whole(response(429, b"", "Retry-After: 3")), KickscaleRateLimited(3.0)),
        (
            whole(response(307, b"", "Location: https://other.example.com/")),
            KickscaleRedirected("https://other.example.com/"),
        ),
        (whole(response(303, b"", "Location: /done")), UploadOutcomeUnknown()),
        (whole(response(503)), KickscaleUnavailable(503)),
        (early(response(200), then="wait"), KickscaleUnavailable(200)),
        (cut, KickscaleUnavailable()),
        (cut_at_the_end, KickscaleUnavailable()),
        (deaf, KickscaleUnavailable()),
        (mute, KickscaleUnavailable()),
    ],
)
async def test_a_storage_that_does_not_take_the_bytes(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour, error: KickscaleError
) -> None:
    """A refusal is about the address, not the API key, and the caller can repeat what broke off."""
    raw.behaviour = behaviour
    address = Address(f"{raw.base_url}/put?sig=0123456789", "PUT", {}, "")
    with pytest.raises(type(error)) as raised:
        await connect(raw.base_url, silence=silence(behaviour)).put(address, Source(200).recording)
    assert same(raised.value, error)
    assert len(raw.requests) == 1


async def test_a_name_that_resolves_to_this_machine_is_refused(raw: Raw, sender: Sender) -> None:
    """Known when the connection is made: until then it is a name like any other."""
    port = raw.base_url.rpartition(":")[2]
    with pytest.raises(KickscaleUnreadable):
        await sender.put(Address(f"https://localhost:{port}/put", "PUT", {}, ""), Source().recording)
    assert not raw.requests


# ---- what it says --------------------------------------------------------------------------------------------------


async def test_credentials_are_in_nothing_that_is_raised_or_logged(
    raw: Raw, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even when the service repeats them, or the connection breaks."""
    caplog.set_level(logging.DEBUG)
    said = [repr(sender)]
    for behaviour in (whole(response(400, b"key-of-1-year client-1")), whole(b"key-of-1-year\r\n"), cut):
        raw.behaviour = behaviour
        with pytest.raises(BotError) as raised:
            await sender.send(FORM, VALUES, Source(200).recording)
        exc: BaseException | None = raised.value
        while exc is not None:
            said += [repr(exc), str(exc)]
            exc = exc.__cause__ or exc.__context__
    said += [record.getMessage() for record in caplog.records]
    assert any("*** ***" in text for text in said)
    assert not any(re.search("key-of-1-year|client-1", text) for text in said)


async def test_each_request_is_observed(raw: Raw, connect: Callable[..., Sender]) -> None:
    """Its operation, its outcome and its seconds."""
    seen: list[tuple[str, str]] = []

    def observe(operation: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        seen.append((operation, outcome))

    sender = connect(raw.base_url, observe=observe, clock=ManualClock())
    await sender.send(FORM, VALUES, Source().recording)
    await sender.send_address(BY_URL, VALUES, "https://bot.example.com/r/1")
    await sender.put(Address(f"{raw.base_url}/put", "PUT", {}, ""), Source().recording)
    for behaviour in (whole(response(500)), mute, cut_at_the_end):
        raw.behaviour = behaviour
        with pytest.raises(KickscaleUnavailable):
            await connect(raw.base_url, silence=silence(behaviour), observe=observe).begin(TICKET, VALUES)
    with pytest.raises(ValueError, match="odd"):
        await sender.send(FORM, VALUES, Source(failure=ValueError("odd"), size=10**9).recording)
    assert seen == [
        ("upload", "201"),
        ("upload_address", "201"),
        ("put_recording", "201"),
        ("begin_upload", "500"),
        ("begin_upload", "timeout"),
        ("begin_upload", "unreachable"),
        ("upload", "broken_source"),
    ]


async def test_each_recording_has_its_own_connection(service: Service, connect: Callable[..., Sender]) -> None:
    """One that was kept may be dead, and when it died would not be known."""
    sender = connect(service.base_url)
    service.script = [answer(201, "{}"), answer(201, "{}")]
    for _ in range(2):
        await sender.send(FORM, VALUES, Source(1).recording)
    assert [request.headers["connection"] for request in service.requests] == ["close", "close"]
