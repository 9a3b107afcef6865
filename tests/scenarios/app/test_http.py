"""The HTTP server: which requests are accepted, and what operators can see. Over a real socket of this machine."""

import asyncio
import errno
import gc
import gzip
import io
import json
import logging
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.app.http.bodies import MOST_BODIES, MOST_HELD, READ_TIMEOUT, Bodies
from bot.app.http.connections import MOST_CONNECTIONS
from bot.app.http.kickscale_webhook import LARGEST_WEBHOOK, KickscaleWebhook
from bot.app.http.operator_pages import FULL_KEPT, METRICS_KEPT, READY_KEPT, Checks, OperatorPages
from bot.app.http.recordings import Recordings
from bot.app.http.refusals import Refusals
from bot.app.http.server import Door, HttpServer
from bot.app.http.slack_events import LARGEST_BODY, SlackEvents
from bot.app.http.slack_requests import WINDOW, is_genuine, read_body
from bot.errors import ConfigError
from bot.model.conversation import Conversation
from bot.observe.metrics import Metrics
from tests.clock import ManualClock
from tests.signatures import slack_headers, slack_signature, webhook_headers

SECRET = "sample-signing-secret"
COMMAND = {
    "command": "/kickscale",
    "text": "calls acme.com",
    "user_id": "U1",
    "team_id": "T1",
    "channel_id": "C1",
    "response_url": "https://hooks.slack.com/commands/T1/1/sample",
    "trigger_id": "1.1.a",
}

Heard = list[dict[str, Any]]


def signed(body: bytes, timestamp: float, **others: str) -> dict[str, str]:
    stamp = str(int(timestamp))
    return {**slack_headers(SECRET, stamp, body), "Content-Type": "application/x-www-form-urlencoded", **others}


def app_that_hears(heard: Heard) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-sample", bot_user_id="UBOT")

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, request_verification_enabled=False)

    @app.command("/kickscale")
    async def command(ack: Callable[..., Awaitable[object]], body: dict[str, Any]) -> None:
        heard.append(body)
        await ack(text="heard")

    @app.action("details")
    async def action(ack: Callable[..., Awaitable[object]], body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    return app


async def all_well() -> Checks:
    return {"slack": True, "database": True}


async def nobody_hears(_meeting: Conversation) -> None:
    """Do nothing with a meeting."""


async def nothing_served(_address: str) -> None:
    """Serve no recording at any address."""


@asynccontextmanager
async def serving(
    app: AsyncApp | None = None,
    *,
    secret: str = SECRET,
    ready: Callable[[], Awaitable[Checks]] = all_well,
    full: Callable[[], Awaitable[Checks]] = all_well,
    metrics: Metrics | None = None,
    webhook_secret: str = "",
    heard: Callable[[Conversation], Awaitable[None]] = nobody_hears,
    metrics_token: str = "",
) -> AsyncIterator[tuple[HttpServer, aiohttp.ClientSession]]:
    metrics = metrics or Metrics()
    bodies, refusals, clock = Bodies(), Refusals(metrics), ManualClock()
    doors: list[Door] = [
        SlackEvents(app or app_that_hears([]), secret, bodies, refusals, clock),
        KickscaleWebhook(webhook_secret.split(), heard, bodies, refusals, clock),
        Recordings(nothing_served),
        OperatorPages(metrics, metrics_token, ready, full, refusals),
    ]
    server = HttpServer("127.0.0.1", 0, doors, bodies, refusals)
    await server.start()
    try:
        async with aiohttp.ClientSession(server.url) as client:
            yield server, client
    finally:
        await server.stop()


def bare_server(host: str = "127.0.0.1", port: int = 0) -> HttpServer:
    """A server that listens, and answers nothing."""
    return HttpServer(host, port, (), Bodies(), Refusals(Metrics()))


async def connected(server: HttpServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))


def now() -> float:
    return ManualClock().now().timestamp()


