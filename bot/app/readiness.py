"""Whether the bot can do its work: for `/readyz` and the log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.errors import KickscaleError, SlackError, StorageFailed
from bot.slack.auth import Auth

if TYPE_CHECKING:
    from bot.storage.stores import StorageHealth

log = logging.getLogger(__name__)

KICKSCALE_PATIENCE = 4.0
"""Seconds for an answer of Kickscale's. A command would wait longer, but a probe doesn't."""


class Readiness:
    def __init__(
        self,
        auth: Auth,
        ask_kickscale: Callable[[], Awaitable[None]],
        database: "StorageHealth",
        is_connected: Callable[[], Awaitable[bool]],
    ) -> None:
        """`ask_kickscale` raises KickscaleError if it doesn't answer; it isn't called before `begin`.

        `is_connected` says whether Slack's events reach the bot.
        """
        self._auth = auth
        self._ask_kickscale = ask_kickscale
        self._database = database
        self._is_connected = is_connected
        self._database_failure = ""
        self._has_begun = asyncio.Event()

    def begin(self) -> None:
        """Note that everything is running now."""
        self._has_begun.set()

    async def check(self) -> dict[str, bool | str]:
        """Return the result of each check: True, or else False or the reason. Waits until everything is running."""
        await self._has_begun.wait()
        slack, database = await asyncio.gather(self._check_slack(), self.check_database())
        return {"slack": slack, "database": database or True}

    async def check_full(self) -> dict[str, bool | str]:
        """Return the same, and whether Kickscale answers and accepts the credentials."""
        await self._has_begun.wait()
        checks, kickscale = await asyncio.gather(self.check(), self._check_kickscale())
        return {**checks, "kickscale": kickscale}

    async def _check_kickscale(self) -> bool | str:
        from bot.operations.checks.kickscale import describe_failure  # noqa: PLC0415 the start need not wait for it

        try:
            async with asyncio.timeout(KICKSCALE_PATIENCE):
                await self._ask_kickscale()
        except TimeoutError:
            return "timed out"
        except KickscaleError as exc:
            return describe_failure(exc)
        return True

    async def _check_slack(self) -> bool:
        if not await self._is_connected():
            return False
        try:
            await self._auth.check()
        except SlackError:
            return False
        return True

    async def check_database(self) -> str:
        """Return what is wrong with the database, without its path; empty if nothing is. Changes are logged."""
        try:
            await self._database.check()
        except StorageFailed as exc:
            if exc.what != self._database_failure:
                log.error("%s", exc)  # noqa: TRY400 the cause is in it
            self._database_failure = exc.what
        else:
            if self._database_failure:
                log.warning("the database is working again")
            self._database_failure = ""
        return self._database_failure
