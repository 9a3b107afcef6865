"""Downloads of files that people share in Slack."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.errors import RecordingRefused, SlackUnavailable
from bot.model.uploads import SlackFile
from bot.slack.downloads import Downloads, refusal
from tests.servers import serving

CONTENT = bytes(range(256)) * 4096

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class FileServer:
    """Serves CONTENT, also in ranges, or answers as `answer` does."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.answer: Answer = self.serve
        self.base_url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await self.answer(request)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        span = request.http_range
        part = CONTENT[span.start : span.stop]
        if len(part) == len(CONTENT):
            return web.Response(body=part, content_type="audio/wav")
        start = span.start if span.start >= 0 else len(CONTENT) + span.start
        content_range = f"bytes {start}-{start + len(part) - 1}/{len(CONTENT)}"
        return web.Response(status=206, body=part, headers={"Content-Range": content_range}, content_type="audio/wav")

    def file(self, **changes: Any) -> SlackFile:
        return file(**{"url": f"{self.base_url}/files-pri/T1-F1/download/call.wav", **changes})


def file(**changes: Any) -> SlackFile:
    known = {"id": "F1", "name": "call.wav", "size": len(CONTENT), "mode": "hosted", "url": "https://files.slack.com/f"}
    return SlackFile(**{**known, **changes})


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    server = FileServer()
    async with serving(server.handle) as server.base_url:
        yield server


@pytest.fixture
async def files(server: FileServer) -> AsyncIterator[Downloads]:
    files = Downloads("xoxb-secret", f"{server.base_url}/api/")
    try:
        yield files
    finally:
        await files.aclose()


@asynccontextmanager
async def talking(talk: Talk, **settings: Any) -> AsyncGenerator[tuple[Downloads, SlackFile]]:
    """Yield downloads from a server that answers what `talk` writes, and a file of 10 bytes on it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    files = Downloads("xoxb-secret", base_url, **settings)
    try:
        yield files, file(url=f"{base_url}/f", size=10)
    finally:
        await files.aclose()
        listening.close()
        await listening.wait_closed()


async def read_all(files: Downloads, file: SlackFile) -> bytes:
    return b"".join([chunk async for chunk in files.chunks(file)])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"mode": "file_access"}, ""),
        ({"mode": "external"}, "external"),
        ({"mode": "tombstone"}, "gone"),
        ({"mode": "hidden_by_limit"}, "hidden"),
        ({"mode": "file_access", "url": ""}, "permission"),
        ({"url": ""}, "gone"),
    ],
)
async def test_files_without_bytes_are_not_requested(
    files: Downloads, server: FileServer, changes: dict[str, str], reason: str
) -> None:
    """The reason comes from Slack's mode, without a request."""
    described = server.file(**changes)
    assert refusal(described) == reason
    if reason:
        with pytest.raises(RecordingRefused) as caught:
            await files.head(described, 10)
        assert (caught.value.reason, caught.value.name, server.requests) == (reason, "call.wav", [])


def redirecting(*targets: str) -> Answer:
    """Return an answer that redirects from one target to the next, and finally to the content."""

    async def answer(request: web.Request) -> web.StreamResponse:
        step = int(request.query.get("step", "0"))
        if step == len(targets):
            return web.Response(body=CONTENT)
        return web.Response(status=302, headers={"Location": targets[step]})

    return answer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_with_the_token(files: Downloads, server: FileServer, status: int) -> None:
    """As Enterprise Grid needs it, and with the requested range."""

    async def redirect(request: web.Request) -> web.StreamResponse:
        if request.path == "/origin":
            return await server.serve(request)
        return web.Response(status=status, headers={"Location": "/origin"})

    server.answer = redirect
    assert await files.head(server.file(), 100) == CONTENT[:100]
    assert await read_all(files, server.file()) == CONTENT
    assert {request.headers["Authorization"] for request in server.requests} == {"Bearer xoxb-secret"}


@pytest.mark.parametrize("hops", [1, 2, 3])
async def test_up_to_three_redirects_are_followed(files: Downloads, server: FileServer, hops: int) -> None:
    """With complete addresses or just paths."""
    server.answer = redirecting(*[("", server.base_url)[step % 2] + f"/f?step={step + 1}" for step in range(hops)])
    assert await read_all(files, server.file()) == CONTENT


async def test_more_redirects_are_not_followed(files: Downloads, server: FileServer) -> None:
    """There may be a loop."""
    server.answer = redirecting(*["/f"] * 9)
    with pytest.raises(RecordingRefused) as caught:
        await read_all(files, server.file())
    assert (caught.value.reason, len(server.requests)) == ("redirects", 4)


