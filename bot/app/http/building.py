"""The HTTP server with its doors, put together."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from slack_bolt.async_app import AsyncApp

from bot.app.basics import Basics
from bot.app.http.bodies import Bodies
from bot.app.http.kickscale_webhook import KickscaleWebhook
from bot.app.http.operator_pages import OperatorPages
from bot.app.http.recordings import Recordings
from bot.app.http.refusals import Refusals
from bot.app.http.server import Door, HttpServer
from bot.app.http.slack_events import SlackEvents
from bot.app.readiness import Readiness

if TYPE_CHECKING:
    from bot.app.services import Services
    from bot.model.conversation import Conversation
    from bot.uploads.sources import Source


def build_http_server(
    basics: Basics, app: AsyncApp, built: Callable[[], Awaitable["Services"]], readiness: Readiness, port: int
) -> HttpServer:
    """`built` returns the services as soon as there are any."""
    settings, clock = basics.settings, basics.clock
    bodies, refusals = Bodies(), Refusals(basics.metrics)
    signing_secret = settings.slack_signing_secret.get_secret_value()
    metrics_token = settings.metrics_token.get_secret_value()

    async def take_report(meeting: "Conversation") -> None:
        services = await built()
        await services.live.take_report(meeting)
        await services.mirror.expect(meeting)

    async def open_recording(key: str) -> "Source | None":
        return await (await built()).uploads.served.open(key)

    doors: list[Door] = [
        SlackEvents(app, signing_secret, bodies, refusals, clock),
        KickscaleWebhook(settings.webhook_secrets, take_report, bodies, refusals, clock),
        Recordings(open_recording),
        OperatorPages(basics.metrics, metrics_token, readiness.check, readiness.check_full, refusals),
    ]
    return HttpServer(settings.host, port, doors, bodies, refusals)
