"""Webhooks that are forged, stale or malformed: each is refused, and costs nothing."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.clock import MONDAY_MORNING
from tests.databases import read_tables
from tests.signatures import webhook_headers, webhook_signature
from tests.world import SALES, World, call, world

SECRET = "00ff" * 16
MEETING = {**call(1, MONDAY_MORNING), "id": "m1", "name": "Renewal"}
EVENT = {"eventType": "meeting_analyzed", "meeting": MEETING}
BODY = json.dumps(EVENT).encode()
ZONES = (UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=45)))

Refused = tuple[str, bytes, Mapping[str, str], int]
"""What is wrong, the body, the headers, and the expected status."""


def refused(chance: random.Random, now: datetime) -> Refused:
    """Generate one that is forged, stale or malformed, and otherwise like Kickscale's own."""
    kind = chance.choice(("forged", "stale", "malformed"))
    at = now + timedelta(seconds=chance.uniform(-299, 299))
    if kind == "stale":
        at = now + chance.choice((-1, 1)) * timedelta(seconds=302 + chance.expovariate(1 / 100_000))
    stamp = stamped(chance, at)
    if kind == "forged":
        return kind, *forged(chance, stamp), 401
    if kind == "stale":
        return kind, BODY, webhook_headers(SECRET, stamp, BODY), 401
    if chance.random() < 0.3:
        stamp = chance.choice(["", "soon", "-1", f"{at.timestamp()}", "9" * chance.randint(15, 900), stamp + "x", "ü"])
        return kind, BODY, webhook_headers(SECRET, stamp, BODY), 401
    body = malformed(chance)
    return kind, body, webhook_headers(SECRET, stamp, body), 400


def stamped(chance: random.Random, at: datetime) -> str:
    """Return the moment in one of the notations that Kickscale may use."""
    return chance.choice(
        [
            str(int(at.timestamp())),
            str(int(at.timestamp() * 1000)),
            at.astimezone(chance.choice(ZONES)).isoformat(timespec=chance.choice(["seconds", "milliseconds"])),
            at.isoformat().replace("+00:00", "Z"),
        ]
    )


def forged(chance: random.Random, stamp: str) -> tuple[bytes, Mapping[str, str]]:
    """Return one from now whose signature doesn't fit the secret, the body or the timestamp."""
    good = webhook_signature(SECRET, stamp, BODY)
    body = bytearray(BODY)
    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    place = chance.randrange(len(good))
    digit = chance.choice([digit for digit in "0123456789abcdef" if digit != good[place]])
    secret = chance.choice(["", "00", SECRET[2:], chance.randbytes(32).hex()])
    no_hash = chance.choice(["", "é", "v0=" + good, good[:-1], good + "0", "0" * 64, "g" * 64])
    plain_hash = hashlib.sha256(bytes.fromhex(SECRET) + stamp.encode() + BODY).hexdigest()
    return chance.choice(
        [
            (BODY, {}),
            (BODY, {"kickscale-signature-hash": good}),
            (BODY, {"kickscale-signature-timestamp": stamp}),
            (bytes(body), headers(stamp, good)),
            (BODY + b" ", headers(stamp, good)),
            (b"", headers(stamp, good)),
            (BODY, headers(stamp, good[:place] + digit + good[place + 1 :])),
            (BODY, headers(stamp, no_hash)),
            (BODY, headers(stamp, plain_hash)),
            (BODY, webhook_headers(secret, stamp, BODY)),
            (BODY, headers(stamp, webhook_signature(SECRET, "", BODY))),
            (BODY, headers(stamp, webhook_signature(SECRET, stamp, b""))),
        ]
    )


def malformed(chance: random.Random) -> bytes:
    """Return one that is signed and from now, but names no meeting."""
    event = chance.choice(["call_analyzed", "", None, 7, ["meeting_analyzed"]])
    meeting: Any = chance.choice([None, [], "m1", {}, {"id": None}, {"id": ""}, {"id": {}}])
    return chance.choice(
        [
            BODY[: chance.randrange(len(BODY))],
            chance.randbytes(chance.randint(0, 400)),
            b'{"eventType": ' * chance.choice([1, 50, 5_000]),
            b'{"eventType": ' + b"9" * chance.choice([10, 6_000]) + b"}",
            json.dumps({**EVENT, "eventType": event}).encode(),
            json.dumps({**EVENT, "meeting": meeting}).encode(),
            json.dumps([EVENT]).encode(),
            b"null",
        ]
    )


def headers(stamp: str, signature: str) -> Mapping[str, str]:
    return {"kickscale-signature-hash": signature, "kickscale-signature-timestamp": stamp}


def rows(here: World) -> Mapping[str, int]:
    """Return the number of rows in each table."""
    tables = read_tables(here.settings)
    del tables["facts"]  # what Kickscale's document says is written in the background after the start
    return {name: len(rows) for name, rows in tables.items()}


async def refuse(folder: Path, count: int, seed: int) -> Counter[str]:
    """Generate so many, and return how many of each kind were refused."""
    chance = random.Random(seed)
    kinds: Counter[str] = Counter()
    async with world(folder, port=0, kickscale_webhook_secret=SECRET) as here:
        here.kickscale.add_meeting(MEETING)
        await here.subscribe(live=True, since=here.clock.now())
        before = rows(here)
        here.kickscale.requests.clear()
        here.slack.calls.clear()
        url = f"{here.bot.address.rpartition(' ')[2]}/kickscale/webhook"
        async with aiohttp.ClientSession() as client:
            for number in range(count):
                kind, body, sent, status = refused(chance, here.clock.now())
                async with client.post(url, data=body, headers=sent) as response:
                    assert response.status == status, (number, kind, body, sent)
                kinds[kind] += 1
            await here.settle()
            assert rows(here) == before
            assert (len(here.kickscale.requests), here.slack.calls, here.slack.posts(SALES)) == (0, [], [])
            # The same one with a correct signature is accepted: so it was not refused for another reason.
            stamp = stamped(chance, here.clock.now())
            async with client.post(url, data=BODY, headers=webhook_headers(SECRET, stamp, BODY)) as response:
                assert response.status == 200
        await here.settle()
        assert len(here.slack.posts(SALES)) == 1
    return kinds


async def test_what_is_forged_stale_or_malformed_costs_nothing(tmp_path: Path) -> None:
    """No row in the database, no request to Kickscale or Slack; the genuine one after it is accepted."""
    kinds = await refuse(tmp_path, 600, 5)
    assert min(kinds.values()) > 100


@pytest.mark.soak
async def test_ten_thousand_cost_nothing(tmp_path: Path) -> None:
    """The same in full."""
    assert sum((await refuse(tmp_path, 12_000, 6)).values()) == 12_000
