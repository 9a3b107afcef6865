"""Reads what nobody is waiting for: one question at a time, while nobody else asks, and with a pause after each."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from bot.clock import Clock
from bot.errors import BotError
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.window import read_between
from bot.model.conversation import Conversation, Kind, Scope

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds. If people ask without end, one question goes between theirs now and then."""
SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 1.0
"""Seconds. In between it is as long as the answer took: the API works for this half of the time at most."""


class PatientReader:
    """Every method raises KickscaleError."""

    def __init__(self, client: KickscaleClient, bindings: CurrentBinding, clock: Clock) -> None:
        self._client = client
        self._bindings = bindings
        self._clock = clock
        self._turn = asyncio.Lock()

    async def between(self, kind: Kind, scope: Scope, start: datetime, end: datetime) -> list[Conversation]:
        """Return all that began at `start` or later and before `end`. Also raises RangeTooWide."""
        return await self._in_turn(lambda: read_between(self._client, kind, start, end, scope))

    async def conversation(self, kind: Kind, id: str, *, transcript: bool = False) -> Conversation:  # noqa: A002
        """Return one conversation. Also raises GoneError."""
        return await self._in_turn(lambda: self._client.conversation(kind, id, transcript=transcript))

    async def is_external(self, conversation: Conversation) -> bool:
        """Return whether the API lists it as external; False if that can't be told."""
        if conversation.starts_at is None:
            return False
        end = conversation.starts_at + timedelta(seconds=1)
        external = await self.between(conversation.kind, Scope.EXTERNAL, conversation.starts_at, end)
        return conversation.id in {other.id for other in external}

    async def _in_turn(self, ask: Callable[[], Awaitable[T]]) -> T:
        await self._bindings.ready()
        async with self._turn:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._client.quiet()
            began = self._clock.elapsed()
            try:
                answer = await ask()
            except BotError:
                await self._pause(began)
                raise
            await self._pause(began)
            return answer

    async def _pause(self, began: timedelta) -> None:
        took = (self._clock.elapsed() - began).total_seconds()
        await self._clock.sleep(min(max(took, SHORTEST_PAUSE), LONGEST_PAUSE))
