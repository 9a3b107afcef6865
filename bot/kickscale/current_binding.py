"""The binding in use: read from Kickscale's own OpenAPI document, stored for the next start, refreshed daily."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from bot.clock import Clock
from bot.errors import KickscaleError
from bot.kickscale.binding.bind import DEFAULT, Binding, bind, from_json, to_json
from bot.kickscale.client import KickscaleClient
from bot.storage.stores import FactStore

log = logging.getLogger(__name__)

FACT = "kickscale.binding"
PATIENCE = timedelta(seconds=2)
"""How long the first command waits for the document."""


class CurrentBinding:
    """Keeps the client's binding up to date. `override` replaces parts of it by what the settings say."""

    def __init__(
        self, client: KickscaleClient, facts: FactStore, clock: Clock, override: Callable[[Binding], Binding]
    ) -> None:
        self._client = client
        self._facts = facts
        self._clock = clock
        self._override = override
        self._first: asyncio.Task[None] | None = None
        self.bound_at: datetime | None = None
        """When the document behind the binding was read; None for the default binding."""
        self.failure: str = ""
        """Why the document couldn't be read the last time; empty if it could."""

    async def start(self) -> None:
        """Use the stored binding. The document is read again when `begin_refresh` says so, or the first command."""
        stored = await self._facts.get(FACT)
        binding = from_json(stored[0]) if stored else None
        if stored is not None and binding is not None:
            self._client.binding = self._override(binding)
            self.bound_at = stored[1]
        else:
            self._client.binding = self._override(DEFAULT)

    def begin_refresh(self) -> None:
        """Begin to read the document, if nobody has; doesn't wait for it."""
        if self._first is None:
            self._first = asyncio.create_task(self.refresh(), name="bind to Kickscale's OpenAPI document")

    @property
    def origin(self) -> Literal["document", "kept", "default", "overridden"]:
        """Where the binding comes from; `kept` is an earlier document, if reading it again failed."""
        if self._client.binding.is_overridden:
            return "overridden"
        if self.bound_at is None:
            return "default"
        return "kept" if self.failure else "document"

    async def ready(self) -> None:
        """Return once the document was read or reading it failed, and after two seconds in any case."""
        self.begin_refresh()
        if self._first is not None and not self._first.done():
            await asyncio.wait({self._first}, timeout=PATIENCE.total_seconds())

    async def refresh(self) -> None:
        """Read the document and bind to it. If that fails, the last binding stays, or the default."""
        try:
            binding: Binding = bind(await self._client.openapi())
        except KickscaleError as exc:
            self.failure = type(exc).__name__
            log.warning(
                "Kickscale's OpenAPI document couldn't be read (%s); keeping the last API configuration", self.failure
            )
            return
        self.failure = ""
        self.bound_at = self._clock.now()
        self._client.binding = self._override(binding)
        await self._facts.set(FACT, to_json(binding), self.bound_at)
        for note in binding.notes:
            log.info("Kickscale API: %s", note)

    async def stop(self) -> None:
        if self._first is not None:
            self._first.cancel()
            await asyncio.gather(self._first, return_exceptions=True)
