"""What the bot opens to receive Slack's requests. Its start waits for these imports, and for little else."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot.app.database import open_connection
from bot.app.slack_access import SLACK_TIMEOUT, SlackAccess
from bot.clock import Clock
from bot.config.settings import Settings
from bot.observe.metrics import Metrics
from bot.storage.transaction import Connection
from bot.tools.background import BackgroundTasks

if TYPE_CHECKING:
    from bot.storage.database import Database

log = logging.getLogger(__name__)

STOP_PATIENCE = 5.0
"""Seconds that all running work gets at a stop: platforms kill ten seconds after they asked, and cancelling and closing
takes a while under load."""


@dataclass(frozen=True)
class Basics:
    settings: Settings
    clock: Clock
    connection: Connection
    """To the database."""
    build_database: "Callable[[], Database]"
    """Imports and builds the stores, which takes a while."""
    metrics: Metrics
    slack: SlackAccess
    background: BackgroundTasks

    @classmethod
    async def open(cls, settings: Settings, clock: Clock, *, create: bool) -> Self:
        """Open the database and the session for Slack, which the caller closes. Raises ConfigError.

        Without `create`, there must be a database already.
        """
        database = await open_connection(settings, create=create)
        if database.is_new:
            log.info("created the database %s", settings.database_name)
        metrics = Metrics()
        try:
            slack = SlackAccess.build(settings, clock, metrics.slack_call, timeout=SLACK_TIMEOUT)
        except BaseException:
            await database.connection.close()
            raise
        return cls(settings, clock, database.connection, database.build, metrics, slack, BackgroundTasks())

    async def close(self) -> None:
        """All work must have stopped before."""
        await self.slack.close()
        await self.connection.close()