@pytest.mark.parametrize(
    "location",
    [
        "https://evilslack.com/f?secret=1",
        "https://files.slack.com.example.com/f?secret=1",
        "http://files.slack.com/f?secret=1",
        "//example.com/f?secret=1",
        "https://files.slack.com@example.com/f?secret=1",
        "https://[slack.com/f?secret=1",
        "file:///etc/passwd?secret=1",
    ],
)
async def test_a_redirect_to_any_other_host_is_refused(
    files: Downloads, server: FileServer, caplog: pytest.LogCaptureFixture, location: str
) -> None:
    """With a reason of its own. The log doesn't have the part of the address that may give access."""
    server.answer = redirecting(location)
    for ask in (read_all(files, server.file()), files.head(server.file(), 10), files.tail(server.file(), 10)):
        with pytest.raises(RecordingRefused) as caught:
            await ask
        assert (caught.value.reason, caught.value.name) == ("redirected", "call.wav")
    assert (
        len(server.requests) == len([record for record in caplog.records if "wasn't followed" in record.message]) == 3
    )
    assert "secret" not in caplog.text


async def test_a_foreign_address_gets_no_request(files: Downloads, server: FileServer) -> None:
    """Not even the same server by another name."""
    described = server.file(url=f"{server.base_url}/f".replace("127.0.0.1", "localhost"))
    with pytest.raises(RecordingRefused) as caught:
        await read_all(files, described)
    assert (caught.value.reason, server.requests) == ("external", [])


async def test_a_redirect_to_the_sign_in_page_means_no_permission(files: Downloads, server: FileServer) -> None:
    """Slack redirects there if the bot may not read the file."""

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        if request.path == "/sign-in":
            return web.Response(text="<!DOCTYPE html>", content_type="text/html")
        raise web.HTTPFound("/sign-in")

    server.answer = elsewhere
    with pytest.raises(RecordingRefused) as caught:
        await read_all(files, server.file())
    assert caught.value.reason == "permission"


# ---- the bytes -------------------------------------------------------------------------------------------------------


async def test_all_bytes_are_read_with_the_token(files: Downloads, server: FileServer) -> None:
    """As Slack stores them: compression is not requested."""
    assert await read_all(files, server.file()) == CONTENT
    [request] = server.requests
    assert request.headers["Authorization"] == "Bearer xoxb-secret"
    assert request.headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in request.headers
    assert "Range" not in request.headers


async def test_only_both_ends_are_read(files: Downloads, server: FileServer) -> None:
    """Over one connection, and without the rest."""
    assert await files.head(server.file(), 1000) == CONTENT[:1000]
    assert await files.tail(server.file(), 1000) == CONTENT[-1000:]
    assert [request.headers["Range"] for request in server.requests] == ["bytes=0-999", "bytes=1047576-1048575"]
    first, second = (request.transport for request in server.requests)
    assert first is second


async def test_ends_longer_than_the_file_are_the_whole_file(files: Downloads, server: FileServer) -> None:
    """And of an empty file they are empty."""
    assert await files.head(server.file(), 2 * len(CONTENT)) == CONTENT
    assert await files.head(server.file(size=0), 100) == b""
    assert await files.tail(server.file(size=0), 100) == b""


async def test_a_server_without_ranges_has_a_head_but_no_tail(files: Downloads, server: FileServer) -> None:
    """A large recording isn't read completely for its last bytes."""

    async def whole(_: web.Request) -> web.StreamResponse:
        return web.Response(body=CONTENT, content_type="audio/wav")

    server.answer = whole
    assert await files.head(server.file(), 1000) == CONTENT[:1000]
    assert await files.tail(server.file(), 1000) == b""


@pytest.mark.parametrize("content_range", ["", "bytes 5-1004/1048576", "items 0-9/10", "bytes 0-999999999999999999/*"])
async def test_a_range_that_was_not_requested_is_refused(
    files: Downloads, server: FileServer, content_range: str
) -> None:
    """Bytes from somewhere else would say wrong things about the recording."""

    async def other(_: web.Request) -> web.StreamResponse:
        return web.Response(status=206, body=CONTENT[5:1005], headers={"Content-Range": content_range})

    server.answer = other
    with pytest.raises(SlackUnavailable):
        await files.head(server.file(), 1000)
    assert await files.tail(server.file(), 1000) == b""


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "permission"), (403, "permission"), (303, "permission"), (404, "gone"), (410, "gone")]
)
async def test_a_refusal_is_final(files: Downloads, server: FileServer, status: int, reason: str) -> None:
    """Trying again would not help."""

    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    server.answer = refuse
    for ask in (read_all(files, server.file()), files.head(server.file(), 10), files.tail(server.file(), 10)):
        with pytest.raises(RecordingRefused) as caught:
            await ask
        assert (caught.value.reason, caught.value.name) == (reason, "call.wav")


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "TEXT/HTML", "application/xhtml+xml"])
async def test_a_web_page_is_no_recording(files: Downloads, server: FileServer, content_type: str) -> None:
    """Slack's sign-in page comes with status 200 to a token that may not read the file."""

    async def sign_in(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"<!DOCTYPE html>", headers={"Content-Type": content_type})

    server.answer = sign_in
    for ask in (read_all(files, server.file()), files.head(server.file(), 10), files.tail(server.file(), 10)):
        with pytest.raises(RecordingRefused) as caught:
            await ask
        assert caught.value.reason == "permission"


