"""The HTTP server with its doors, put together."""

from slack_bolt.async_app import AsyncApp

from bot.app.foundation import Foundation
from bot.app.http.bodies import Bodies
from bot.app.http.kickscale_webhook import KickscaleWebhook
from bot.app.http.operator_pages import OperatorPages
from bot.app.http.recordings import Recordings
from bot.app.http.refusals import Refusals
from bot.app.http.server import Door, HttpServer
from bot.app.http.slack_events import SlackEvents
from bot.app.readiness import Readiness
from bot.app.services import Services
from bot.model.conversation import Conversation
from bot.uploads.sources import Source


def build_http_server(
    app: AsyncApp, base: Foundation, services: Services, readiness: Readiness, port: int
) -> HttpServer:
    settings, clock = base.settings, base.clock
    bodies, refusals = Bodies(), Refusals(base.metrics)
    signing_secret = settings.slack_signing_secret.get_secret_value()
    metrics_token = settings.metrics_token.get_secret_value()

    # `services.live` and `services.uploads` are imported and built when they are first asked for.
    async def take_report(meeting: Conversation) -> None:
        await services.live.take_report(meeting)
        await services.mirror.expect(meeting)

    async def open_recording(key: str) -> Source | None:
        return await services.uploads.served.open(key)

    doors: list[Door] = [
        SlackEvents(app, signing_secret, bodies, refusals, clock),
        KickscaleWebhook(settings.webhook_secrets, take_report, bodies, refusals, clock),
        Recordings(open_recording),
        OperatorPages(base.metrics, metrics_token, readiness.check, readiness.check_full, refusals),
    ]
    return HttpServer(settings.host, port, doors, bodies, refusals)
