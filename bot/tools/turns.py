"""Turns: what many ask for at the same moment begins one by one, and is worked on a few at a time."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST_WORKING = 32
"""Twice as many as Kickscale is asked at a time, so that it is never left idle."""
LONG = 1.0
"""Seconds after which work no longer counts: it must be waiting for something slow, which others needn't wait for."""


class Turns:
    """Lets one begin in each turn of the event loop, in the order in which they came, while only a few work.

    If all began at once, a turn would have a piece of work for each of them, and what must be quick, e.g. an
    acknowledgement, takes several turns. And all would have their records in memory at once. So in a crowd those who
    have begun come to their end before others begin.
    """

    def __init__(self, most_working: int = MOST_WORKING, long: float = LONG) -> None:
        self._most_working = most_working
        self._long = long
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._working: dict[asyncio.Future[None], asyncio.TimerHandle] = {}
        self._is_called = False

    def __len__(self) -> int:
        """Return how many are waiting."""
        return len(self._waiting)

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for the caller's turn, which lasts until the end of the block."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._call_next()
        try:
            await turn
            yield
        finally:
            self._leave(turn)

    def _call_next(self) -> None:
        if self._waiting and len(self._working) < self._most_working and not self._is_called:
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._begin_next)

    def _begin_next(self) -> None:
        self._is_called = False
        turn = self._waiting.popleft()
        if not turn.done():  # its caller may have been cancelled
            turn.set_result(None)
            self._working[turn] = asyncio.get_running_loop().call_later(self._long, self._leave, turn)
        self._call_next()

    def _leave(self, turn: asyncio.Future[None]) -> None:
        if (timer := self._working.pop(turn, None)) is not None:
            timer.cancel()
            self._call_next()
