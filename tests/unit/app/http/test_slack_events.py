"""Which of Slack's requests are accepted."""

import gzip
import io
import json
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.app.http.slack_events import LARGEST_BODY
from bot.app.http.slack_requests import WINDOW, is_genuine, read_body
from bot.observe.metrics import Metrics
from tests.signatures import slack_signature
from tests.unit.app.http.doors import (
    COMMAND,
    SECRET,
    WEBHOOK_SECRET,
    Heard,
    app_that_hears,
    connected,
    now,
    serving,
    signed,
)


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


async def test_without_a_secret() -> None:
    """Without a signing secret nobody could tell who sent a request, so there is no such address."""
    status, _ = await post(b"x", secret="")
    assert status == 404


# ---- any request ---------------------------------------------------------------------------------------------------


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
