"""Meetings that the webhook reports, and their cards."""

import json
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.model.digests import Subscription
from bot.sandbox.slack import Message
from tests.signatures import webhook_headers
from tests.world import SALES, World, call

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECRET = "00ff" * 16


async def subscribe(here: World, channel: str = SALES, **changes: Any) -> Subscription:
    """Add a live subscription to acme.com that began two hours ago."""
    return await here.subscribe(channel, **{"live": True, "since": here.clock.now() - 2 * HOUR, **changes})


def meeting(here: World, number: int = 1, *, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """Add a meeting of an hour ago to Kickscale, and return what the webhook reports about it."""
    raw = {**call(number, at or here.clock.now() - HOUR), "id": f"m{number}", "name": f"Meeting {number}", **fields}
    del raw["direction"]
    here.kickscale.add_meeting(raw)
    return raw


async def report(here: World, *meetings: dict[str, Any], secret: str = SECRET) -> None:
    """Have Kickscale's webhook report these meetings, and wait until the bot has done what follows."""
    await deliver(here, *meetings, secret=secret)
    await here.settle()


async def deliver(here: World, *meetings: dict[str, Any], secret: str = SECRET) -> None:
    """Have Kickscale's webhook report these meetings over a socket, and only wait for the acknowledgements."""
    url = here.bot.address.rpartition(" ")[2]
    async with aiohttp.ClientSession() as client:
        for raw in meetings:
            body = json.dumps({"eventType": "meeting_analyzed", "meeting": raw}).encode()
            timestamp = here.clock.now().isoformat()
            headers = webhook_headers(secret, timestamp, body)
            async with client.post(f"{url}/kickscale/webhook", data=body, headers=headers) as response:
                assert response.status == 200, await response.text()


def cards(here: World, channel: str = SALES) -> list[Message]:
    return here.posts(channel)
