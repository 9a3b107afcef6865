"""Both HTTP endpoints, from outside: what attackers send to a running bot over real sockets.

Three kinds: requests that nobody signed, genuine ones of which a bit was changed, and nonsense that is signed. By
Python's own random numbers, a seed each, so that what goes wrong can be done again.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from bot import ids
from bot.app.http.slack_events import LARGEST_BODY
from tests.databases import read_tables
from tests.signatures import slack_headers, webhook_headers
from tests.unit.render.hostile import FORGED, text
from tests.world import SALES, World, world

WEBHOOK_SECRET = "00ff" * 16
SLACK, KICKSCALE = "/slack/events", "/kickscale/webhook"
SIGNED = (
    b"x-slack-signature",
    b"x-slack-request-timestamp",
    b"kickscale-signature-hash",
    b"kickscale-signature-timestamp",
)
PATIENCE = 0.1
"""Seconds for an answer."""
Random = random.Random


class Sent(NamedTuple):
    request: bytes
    is_genuine: bool
    """Whether its signature holds, so that something may happen."""


# ---- what is sent --------------------------------------------------------------------------------------------------


def http(path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = {"Host": "bot.example.com", "Content-Length": str(len(body)), "Connection": "close", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode("utf-8", "surrogatepass") + body


def signed_by_slack(here: World, body: bytes) -> bytes:
    stamp = str(int(here.clock.now().timestamp()))
    kind = "application/json" if body.startswith(b"{") else "application/x-www-form-urlencoded"
    return http(SLACK, {**slack_headers(here.slack.signing_secret, stamp, body), "Content-Type": kind}, body)


def signed_by_kickscale(here: World, body: bytes) -> bytes:
    stamp = str(int(here.clock.now().timestamp()))
    return http(KICKSCALE, webhook_headers(WEBHOOK_SECRET, stamp, body), body)


def of_slack(here: World, rng: Random) -> Any:
    """What Slack sends: a command, a click, a form, a shortcut or an event."""
    user, channel = here.slack.user("robin.rep").id, here.slack.state.channel(SALES).id
    common = {"user": {"id": user, "team_id": "T0SANDBOX1"}, "team": {"id": "T0SANDBOX1"}, "trigger_id": "1.2.a"}
    where = {"channel": {"id": channel}, "response_url": f"{here.slack.base_url}/actions/T/1/x"}
    action = rng.choice([value for name, value in vars(ids).items() if name.isupper() and isinstance(value, str)])
    message = {"ts": "1.2", "user": user, "text": "x", "files": [{"id": "F1", "name": "a.wav", "size": 3}]}
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": action,
        "private_metadata": "d1",
        "state": {"values": {"a": {}}},
    }
    event = rng.choice(
        [
            {"type": "message", "subtype": "file_share", "channel": channel, **message},
            {"type": "file_shared", "file_id": "F1", "channel_id": channel, "user_id": user},
            {"type": "app_mention", "channel": channel, **message},
            {"type": "member_joined_channel", "channel": channel, "user": user},
        ]
    )
    clicked = {"action_id": action + rng.choice(("", "call")), "block_id": "b", "type": "button", "value": "1:0"}
    return rng.choice(
        [
            {"command": "/kickscale", "text": "help", "user_id": user, "channel_id": channel, **where, "channel": ""},
            {"payload": {"type": "block_actions", **common, **where, "actions": [clicked]}},
            {"payload": {"type": "block_actions", **common, "view": view, "actions": [clicked]}},
            {"payload": {"type": "view_submission", **common, "view": view}},
            {
                "payload": {
                    "type": "message_action",
                    "callback_id": ids.UPLOAD_SHORTCUT,
                    **common,
                    **where,
                    "message": message,
                }
            },
            {"type": "event_callback", "team_id": "T0SANDBOX1", "event_id": "Ev1", "event": event},
        ]
    )


def form_or_json(payload: Any) -> bytes:
    if isinstance(payload, dict) and ("payload" in payload or "command" in payload):
        fields = {key: field if isinstance(field, str) else json.dumps(field) for key, field in payload.items()}
        return urlencode(fields, errors="replace").encode()
    return json.dumps(payload).encode()


def of_kickscale(rng: Random) -> bytes:
    return json.dumps(
        {"eventType": "meeting_analyzed", "meeting": {"id": text(rng)[:50] or "m1", "name": text(rng)}}
    ).encode()


def bent(rng: Random, value: Any, depth: int = 6) -> Any:
    """Return the value with a part of it moved, of another type, or removed."""
    if rng.random() < 0.15 or depth == 0:
        return rng.choice([None, True, 0, -1, 10**400, 1.5, "", [], {}, [[]], {"id": None}, *FORGED[:4], text(rng)])
    if isinstance(value, dict):
        kept = {key: bent(rng, item, depth - 1) if rng.random() < 0.4 else item for key, item in value.items()}
        if kept and rng.random() < 0.2:
            kept.pop(rng.choice(list(kept)))
        return kept
    if isinstance(value, list):
        return [bent(rng, item, depth - 1) for item in value] * rng.choice((0, 1, 1, 2))
    return value


def garbage(rng: Random) -> bytes:
    match rng.randrange(4):
        case 0:
            return rng.randbytes(rng.randrange(600))
        case 1:
            return b"payload=" + text(rng).encode("utf-8", "surrogatepass")[:600]
        case 2:
            return b'{"a":' * rng.randrange(200) + b"[" * rng.randrange(200)
        case _:
            return json.dumps(bent(rng, {"type": "event_callback", "event": {"type": text(rng)}})).encode()[:2_000]


def unsigned(here: World, rng: Random) -> Sent:
    """Return an unsigned request: nonsense under plausible headers, or something that is hardly HTTP."""
    now = int(here.clock.now().timestamp())
    stamp = rng.choice([str(now), str(now - 301), str(now + 301), "", "-1", "1e9", "9" * 400, text(rng)[:50]])
    hexes = rng.choice(["0" * 64, f"{rng.getrandbits(256):064x}", "", text(rng)[:70]])
    path = rng.choice([SLACK, KICKSCALE])
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={hexes}",
        "kickscale-signature-timestamp": stamp,
        "kickscale-signature-hash": hexes,
    }
    if rng.random() < 0.2:
        headers |= rng.choice(
            [{"Transfer-Encoding": "chunked"}, {"Content-Length": "-1"}, {"Content-Encoding": "gzip"}]
        )
    if rng.random() < 0.1:
        return Sent(rng.randbytes(rng.randrange(1, 400)) + rng.choice([b"", b"\r\n\r\n"]), is_genuine=False)
    return Sent(http(path, headers, garbage(rng)), is_genuine=False)


def changed(here: World, rng: Random) -> Sent:
    """Return a genuine request with a few bytes changed, in the signed part or elsewhere."""
    if rng.random() < 0.5:
        request = signed_by_slack(here, form_or_json(of_slack(here, rng)))
    else:
        request = signed_by_kickscale(here, of_kickscale(rng))
    found = bytearray(request)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(found))
        match rng.randrange(4):
            case 0:
                found[at] ^= 1 << rng.randrange(8)
            case 1:
                del found[at : at + rng.randrange(1, 9)]
            case 2:
                found[at:at] = rng.randbytes(rng.randrange(1, 9))
            case _:
                found[at:at] = found[rng.randrange(len(found)) :][: rng.randrange(200)]
    # A change outside the signed part may be accepted: in `Host`, or after the end of the body.
    return Sent(bytes(found), is_genuine=_is_genuine(request, bytes(found)))


def _is_genuine(before: bytes, after: bytes) -> bool:
    """Return whether the signed part is unchanged; what comes after the end of the body is no part of it."""
    (headers, body), (others, rest) = _signed_part(before), _signed_part(after)
    return headers == others and rest.startswith(body)


def _signed_part(request: bytes) -> tuple[dict[bytes, bytes], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    named = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    # Of two headers the first one counts. A hash in capitals is the same number, and spaces are no part of a value.
    values = {name.lower(): value.strip().lower() for name, _, value in reversed(named)}
    return {name: values[name] for name in SIGNED if name in values}, body


def nonsense(here: World, rng: Random) -> Sent:
    """Return nonsense that is signed like a request from Slack or Kickscale."""
    match rng.randrange(4):
        case 0:
            body = garbage(rng)
        case 1:
            return Sent(signed_by_kickscale(here, rng.choice([garbage(rng), of_kickscale(rng)])), is_genuine=True)
        case _:
            body = form_or_json(bent(rng, of_slack(here, rng)))
    return Sent(signed_by_slack(here, body[:LARGEST_BODY]), is_genuine=True)


# ---- what comes of it ----------------------------------------------------------------------------------------------


async def status_of(here: World, request: bytes) -> int:
    """Return the status of the answer; 0 if there is none, since the bot still waits for the rest of the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(here.bot.address.rpartition(":")[2]))
    try:
        with suppress(ConnectionError, TimeoutError):
            writer.write(request)
            async with asyncio.timeout(PATIENCE):
                line = (await reader.readline()).split()
            return int(line[1]) if len(line) > 1 else 0
        return 0
    finally:
        writer.close()