async def post(
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    heard: Heard | None = None,
    secret: str = SECRET,
) -> tuple[int, str]:
    """Return the status and text of the answer to this body; without `headers` it is signed now."""
    app = app_that_hears([] if heard is None else heard)
    sent = signed(body, now()) if headers is None else headers
    async with (
        serving(app, secret=secret) as (_, client),
        client.post("/slack/events", data=io.BytesIO(body), headers=sent) as response,
    ):
        return response.status, await response.text()


# ---- which requests are accepted -----------------------------------------------------------------------------------


async def test_command() -> None:
    """A signed command reaches its listener, whose ack is the answer."""
    heard: Heard = []
    body = urlencode(COMMAND).encode()
    assert await post(body, heard=heard) == (200, "heard")
    assert heard == [COMMAND]


@pytest.mark.parametrize("text", ['"payload"', "payload=1", "größe ☕ & {x}", "{"])
async def test_any_text_of_a_command(text: str) -> None:
    """No word in a command's text makes it something else."""
    heard: Heard = []
    body = urlencode({**COMMAND, "text": text}).encode()
    assert await post(body, heard=heard) == (200, "heard")
    assert heard[0]["text"] == text


async def test_action() -> None:
    """A signed click reaches its listener."""
    heard: Heard = []
    click = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "actions": [{"type": "button", "action_id": "details", "block_id": "b", "value": "42"}],
    }
    body = urlencode({"payload": json.dumps(click)}).encode()
    assert await post(body, heard=heard) == (200, "")
    assert heard == [click]


async def test_address_verification() -> None:
    """Slack verifies that the address is ours."""
    body = json.dumps({"type": "url_verification", "challenge": "sample"}).encode()
    status, text = await post(body, signed(body, now(), **{"Content-Type": "application/json"}))
    assert (status, json.loads(text)) == (200, {"challenge": "sample"})


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=ü"},
        {"X-Slack-Signature": "v0=" + "é" * 64},
        {"X-Slack-Signature": "v1=" + "0" * 64},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "١٢٣"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": None},
        {"X-Slack-Signature": None},
    ],
)
async def test_forged(change: Mapping[str, str | None]) -> None:
    """A request that Slack did not sign is refused with 401, and reaches no listener."""
    heard: Heard = []
    body = urlencode(COMMAND).encode()
    headers = {name: value for name, value in {**signed(body, now()), **change}.items() if value is not None}
    status, text = await post(body, headers, heard=heard)
    assert (status, json.loads(text)) == (401, {"error": "invalid request"})
    assert heard == []


