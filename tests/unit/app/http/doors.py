"""A server with all of its doors, over a real socket of this machine, and requests to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.app.http.bodies import Bodies
from bot.app.http.kickscale_webhook import KickscaleWebhook
from bot.app.http.operator_pages import Checks, OperatorPages
from bot.app.http.recordings import Recordings
from bot.app.http.refusals import Refusals
from bot.app.http.server import Door, HttpServer
from bot.app.http.slack_events import SlackEvents
from bot.model.conversation import Conversation
from bot.observe.metrics import Metrics
from tests.clock import ManualClock
from tests.signatures import slack_headers, webhook_headers

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


async def connected(server: HttpServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))


def now() -> float:
    return ManualClock().now().timestamp()


WEBHOOK_SECRET = "00ff" * 16


def signed_webhook(body: bytes, timestamp: str) -> dict[str, str]:
    return webhook_headers(WEBHOOK_SECRET, timestamp, body)