def world_with_doors(folder: Path) -> Any:
    return world(folder, over="http", now=datetime.now(UTC), kickscale_webhook_secret=WEBHOOK_SECRET)


async def knock(
    folder: Path, make: Callable[[World, Random], Sent], seed: int, count: int, caplog: pytest.LogCaptureFixture
) -> dict[int, int]:
    """Send so many bytes, and return how often each status came. What is not genuine must have no effect."""
    caplog.set_level(logging.WARNING)
    rng = Random(seed)
    statuses: dict[int, int] = {}
    async with world_with_doors(folder) as here:
        await here.ask("/kickscale status")
        before, calls, asked = read_tables(here.settings), len(here.slack.calls), len(here.kickscale.requests)
        caplog.clear()
        size = 0
        while size < count:
            sent = make(here, rng)
            size += len(sent.request)
            status = await status_of(here, sent.request)
            statuses[status] = statuses.get(status, 0) + 1
            assert status < 500, sent
            if not sent.is_genuine:
                assert status == 0 or 400 <= status < 500, sent
            else:
                await here.settle()
                before, calls, asked = read_tables(here.settings), len(here.slack.calls), len(here.kickscale.requests)
            # The log may say what was wrong with requests that Slack signed; others are only counted.
            bad = [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info]
            assert sent.is_genuine or not bad, (sent, caplog.text)
            caplog.clear()
        await here.settle()
        assert read_tables(here.settings) == before
        assert (len(here.slack.calls), len(here.kickscale.requests)) == (calls, asked)
    return statuses


KINDS = pytest.mark.parametrize("make", [unsigned, changed, nonsense])


@KINDS
async def test_neither_endpoint_accepts_or_breaks(
    tmp_path: Path, make: Callable[[World, Random], Sent], caplog: pytest.LogCaptureFixture
) -> None:
    """No 5xx; for what is not genuine no row, no request and no traceback. A million bytes of each are a soak test."""
    statuses = await knock(tmp_path, make, 6, 40_000, caplog)
    assert sum(statuses.values()) > 30
    assert set(statuses) & {400, 401}


@pytest.mark.soak
@KINDS
async def test_neither_endpoint_accepts_or_breaks_in_a_million_bytes(
    tmp_path: Path, make: Callable[[World, Random], Sent], caplog: pytest.LogCaptureFixture
) -> None:
    """Of each kind, half of them to each endpoint."""
    assert sum((await knock(tmp_path, make, 7, 2_000_000, caplog)).values()) > 1_000