async def test_another_body_or_secret() -> None:
    """A signature is only valid for its own body and secret."""
    body = urlencode(COMMAND).encode()
    stamp = str(int(now()))
    for sent, signature in (
        (body + b"x", slack_signature(SECRET, stamp, body)),
        (body, slack_signature("another-secret", stamp, body)),
    ):
        status, _ = await post(sent, {**signed(body, now()), "X-Slack-Signature": signature})
        assert status == 401


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 200), (-WINDOW, 200), (WINDOW, 200), (-WINDOW - 1, 401), (WINDOW + 1, 401)]
)
async def test_window(seconds: int, status: int) -> None:
    """A request is accepted within five minutes of its signing: a recorded one is useless later."""
    body = urlencode(COMMAND).encode()
    answer, _ = await post(body, signed(body, now() + seconds))
    assert answer == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"{}x", 400),
        (b'{"a":' * 100_000, 400),
        (b"payload=%7B", 400),
        (b"payload=[]", 400),
        (b"payload=null", 400),
        (b"\xff\xfe", 400),
        (b"=", 404),
    ],
)
async def test_signed_nonsense(body: bytes, status: int) -> None:
    """A signed request that is not understood is refused with its own status, never with a 500."""
    answer, _ = await post(body)
    assert answer == status


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_too_large(is_chunked: bool) -> None:
    """A body of over a megabyte is not read, whether or not it says so beforehand."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * (LARGEST_BODY // 10)

    body = chunks() if is_chunked else io.BytesIO(b"x" * (LARGEST_BODY + 1))
    async with (
        serving() as (_, client),
        client.post("/slack/events", data=body, headers=signed(b"", now())) as response,
    ):
        assert response.status == 413


@pytest.mark.parametrize("path", ["/slack/events", "/kickscale/webhook"])
async def test_the_body_of_a_request_that_cannot_be_genuine_is_not_read(path: str) -> None:
    """The headers are enough: the answer comes before the first byte."""
    async with serving(webhook_secret=WEBHOOK_SECRET) as (server, _):
        reader, writer = await connected(server)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n".encode())
        assert (await reader.readline()).split()[1] == b"401"
        writer.close()


async def test_large_enough() -> None:
    """A body of exactly a megabyte is read."""
    body = b"text=" + b"x" * (LARGEST_BODY - 6)
    status, _ = await post(body)
    assert status == 404


@pytest.mark.parametrize("body", [gzip.compress(b"x" * (LARGEST_BODY * 50)), b"\xff not gzip"])
async def test_compressed(body: bytes) -> None:
    """A compressed body is not decompressed: Slack compresses nothing, and it may be a bomb."""
    status, _ = await post(body, {**signed(body, now()), "Content-Encoding": "gzip"})
    assert status == 400


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slack-Signature: \xff\xfe\r\nContent-Length: 0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_broken_http(request_: bytes) -> None:
    """What is hardly HTTP is refused too."""
    async with serving() as (server, _):
        reader, writer = await connected(server)
        writer.write(request_)
        assert (await reader.readline()).split()[1] in (b"400", b"401")
        writer.close()


async def test_bolts_own_headers_are_not_believed() -> None:
    """A header that the signature does not cover can't decide what runs."""
    heard: Heard = []
    body = urlencode(COMMAND).encode()
    headers = signed(body, now(), **{"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "command"})
    assert await post(body, headers, heard=heard) == (200, "heard")
    assert heard == [COMMAND]


async def test_refusal_is_logged_without_its_content(caplog: pytest.LogCaptureFixture) -> None:
    """A refusal is logged, since a wrong signing secret shows only there, but nothing of what was sent."""
    status, _ = await post(b"text=private", {})
    assert status == 401
    assert "without a valid Slack signature" in caplog.text
    assert "private" not in caplog.text


async def test_a_flood_of_refusals_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """One line for each kind, and a count of all."""
    metrics = Metrics()
    async with serving(metrics=metrics, webhook_secret=WEBHOOK_SECRET) as (_, client):
        for path in ["/slack/events"] * 5 + ["/kickscale/webhook"] * 3:
            async with client.post(path, data=b"x") as response:
                assert response.status == 401
        async with client.post("/slack/events", data=b"{", headers=signed(b"{", now())) as response:
            assert response.status == 400
    assert [line.partition("; ")[0] for line in caplog.messages] == [
        "refused a request without a valid Slack signature from the last five minutes",
        "refused a webhook without a valid Kickscale signature from the last five minutes",
        "refused a signed request that isn't JSON or a form",
    ]
    assert 'kickscale_bot_refused_requests_total{door="slack"} 6.0' in metrics.render().decode()
    assert 'kickscale_bot_refused_requests_total{door="kickscale"} 3.0' in metrics.render().decode()


# ---- limits --------------------------------------------------------------------------------------------------------


async def test_many_open_connections_keep_nobody_out() -> None:
    """The connection that has been idle the longest is closed, even in the middle of a slow request; one that is being
    answered stays open."""
    go_on = asyncio.Event()

    async def ready() -> Checks:
        await go_on.wait()
        return {}

    async with serving(ready=ready) as (server, client):
        asked = asyncio.create_task(client.get("/readyz"))
        slow = []
        for _ in range(MOST_CONNECTIONS):
            slow.append(await connected(server))
            slow[-1][1].write(b"POST /slack/events HTTP/1.1\r\nX-Slow: ")
        async with aiohttp.ClientSession(server.url) as other, other.get("/healthz") as response:
            assert response.status == 200
        assert await slow[0][0].read() == b""
        assert not slow[-1][0].at_eof()
        go_on.set()
        async with await asked as response:
            assert response.status == 200
        for _, writer in slow:
            writer.close()


async def test_slow_bodies_keep_nobody_out() -> None:
    """The oldest unfinished body makes room for one that arrives at once."""
    body = urlencode(COMMAND).encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed(b"", now()).items())
    head = f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n{lines}\r\nx".encode()
    async with serving() as (server, client):
        slow = []
        for _ in range(MOST_BODIES):
            slow.append(await connected(server))
            slow[-1][1].write(head)
        async with client.get("/healthz") as response:  # by now all of them are being read
            assert response.status == 200
        async with client.post("/slack/events", data=body, headers=signed(body, now())) as response:
            assert response.status == 200
        answer = await slow[0][0].readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 1\r\n" in answer
        slow[1][1].write(b"x" * 999)
        assert (await slow[1][0].readline()).startswith(b"HTTP/1.1 401")
        for _, writer in slow:
            writer.close()


async def test_the_memory_of_unfinished_bodies_is_bounded() -> None:
    """The largest body makes room; an older small one is read to its end, and nothing stays in memory."""
    size = LARGEST_WEBHOOK
    headers = signed_webhook(b"", str(int(now())))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST /kickscale/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n{lines}\r\n".encode()
    small = urlencode(COMMAND).encode()
    gc.collect()
    gc.disable()  # garbage that needs a full collection would stay
    tracemalloc.start()
    try:
        async with serving(webhook_secret=WEBHOOK_SECRET) as (server, _):
            early_reader, early = await connected(server)
            lines = "".join(f"{name}: {value}\r\n" for name, value in signed(small, now()).items())
            early.write(
                f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: {len(small)}\r\n{lines}\r\n".encode()
            )
            attackers = []
            for _ in range(MOST_HELD // size + 2):
                attackers.append(await connected(server))
                attackers[-1][1].write(head + b"x" * (size - 1))
            answers = [asyncio.create_task(reader.readline()) for reader, _ in attackers]
            done, _ = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
            assert {answer.result().split()[1] for answer in done} == {b"503"}
            early.write(small)
            assert (await early_reader.readline()).split()[1] == b"200"
            for answer in answers:
                answer.cancel()
            for _, writer in [*attackers, (early_reader, early)]:
                writer.transport.abort()
        left = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert left < size / 2


def is_open(connection: socket.socket) -> bool:
    """Return whether the other end has neither closed it nor sent anything."""
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    except ConnectionError:
        pass
    return False


async def test_the_limit_holds_for_a_burst_of_connections(caplog: pytest.LogCaptureFixture) -> None:
    """However many arrive in one turn of the loop, each is closed once, and a command among them is answered."""
    body = urlencode(COMMAND).encode()
    async with serving() as (server, client):
        port = int(server.url.rpartition(":")[2])
        silent = [socket.socket() for _ in range(3 * MOST_CONNECTIONS)]
        for connection in silent:  # all of them wait to be accepted before the loop runs again
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", port))
        async with client.post("/slack/events", data=body, headers=signed(body, now())) as response:
            assert response.status == 200
        kept = sum(map(is_open, silent))
        for connection in silent:
            connection.close()
    assert 0 < kept < MOST_CONNECTIONS
    assert not caplog.messages


async def test_without_a_secret() -> None:
    """Without a signing secret nobody could tell who sent a request, so there is no such address."""
    status, _ = await post(b"x", secret="")
    assert status == 404


@given(body=st.text().map(str.encode), timestamp=st.integers(0, 2**40))
def test_same_signature_as_the_sdk(body: bytes, timestamp: int) -> None:
    """What Slack's own SDK signs is genuine."""
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=str(timestamp), body=body)
    assert is_genuine(SECRET, body, str(timestamp), signature or "", timestamp)


@given(body=st.binary(), timestamp=st.text(), signature=st.text())
def test_no_header_is_genuine_by_chance(body: bytes, timestamp: str, signature: str) -> None:
    """No text in the headers raises an exception or is accepted."""
    assert not is_genuine(SECRET, body, timestamp, signature, 0)


@given(body=st.binary() | st.text().map(lambda text: f"payload={text}".encode()))
def test_any_body_is_read(body: bytes) -> None:
    """No body raises an exception."""
    assert isinstance(read_body(body), dict | None)


# ---- Kickscale's webhook -------------------------------------------------------------------------------------------

WEBHOOK_SECRET = "00ff" * 16
MEETING = b'{"eventType": "meeting_analyzed", "meeting": {"id": "m1", "name": "Renewal"}}'


def signed_webhook(body: bytes, timestamp: str) -> dict[str, str]:
    return webhook_headers(WEBHOOK_SECRET, timestamp, body)


async def post_webhook(
    body: bytes | AsyncIterator[bytes],
    headers: Mapping[str, str] | None = None,
    *,
    secret: str = WEBHOOK_SECRET,
    news: list[str] | None = None,
) -> int:
    """Return the status of the answer; without `headers` it is signed now."""

    async def record(meeting: Conversation) -> None:
        if news is not None:
            news.append(meeting.id)

    if headers is None:
        headers = signed_webhook(body if isinstance(body, bytes) else b"", str(int(now())))
    data = io.BytesIO(body) if isinstance(body, bytes) else body
    async with (
        serving(webhook_secret=secret, heard=record) as (_, client),
        client.post("/kickscale/webhook", data=data, headers=headers) as response,
    ):
        return response.status


async def test_a_signed_webhook_is_accepted() -> None:
    """The meeting is passed on before the answer is sent."""
    news: list[str] = []
    assert await post_webhook(MEETING, news=news) == 200
    assert news == ["m1"]


async def test_a_webhook_with_a_long_transcript_is_accepted() -> None:
    """It is larger than anything that Slack sends."""
    news: list[str] = []
    body = MEETING.replace(b"Renewal", b"x" * (LARGEST_WEBHOOK - len(MEETING)))
    assert await post_webhook(body, news=news) == 200
    assert news == ["m1"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (MEETING, {}, 401),
        (MEETING + b" ", signed_webhook(MEETING, str(int(now()))), 401),
        (MEETING, signed_webhook(MEETING, str(int(now()) - WINDOW - 1)), 401),
        (b"x" * (LARGEST_WEBHOOK + 1), {}, 401),
        (b"x" * (LARGEST_WEBHOOK + 1), signed_webhook(b"", str(int(now()))), 413),
        (b"{", None, 400),
        (b'{"eventType": "call_analyzed"}', None, 400),
    ],
    ids=["unsigned", "forged", "stale", "large and unsigned", "too large", "nonsense", "another event"],
)
async def test_any_other_webhook_is_refused(body: bytes, headers: Mapping[str, str] | None, status: int) -> None:
    """Each with its own status, and the meeting is not passed on."""
    news: list[str] = []
    assert await post_webhook(body, headers, news=news) == status
    assert news == []


