"""Reads the status of the bot and of the services it depends on, for `/kickscale status`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import date

from bot import __version__
from bot.clock import Clock
from bot.config.settings import Settings
from bot.errors import KickscaleError, StorageFailed
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.model.mirror import MirrorState
from bot.model.status import Status
from bot.storage.stores import JobQueue, StorageHealth

log = logging.getLogger(__name__)


class StatusReader:
    def __init__(  # noqa: PLR0917 everything that it reads
        self,
        settings: Settings,
        client: KickscaleClient,
        bindings: CurrentBinding,
        database: StorageHealth,
        queue: JobQueue,
        answers: Collection[str],
        mirror: Callable[[], Awaitable[MirrorState | None]],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._client = client
        self._bindings = bindings
        self._database = database
        self._queue = queue
        self._answers = answers
        """The kinds of jobs that answer people at once. The question for the status is one itself."""
        self._mirror = mirror
        self._clock = clock

    async def read(self) -> Status:
        """Check Kickscale and the database now, and return the result."""
        error, failed = await asyncio.gather(self._kickscale_error(), self._database_failure())
        now = self._clock.now()
        return Status(
            version=__version__,
            slack="socket" if self._settings.slack_app_token.get_secret_value() else "http",
            timezone=self._settings.default_timezone,
            binding=self._bindings.origin,
            bound_at=self._bindings.bound_at,
            asked_at=now,
            kickscale_error=error,
            database_failure=failed,
            queues={} if failed else await self._count_waiting(),
            mirror=None if failed else await self._mirror(),
            key_days_left=key_days_left(self._settings.kickscale_api_key_created, now.date()),
        )

    async def _count_waiting(self) -> dict[str, int]:
        counts = await self._queue.count_unfinished()
        return {kind: count for kind, count in counts.items() if kind not in self._answers}

    async def _database_failure(self) -> StorageFailed | None:
        try:
            await self._database.check()
        except StorageFailed as exc:
            log.error("%s", exc)  # noqa: TRY400 the cause is in it
            return exc
        return None

    async def _kickscale_error(self) -> KickscaleError | None:
        try:
            await self._client.check()
        except KickscaleError as exc:
            return exc
        return None


def key_days_left(created: date | None, today: date) -> int | None:
    """Return the days until a key created on `created` expires, a year later (Kickscale help article 13571612)."""
    if created is None:
        return None
    try:
        ends = created.replace(year=created.year + 1)
    except ValueError:  # created on 29 February
        ends = created.replace(year=created.year + 1, day=28)
    return (ends - today).days
