"""The running bot, from start to stop."""

import asyncio
import logging
import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Self

from slack_bolt.async_app import AsyncApp

from bot.app.banner import log_start
from bot.app.credentials import check_api_key, check_bot_token
from bot.app.database import open_database
from bot.app.foundation import Foundation
from bot.app.imports import import_services
from bot.app.parts import STOP_PATIENCE
from bot.app.readiness import Readiness
from bot.app.services import Services
from bot.app.slack_connection import Socket, bolt_app
from bot.clock import Clock, SystemClock
from bot.config.settings import Settings
from bot.jobs.lease import Lease
from bot.operations.app_update import note_update

if TYPE_CHECKING:
    from bot.app.http.server import HttpServer
    from bot.app.reading import Reading
    from bot.app.retention import Retention

log = logging.getLogger(__name__)

Register = Callable[[AsyncApp, Services], None]
"""Registers Bolt's listeners, which call the services."""
INTERRUPT_IMPORTS = 0.001
"""Seconds after which a thread that imports gives way to the event loop, for which five times as long is usual: an
acknowledgement takes several turns (https://docs.python.org/3/library/sys.html#sys.setswitchinterval)."""
OnReady = Callable[[str], None]
"""Is told how Slack reaches the bot."""


class Bot:
    """`await Bot.start(settings, register=register_handlers)`, and at the end `await bot.stop()`."""

    def __init__(self, base: Foundation) -> None:
        self._base = base
        self.services = Services(base)
        self.database = base.database
        self.metrics = base.metrics
        self._socket: Socket | None = None
        self._http: HttpServer | None = None
        self._reading: Reading | None = None
        self.readiness = Readiness(base.clients.slack, base.clients.kickscale, base.stores.health, self._hears_slack)

    @classmethod
    async def start(
        cls,
        settings: Settings,
        clock: Clock | None = None,
        *,
        register: Register,
        on_ready: OnReady = lambda _address: None,
    ) -> Self:
        """Start everything, and return when what is due has begun. Raises ConfigError for the setting at fault.

        `on_ready` is called a moment earlier: as soon as commands are acknowledged and answered.
        """
        database = await open_database(settings, create=True)
        if database.is_new:
            log.info("created the database %s", settings.database_name)
        bot = cls(Foundation.build(settings, clock or SystemClock(), database))
        try:
            await bot._start(register, on_ready)
        except BaseException:
            await bot.stop()
            raise
        return bot

    @property
    def address(self) -> str:
        """How Slack reaches the bot: its HTTP address, Socket Mode, or both."""
        parts = ["Socket Mode"] if self._socket is not None else []
        return " and ".join([*parts, *([self._http.url] if self._http is not None else [])])

    async def _start(self, register: Register, on_ready: OnReady) -> None:
        base, settings = self._base, self._base.settings
        app = bolt_app(base.clients.web, settings.slack_signing_secret.get_secret_value())
        register(app, self.services)
        identity = await check_bot_token(base.clients.slack, base.clock)
        await note_update(base.stores.facts, base.clock, identity, is_new=base.database.is_new)
        await base.audit.log_heads()
        await base.notices.start()
        await base.bindings.start()
        log_start(base, identity)
        if settings.http_port is not None:
            from bot.app.http.building import build_http_server  # noqa: PLC0415 Socket Mode needs none of it

            self._http = build_http_server(app, base, self.services, self.readiness, settings.http_port)
            await self._http.start()
        if app_token := settings.slack_app_token.get_secret_value():
            self._socket = Socket(app, app_token, base.clients, settings.slack_api_url)
            await self._socket.connect()
        on_ready(self.address)
        await self._begin_work()

    async def _begin_work(self) -> None:
        """Begin what the bot does by itself: jobs that were promised, and what timers wake."""
        base, services = self._base, self.services
        interval = sys.getswitchinterval()
        sys.setswitchinterval(INTERRUPT_IMPORTS)
        try:
            await asyncio.to_thread(import_services)
        finally:
            sys.setswitchinterval(interval)
        from bot.app.timers import set_timers  # noqa: PLC0415 imported by now

        services.build()
        self._reading = services.reading
        base.bindings.begin_refresh()
        await services.uploads.queue.recover()
        await base.queue.start()
        await base.upload_queue.start()
        await base.answer_queue.start()
        set_timers(base, services, self.readiness, self._retention)
        if self._socket is not None:
            self._socket.watch(base.timers)
        base.timers.start()
        await services.digests.run_due()
        self.readiness.begin()

    @cached_property
    def _retention(self) -> "Retention":
        from bot.app.retention import Retention  # noqa: PLC0415 likewise

        base = self._base
        return Retention(
            settings=base.settings,
            erasure=self.services.erasure,
            audit=base.audit,
            lease=Lease(base.stores.leases, "prune", base.name, base.clock),
            slack=base.clients.slack,
            clock=base.clock,
        )

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
        await base.answer_queue.idle()
        await base.queue.idle()  # an offer may promise uploads,
        await base.upload_queue.idle()  # which promise what comes after them
        await base.queue.idle()
        await base.background.idle()

    async def stop(self) -> None:
        """Accept nothing new, finish running work, and close everything."""
        base = self._base
        base.timers.stop()
        if self._reading is not None:
            await self._reading.stop()
        # An upload may have an hour to go: it continues after the next start.
        queues = base.queue.stop(STOP_PATIENCE), base.answer_queue.stop(STOP_PATIENCE), base.upload_queue.stop()
        await asyncio.gather(self._stop_answering(), *queues)
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
