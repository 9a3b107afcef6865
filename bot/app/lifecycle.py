"""The running bot, from start to stop."""

import asyncio
import logging
from collections.abc import Callable
from typing import Self

from slack_bolt.async_app import AsyncApp

from bot.app.credentials import check_api_key, check_bot_token
from bot.app.database import open_database
from bot.app.foundation import Foundation
from bot.app.http.bodies import Bodies
from bot.app.http.kickscale_webhook import KickscaleWebhook
from bot.app.http.operator_pages import OperatorPages
from bot.app.http.recordings import Recordings
from bot.app.http.refusals import Refusals
from bot.app.http.server import Door, HttpServer
from bot.app.http.slack_events import SlackEvents
from bot.app.readiness import Readiness
from bot.app.retention import Retention
from bot.app.services import Services
from bot.app.slack_connection import Socket, bolt_app
from bot.app.timers import set_timers
from bot.app.wiring import STOP_PATIENCE, build_services
from bot.clock import Clock, SystemClock
from bot.config.settings import Settings
from bot.jobs.lease import Lease

log = logging.getLogger(__name__)

Register = Callable[[AsyncApp, Services], None]
"""Registers Bolt's listeners, which call the services."""


class Bot:
    """`await Bot.start(settings, register=register_handlers)`, and at the end `await bot.stop()`."""

    def __init__(self, base: Foundation) -> None:
        self._base = base
        self.services = build_services(base)
        self.database = base.database
        self.metrics = base.metrics
        self._socket: Socket | None = None
        self._http: HttpServer | None = None
        self.readiness = Readiness(base.clients.slack, base.stores.health, self._hears_slack)
        self._retention = Retention(
            settings=base.settings,
            erasure=self.services.erasure,
            audit=base.audit,
            lease=Lease(base.stores.leases, "prune", base.name, base.clock),
            slack=base.clients.slack,
            clock=base.clock,
        )

    @classmethod
    async def start(cls, settings: Settings, clock: Clock | None = None, *, register: Register) -> Self:
        """Start everything and connect to Slack. Raises ConfigError for the setting at fault."""
        database = await open_database(settings.database_path, create=True)
        if database.is_new:
            log.info("created the database %s", settings.database_path.resolve())
        bot = cls(Foundation.build(settings, clock or SystemClock(), database))
        try:
            await bot._start(register)
        except BaseException:
            await bot.stop()
            raise
        return bot

    @property
    def address(self) -> str:
        """How Slack reaches the bot: its HTTP address, Socket Mode, or both."""
        parts = ["Socket Mode"] if self._socket is not None else []
        return " and ".join([*parts, *([self._http.url] if self._http is not None else [])])

    async def _start(self, register: Register) -> None:
        base, services, settings = self._base, self.services, self._base.settings
        app = bolt_app(base.clients.web, settings.slack_signing_secret.get_secret_value())
        register(app, services)
        await base.bindings.start()
        await check_bot_token(base.clients.slack, base.clock)
        await services.audit.log_heads()
        await services.uploads.queue.recover()
        await base.queue.start()
        await base.upload_queue.start()
        set_timers(base, services, self.readiness, self._retention)
        base.timers.start()
        await services.digests.run_due()
        if settings.http_port is not None:
            self._http = self._build_http_server(app, settings.http_port)
            await self._http.start()
        if app_token := settings.slack_app_token.get_secret_value():
            self._socket = Socket(app, app_token, base.clients, settings.slack_api_url)
            await self._socket.connect(base.timers)

    def _build_http_server(self, app: AsyncApp, port: int) -> HttpServer:
        settings, clock = self._base.settings, self._base.clock
        bodies, refusals = Bodies(), Refusals(self.metrics)
        signing_secret = settings.slack_signing_secret.get_secret_value()
        webhook_secret = settings.kickscale_webhook_secret.get_secret_value()
        metrics_token = settings.metrics_token.get_secret_value()
        doors: list[Door] = [
            SlackEvents(app, signing_secret, bodies, refusals, clock),
            KickscaleWebhook(webhook_secret, self.services.live.take_report, bodies, refusals, clock),
            Recordings(self.services.uploads.served.open),
            OperatorPages(self.metrics, metrics_token, self.readiness.check, refusals),
        ]
        return HttpServer(settings.host, port, doors, bodies, refusals)

    async def _hears_slack(self) -> bool:
        return self._socket is None or await self._socket.is_connected()

    async def check_api_key(self) -> None:
        """Log a warning if Kickscale refuses the API key or can't be reached."""
        await check_api_key(self._base.clients.kickscale)

    async def prune(self) -> None:
        """Erase what is older than the settings allow, as the timer does."""
        await self._retention.prune()

    async def idle(self) -> None:
        """Return once every answer is given and every job that is due is done."""
        base = self._base
        await base.background.idle()
        await base.queue.idle()  # an offer may promise uploads,
        await base.upload_queue.idle()  # which promise what comes after them
        await base.queue.idle()
        await base.background.idle()

    async def stop(self) -> None:
        """Accept nothing new, finish running work, and close everything."""
        base = self._base
        base.timers.stop()
        # An upload may have an hour to go: it continues after the next start.
        await asyncio.gather(self._stop_answering(), base.queue.stop(STOP_PATIENCE), base.upload_queue.stop())
        await base.background.stop(0)  # what a job began while it came to its end
        await base.close()

    async def _stop_answering(self) -> None:
        """Receive nothing new, and finish the answers to what was received."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + STOP_PATIENCE
        if self._socket is not None:
            await self._socket.close()
        if self._http is not None:
            await self._http.stop()
        await self._base.background.stop(max(0.0, give_up - loop.time()))