async def test_an_endless_webhook_is_refused() -> None:
    """Also one that does not declare its length."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * (LARGEST_WEBHOOK // 10)

    assert await post_webhook(chunks()) == 413


async def test_without_its_secret_no_webhook_is_accepted() -> None:
    """The sender would be unknown; the status lets Kickscale try again later."""
    assert await post_webhook(MEETING, secret="") == 503


# ---- pages for operators -------------------------------------------------------------------------------------------


async def test_alive() -> None:
    """/healthz says that the process lives."""
    async with serving() as (_, client), client.get("/healthz") as response:
        assert (response.status, await response.text()) == (200, "ok")


async def test_ready() -> None:
    """/readyz is 200 if every check passes."""
    async with serving() as (_, client), client.get("/readyz") as response:
        assert response.status == 200
        assert await response.json() == {"ready": True, "checks": {"slack": True, "database": True}}


@pytest.mark.parametrize("slack", [False, "no answer"])
async def test_not_ready(slack: bool | str) -> None:
    """/readyz is 503 if a check fails, and says which one, and why if that is known."""

    async def ready() -> Checks:
        return {"slack": slack, "database": True}

    async with serving(ready=ready) as (_, client), client.get("/readyz") as response:
        assert response.status == 503
        assert await response.json() == {"ready": False, "checks": {"slack": slack, "database": True}}


async def test_check_that_fails() -> None:
    """An exception in a check means not ready; the reason is only in the log."""

    async def ready() -> Checks:
        raise RuntimeError("private")

    async with serving(ready=ready) as (_, client), client.get("/readyz") as response:
        assert response.status == 503
        assert "private" not in await response.text()


@pytest.mark.parametrize(("path", "kept"), [("/readyz", READY_KEPT), ("/readyz?full", FULL_KEPT)])
async def test_many_ask_whether_it_is_ready(path: str, kept: float) -> None:
    """Many requests within seconds share one check: each check calls Slack or Kickscale, and anyone may ask."""
    count = 0

    async def ready() -> Checks:
        nonlocal count
        count += 1
        return {}

    async def ask(client: aiohttp.ClientSession) -> int:
        async with client.get(path) as response:
            return response.status

    assert kept > 1
    async with serving(ready=ready, full=ready) as (_, client):
        assert set(await asyncio.gather(*(ask(client) for _ in range(20)))) == {200}
    assert count == 1


async def test_metrics() -> None:
    """/metrics has the counts, in the format of Prometheus."""
    metrics = Metrics()
    metrics.command("calls", "ok", 0.2)
    metrics.slack_call("chat.postMessage", "ratelimited", 0.1)
    metrics.kickscale_request("list calls", "200", 0.1)
    metrics.jobs({"share": 2})
    metrics.posted("share")
    async with serving(metrics=metrics) as (_, client), client.get("/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain")
        text = await response.text()
    assert 'kickscale_bot_commands_total{command="calls",outcome="ok"} 1.0' in text
    assert 'kickscale_bot_slack_calls_total{method="chat.postMessage",outcome="ratelimited"} 1.0' in text
    assert 'kickscale_bot_kickscale_requests_total{operation="other",outcome="200"} 1.0' in text
    assert 'kickscale_bot_jobs{kind="share"} 2.0' in text
    assert 'kickscale_bot_messages_posted_total{kind="share"} 1.0' in text


async def test_metrics_are_not_for_the_world(caplog: pytest.LogCaptureFixture) -> None:
    """A request through a proxy may be from anybody. The answer and the log say what would give access."""
    async with serving() as (_, client):
        for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"):
            async with client.get("/metrics", headers={name: "192.0.2.7"}) as response:
                assert response.status == 403
                assert "METRICS_TOKEN" in await response.text()
    assert [line.partition("; ")[0] for line in caplog.messages] == [
        "refused a request for /metrics from another machine, because METRICS_TOKEN isn't set"
    ]


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer sample-metrics", 200), ("Bearer other", 401), ("Bearer größe", 401), ("sample-metrics", 401), ("", 401)],
)
async def test_metrics_with_a_token(given: str, status: int) -> None:
    """With METRICS_TOKEN, the token is needed on the same machine too, and is enough from elsewhere."""
    headers = {"Authorization": given, "X-Forwarded-For": "192.0.2.7"}
    async with serving(metrics_token="sample-metrics") as (_, client), client.get("/metrics", headers=headers) as told:
        assert told.status == status
        assert ("kickscale_bot_" in await told.text()) is (status == 200)


async def test_metrics_are_rendered_once_for_many() -> None:
    """Requests within a moment get the same rendering: each one blocks the loop for milliseconds."""
    metrics = Metrics()
    begun = asyncio.get_running_loop().time()
    async with serving(metrics=metrics) as (_, client):
        texts = []
        for _ in range(5):
            metrics.posted("share")
            async with client.get("/metrics") as response:
                texts.append(await response.text())
    assert len(set(texts)) <= (asyncio.get_running_loop().time() - begun) / METRICS_KEPT + 1


def test_labels_are_bounded() -> None:
    """Requests from outside can neither add labels without end nor put their text into one."""
    metrics = Metrics()
    for number in range(1000):
        metrics.slack_call("chat.postMessage", f"error_{number}", 0)
    metrics.slack_call("chat.postMessage", "what Sophie typed", 0)
    text = metrics.render().decode()
    assert text.count("kickscale_bot_slack_calls_total{") <= 101
    assert "Sophie" not in text


def test_metrics_of_two_bots() -> None:
    """Two bots in one process count separately."""
    first, second = Metrics(), Metrics()
    first.posted("share")
    assert b"share" not in second.render()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/slack/events/", 404),
        ("GET", "/slack/events", 405),
        ("POST", "/healthz", 405),
        ("DELETE", "/metrics", 405),
    ],
)
async def test_other_addresses(method: str, path: str, status: int) -> None:
    """An unknown path is 404, and a wrong method is 405."""
    async with serving() as (_, client), client.request(method, path) as response:
        assert response.status == status


# ---- start and stop ------------------------------------------------------------------------------------------------


async def test_port_is_told() -> None:
    """Port 0 becomes the real one, in what `start` returns and in the address."""
    server = bare_server()
    port = await server.start()
    await server.stop()
    assert port > 0
    assert server.url == f"http://127.0.0.1:{port}"


async def test_port_in_use() -> None:
    """The error about a port that is in use names the setting."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = bare_server(port=port)
        with pytest.raises(ConfigError, match=f"PORT {port} is already in use"):
            await server.start()