@pytest.mark.parametrize("status", [400, 408, 416, 429, 500, 503])
async def test_other_statuses_may_pass(files: Downloads, server: FileServer, status: int) -> None:
    """The caller tries again later."""

    async def busy(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    server.answer = busy
    with pytest.raises(SlackUnavailable) as caught:
        await read_all(files, server.file())
    assert caught.value.code == f"download_{status}"


@pytest.mark.parametrize("more", [-1, 1])
async def test_a_download_with_the_wrong_length_is_refused(files: Downloads, server: FileServer, more: int) -> None:
    """If the answer has its length, not a single byte is passed on."""
    taken = []
    with pytest.raises(SlackUnavailable) as caught:
        taken.append(await anext(files.chunks(server.file(size=len(CONTENT) + more))))
    assert (caught.value.code, taken) == ("truncated", [])


@pytest.mark.parametrize("more", [-1, 1])
async def test_bytes_are_counted_if_the_length_is_unknown(files: Downloads, server: FileServer, more: int) -> None:
    """Never more than the file's size are passed on, and fewer are an error."""

    async def without_length(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for start in range(0, len(CONTENT), 100_000):
            await response.write(CONTENT[start : start + 100_000])
        return response

    server.answer = without_length
    assert await read_all(files, server.file()) == CONTENT
    received = bytearray()

    async def take() -> None:
        async for chunk in files.chunks(server.file(size=len(CONTENT) + more)):
            received.extend(chunk)

    with pytest.raises(SlackUnavailable) as caught:
        await take()
    assert caught.value.code == "truncated"
    assert CONTENT.startswith(received)
    assert len(received) <= len(CONTENT) + more


async def test_stopping_closes_the_connection(files: Downloads, server: FileServer) -> None:
    """Slack must not keep sending what nobody reads."""
    gone = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(2**40)})
        await response.prepare(request)
        try:
            while True:
                await response.write(CONTENT)
        finally:
            gone.set()

    server.answer = endless
    reading = files.chunks(server.file(size=2**40))
    assert CONTENT.startswith((await anext(reading))[:1000])
    await reading.aclose()
    async with asyncio.timeout(30):
        await gone.wait()


async def test_a_slow_reader_slows_the_server(files: Downloads, server: FileServer) -> None:
    """Unread bytes stay on the server, so memory doesn't grow with the file."""
    written = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse(headers={"Content-Length": str(2**40)})
        await response.prepare(request)
        while True:
            await response.write(CONTENT)
            written += len(CONTENT)

    server.answer = endless
    reading = files.chunks(server.file(size=2**40))
    largest = 0
    for _ in range(100):
        largest = max(largest, len(await anext(reading)))
    await reading.aclose()
    assert largest <= 3 * 256 * 1024
    assert written < 200 * 2**20


# ---- what breaks -----------------------------------------------------------------------------------------------------


async def test_a_broken_connection_may_pass() -> None:
    """Before the answer, and in the middle of its body."""

    async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def half(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await writer.drain()

    for talk in (nothing, half):
        async with talking(talk) as (files, described):
            for ask in (read_all(files, described), files.head(described, 10)):
                with pytest.raises(SlackUnavailable):
                    await ask


async def test_silence_ends_a_download() -> None:
    """The timeout is from one byte to the next."""

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await reader.read()

    async with talking(hang, read_timeout=0.05) as (files, described):
        with pytest.raises(SlackUnavailable) as caught:
            await read_all(files, described)
    assert caught.value.code == "no_answer"


async def test_a_server_that_is_away_may_pass() -> None:
    """Nothing listens on the port any more."""
    async with talking(lambda _reader, _writer: asyncio.sleep(0)) as (_, described):
        pass
    files = Downloads("xoxb-secret", described.url)
    with pytest.raises(SlackUnavailable):
        await files.head(described, 10)
    await files.aclose()


async def test_each_request_is_reported(server: FileServer) -> None:
    """With its status, but neither with the file nor with the token."""
    reports: list[tuple[str, str]] = []
    files = Downloads(
        "xoxb-secret", server.base_url, observe=lambda method, outcome, _: reports.append((method, outcome))
    )
    await files.head(server.file(), 10)
    await files.aclose()
    assert reports == [("files.download", "206")]
    assert "xoxb-secret" not in repr(files)
