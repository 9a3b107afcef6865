"""What the bot reads from Kickscale for itself: for the mirror, and to know its customers."""

import asyncio
import logging

from bot.customers.customers import Customers
from bot.errors import StorageFailed
from bot.kickscale.client import KickscaleClient
from bot.mirror.mirror import Mirror
from bot.model.conversation import ListRead
from bot.tools.background import BackgroundTasks

log = logging.getLogger(__name__)

MOST_WAITING = 4
"""How many lists that were read for people may wait to be saved. More are dropped: the mirror reads them itself."""


class Reading:
    """Catches up with Kickscale when woken, and also takes what is read to answer people."""

    def __init__(
        self, client: KickscaleClient, customers: Customers, mirror: Mirror, background: BackgroundTasks
    ) -> None:
        self._customers = customers
        self._mirror = mirror
        self._background = background
        self._task: asyncio.Task[None] | None = None
        self._waiting = 0
        client.listener = self._listen

    async def wake(self) -> None:
        """Begin to read whatever is due, unless that is under way; doesn't wait for it."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self.catch_up(), name="read for the mirror")

    async def catch_up(self) -> None:
        """Read whatever is due. The customers come first, since the mirror takes what they read."""
        try:
            await self._customers.catch_up()
            await self._mirror.catch_up()
        except StorageFailed as exc:
            log.error("reading from Kickscale failed: %s", exc)  # noqa: TRY400 a traceback each time would fill the disk
        except Exception:
            log.exception("reading from Kickscale failed")

    async def stop(self) -> None:
        """Stop at once: the next start continues from here."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _listen(self, read: ListRead) -> None:
        for ear in (self._customers, self._mirror):
            if self._waiting < MOST_WAITING and ear.wants(read):
                self._waiting += 1
                self._background.spawn(self._hear(ear, read))

    async def _hear(self, ear: Customers | Mirror, read: ListRead) -> None:
        try:
            await ear.hear(read)
        except StorageFailed as exc:
            log.warning("what was read couldn't be saved (%s)", exc)
        finally:
            self._waiting -= 1