async def test_host_of_another_machine() -> None:
    """An address that is not this machine's is told by the name of the setting."""
    # 192.0.2.0/24 is nobody's (RFC 5737).
    server = bare_server("192.0.2.1")
    with pytest.raises(ConfigError, match=r"HOST 192\.0\.2\.1"):
        await server.start()


async def test_stop_finishes_what_is_under_way() -> None:
    """A request from before the stop is answered, and one after it gets no connection."""
    started, go_on = asyncio.Event(), asyncio.Event()

    async def ready() -> Checks:
        started.set()
        await go_on.wait()
        return {}

    async with serving(ready=ready) as (server, client):
        asked = asyncio.create_task(client.get("/readyz"))
        await started.wait()
        stopping = asyncio.create_task(server.stop())
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
            except OSError as exc:
                assert exc.errno in (errno.ECONNREFUSED, errno.ECONNRESET)  # noqa: PT017
                break
            writer.close()
        go_on.set()
        async with await asked as response:
            assert response.status == 200
        await stopping


async def test_stop_does_not_wait_for_bodies() -> None:
    """Unfinished requests are repeated by their senders: a stop has ten seconds for everything."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed(b"", now()).items())
    async with serving() as (server, client):
        reader, writer = await connected(server)
        writer.write(f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n{lines}\r\nx".encode())
        async with client.get("/healthz") as response:  # by now the other one is being read
            assert response.status == 200
        begun = asyncio.get_running_loop().time()
        await server.stop()
        assert (await reader.readline()).split()[1] == b"503"
        assert asyncio.get_running_loop().time() - begun < READ_TIMEOUT / 2
        writer.close()


async def test_stop_twice() -> None:
    """To stop what has stopped, or never started, is no error."""
    server = bare_server()
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()


async def test_no_access_log(caplog: pytest.LogCaptureFixture) -> None:
    """No log repeats the path and the query of a request."""
    caplog.set_level(logging.DEBUG)
    async with serving() as (_, client), client.get("/healthz?private=1"):
        pass
    assert "private" not in caplog.text
