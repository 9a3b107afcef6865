"""The running bot, from start to stop."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Self

from slack_bolt.async_app import AsyncApp

from bot.app.basics import STOP_PATIENCE, Basics
from bot.app.credentials import check_api_key, check_bot_token
from bot.app.imports import import_command_intake, import_services
from bot.app.readiness import Readiness
from bot.app.slack_connection import Socket, bolt_app
from bot.clock import Clock, SystemClock
from bot.config.settings import Settings

if TYPE_CHECKING:
    from bot.app.command_intake import CommandIntake
    from bot.app.foundation import Foundation
    from bot.app.http.server import HttpServer
    from bot.app.reading import Reading
    from bot.app.retention import Retention
    from bot.app.services import Services
    from bot.slack.auth import Identity
    from bot.storage.database import Database

log = logging.getLogger(__name__)

Register = Callable[[AsyncApp, "Services"], None]
"""Registers Bolt's listeners, which call the services. Runs in a thread, since it imports them."""
INTERRUPT_IMPORTS = 0.001
"""Seconds after which a thread that imports gives way to the event loop, which needs several turns to stay connected to
Slack. Python's default is five times as long (https://docs.python.org/3/library/sys.html#sys.setswitchinterval)."""
OnReady = Callable[[str], None]
"""Called with how Slack reaches the bot."""


class Bot:
    """`await Bot.start(settings, register=register_handlers)`, and at the end `await bot.stop()`."""

    # What is built once the bot is ready:
    database: "Database"
    services: "Services"
    _base: "Foundation"

    def __init__(self, basics: Basics) -> None:
        self._basics = basics
        self.metrics = basics.metrics
        self._reception = bolt_app(basics)
        self._intake: CommandIntake | None = None
        self._is_built = asyncio.Event()
        self._socket: Socket | None = None
        self._http: HttpServer | None = None
        self._reading: Reading | None = None
        self._identity: Identity | None = None
        self.readiness = Readiness(basics.slack.auth, self._ask_kickscale, basics.connection, self._hears_slack)

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

        `on_ready` is called earlier: as soon as Slack reaches the bot. Its requests wait until all is imported.
        """
        bot = cls(await Basics.open(settings, clock or SystemClock(), create=True))
        try:
            await bot._hear_slack()
            on_ready(bot.address)
            await bot._begin_to_answer(register)
            await bot._begin_work()
        except BaseException:
            await bot.stop()
            raise
        return bot

    @property
    def address(self) -> str:
        """How Slack reaches the bot: its HTTP address, Socket Mode, or both."""
        parts = ["Socket Mode"] if self._socket is not None else []
        return " and ".join([*parts, *([self._http.url] if self._http is not None else [])])

    async def _hear_slack(self) -> None:
        basics, settings = self._basics, self._basics.settings
        self._identity = await check_bot_token(basics.slack.auth, basics.clock)
        if settings.http_port is not None:
            from bot.app.http.building import build_http_server  # noqa: PLC0415 Socket Mode needs none of it

            self._http = build_http_server(
                basics, self._reception, self._built_services, self.readiness, settings.http_port
            )
            await self._http.start()
        if app_token := settings.slack_app_token.get_secret_value():
            self._socket = Socket(self._reception, app_token, basics.slack, settings.slack_api_url)
            await self._socket.connect()

    async def _begin_to_answer(self, register: Register) -> None:
        """Import what answers, build it, and let Slack's requests through."""
        interval = sys.getswitchinterval()
        sys.setswitchinterval(INTERRUPT_IMPORTS)
        try:
            intake = await self._take_commands()
            await asyncio.to_thread(import_services)
            from bot.app.banner import log_start  # noqa: PLC0415 imported by now
            from bot.app.foundation import Foundation  # noqa: PLC0415 likewise
            from bot.app.services import Services  # noqa: PLC0415 likewise
            from bot.operations.app_update import note_update  # noqa: PLC0415 likewise

            self._base = Foundation.build(self._basics, intake)
            self.database = self._base.database
            await note_update(
                self._base.stores.facts, self._base.clock, self._identity, is_new=self._base.database.is_new
            )
            await self._base.audit.log_heads()
            await self._base.notices.start()
            await self._base.bindings.start()
            log_start(self._base, self._identity)
            self.services = Services(self._base)
            self.services.build()
            await asyncio.to_thread(register, self._reception, self.services)
        finally:
            sys.setswitchinterval(interval)
        self._is_built.set()
        intake.typed_commands.begin()
        self._reception.listen()

    async def _take_commands(self) -> "CommandIntake":
        """Have commands written down, and so acknowledged, while what answers them is imported."""
        await asyncio.to_thread(import_command_intake)
        from bot.app.command_intake import CommandIntake  # noqa: PLC0415 imported by now

        self._intake = CommandIntake.build(self._basics)
        self._reception.take_commands(self._intake.typed_commands)
        return self._intake

    async def _built_services(self) -> "Services":
        """Return the services once they are built."""
        await self._is_built.wait()
        return self.services

    async def _begin_work(self) -> None:
        """Begin what the bot does by itself: jobs that were promised, and what timers wake."""
        from bot.app.timers import set_timers  # noqa: PLC0415 likewise

        base, services = self._base, self.services
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
        from bot.jobs.lease import Lease  # noqa: PLC0415 likewise

        base = self._base
        return Retention(
            settings=base.settings,
            erasure=self.services.erasure,
            audit=base.audit,
            lease=Lease(base.stores.leases, "prune", base.name, base.clock),
            slack=base.clients.slack,
            clock=base.clock,
        )

    async def _ask_kickscale(self) -> None:
        await self._base.clients.kickscale.check()

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
        basics = self._basics
        base: Foundation | None = vars(self).get("_base")
        # An upload may have an hour to go: it continues after the next start.
        working: list[Awaitable[None]] = []
        if base is not None:
            base.timers.stop()
            working = [
                base.queue.stop(STOP_PATIENCE),
                base.upload_queue.stop(),
            ]
        if self._reading is not None:
            await self._reading.stop()
        await asyncio.gather(self._stop_answering(), *working)
        await basics.background.stop(0)  # what a job began while it came to its end
        try:
            if base is not None:
                await base.close()
        finally:
            await basics.close()

    async def _stop_answering(self) -> None:
        """Receive nothing new, and finish the answers to what was received."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + STOP_PATIENCE
        self._reception.give_up()
        if self._socket is not None:
            await self._socket.close()
        if self._http is not None:
            await self._http.stop()
        left = max(0.0, give_up - loop.time())
        patience = left if self._is_built.is_set() else 0.0
        answering = [] if self._intake is None else [self._intake.answer_queue.stop(patience)]
        await asyncio.gather(self._basics.background.stop(left), *answering)
