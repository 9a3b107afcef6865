"""The services for one command of the command line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app.basics import STOP_PATIENCE, Basics
from bot.app.command_intake import CommandIntake
from bot.app.foundation import Foundation
from bot.app.services import Services
from bot.clock import SystemClock
from bot.config.settings import Settings


class Parts:
    """The services for one command. No bot is started; one may be running beside it."""

    def __init__(self, base: Foundation) -> None:
        self.services = Services(base)
        self.services.build()  # they register their jobs
        self._base = base

    async def do_jobs(self) -> None:
        """Do the jobs that are due, and return."""
        await self._base.queue.start()
        await self._base.queue.idle()


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Open the services for one command, and close them at the end. Raises ConfigError if there is no database yet."""
    basics = await Basics.open(settings, SystemClock(), create=False)
    try:
        base = Foundation.build(basics, CommandIntake.build(basics))
        try:
            parts = Parts(base)
            await base.bindings.start()
            yield parts
        finally:
            await base.queue.stop(STOP_PATIENCE)
            await base.background.stop(STOP_PATIENCE)
            await base.close()
    finally:
        await basics.close()
