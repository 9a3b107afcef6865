"""The services for one thing that the command line does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app.database import open_database
from bot.app.foundation import Foundation
from bot.app.services import Services
from bot.clock import SystemClock
from bot.config.settings import Settings

STOP_PATIENCE = 5.0
"""Seconds that all running work gets at a stop: platforms kill ten seconds after they asked, and cancelling and closing
takes a while under load."""


class Parts:
    """The services without a running bot, for one thing that the command line does, whether or not a bot runs."""

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
    base = Foundation.build(settings, SystemClock(), await open_database(settings, create=False))
    try:
        parts = Parts(base)
        await base.bindings.start()
        yield parts
    finally:
        await base.queue.stop(STOP_PATIENCE)
        await base.background.stop(STOP_PATIENCE)
        await base.close()
