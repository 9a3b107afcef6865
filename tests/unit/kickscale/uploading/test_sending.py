"""Sending recordings over real sockets: what arrives, and what is said of it."""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from bot.errors import BotError, KickscaleUnavailable
from bot.kickscale.uploading.sender import Address, Sender
from tests.clock import ManualClock
from tests.unit.kickscale.service import Service, answer
from tests.unit.kickscale.uploading.raw import (
    BY_URL,
    FORM,
    PIECE,
    TICKET,
    VALUES,
    Raw,
    Request,
    Source,
    cut,
    cut_at_the_end,
    mute,
    response,
    silence,
    take,
    whole,
)

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
