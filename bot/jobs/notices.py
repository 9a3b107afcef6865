"""Tells the other bots on the database which remembered facts are out of date, and hears the same from them."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from bot.clock import Clock
from bot.errors import StorageFailed
from bot.storage.between_bots import NoticeStore

log = logging.getLogger(__name__)

Hear = Callable[[Any], Awaitable[None] | None]


class NoticeBoard:
    """`holder` is this bot's name, unlike that of any other on the database.

    `changes` yields whenever another bot may have written something.
    """

    def __init__(
        self, store: NoticeStore, changes: Callable[[], AsyncGenerator[None, None]], holder: str, clock: Clock
    ) -> None:
        self._store = store
        self._changes = changes
        self._holder = holder
        self._clock = clock
        self._hearers: dict[str, Hear] = {}
        self._seen = 0
        self._listening: asyncio.Task[None] | None = None

    def on(self, topic: str, hear: Hear) -> None:
        """Have `hear` called with what others tell about this."""
        self._hearers[topic] = hear

    async def tell(self, topic: str, value: Any) -> None:
        """Tell the others a JSON value. While the database fails, nobody hears it."""
        try:
            await self._store.add(topic, value, self._holder, self._clock.now())
        except StorageFailed as exc:
            log.warning("other bots can't be told about %s (%s)", topic, exc)

    async def start(self) -> None:
        """Begin to listen. Call it before the bot remembers anything that a notice could make it forget."""
        self._seen = await self._store.latest()
        self._listening = asyncio.create_task(self._listen(), name="listen for notices")

    async def stop(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        async with aclosing(self._changes()) as changes:
            async for _ in changes:
                await self._look()

    async def _look(self) -> None:
        try:
            notices = await self._store.after(self._seen, but=self._holder)
        except StorageFailed:
            return  # what is logged elsewhere, and seen at the next look
        for notice in notices:
            self._seen = notice.number
            if (hear := self._hearers.get(notice.topic)) is None:
                continue  # a newer version's
            try:
                if (hearing := hear(notice.value)) is not None:
                    await hearing
            except Exception:
                log.exception("the notice %s of another bot had no effect", notice.topic)
