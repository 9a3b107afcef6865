"""How the bot and what it stands on are: for `/kickscale status`."""

import asyncio
import logging
from datetime import date
from importlib.metadata import version

from bot.clock import Clock
from bot.config.settings import Settings
from bot.errors import KickscaleError
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import Bindings
from bot.render.operations.status import Status
from bot.storage.sqlite import Database

log = logging.getLogger(__name__)


class StatusReader:
    def __init__(
        self, settings: Settings, client: KickscaleClient, bindings: Bindings, database: Database, clock: Clock
    ) -> None:
        self._settings = settings
        self._client = client
        self._bindings = bindings
        self._database = database
        self._clock = clock

    async def read(self) -> Status:
        """Ask Kickscale and the database now."""
        error, queues = await asyncio.gather(self._kickscale_error(), self._queues())
        now = self._clock.now()
        return Status(
            version=version("kickscale-bot"),
            slack="socket" if self._settings.slack_app_token.get_secret_value() else "http",
            timezone=self._settings.default_timezone,
            binding=self._bindings.origin,
            bound_at=self._bindings.bound_at,
            asked_at=now,
            kickscale_error=error,
            is_database_ok=queues is not None,
            queues=queues or {},
            key_days_left=key_days_left(self._settings.kickscale_api_key_created, now.date()),
        )

    async def _queues(self) -> dict[str, int] | None:
        """How much waits; None where the database does not tell."""
        try:
            return await self._database.jobs.unfinished()
        except Exception:
            log.exception("the database does not answer")
            return None

    async def _kickscale_error(self) -> KickscaleError | None:
        try:
            await self._client.check()
        except KickscaleError as exc:
            return exc
        return None


def key_days_left(created: date | None, today: date) -> int | None:
    """Days until a key made on `created` dies: a year later (Kickscale help article 13571612). None where unknown."""
    if created is None:
        return None
    try:
        ends = created.replace(year=created.year + 1)
    except ValueError:  # made on 29 February
        ends = created.replace(year=created.year + 1, day=28)
    return (ends - today).days
