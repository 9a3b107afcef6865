"""Turns: what many ask for at the same moment begins one by one."""

import asyncio
from collections import deque


class Turns:
    """Lets one begin in each turn of the event loop, in the order in which they came.

    If all began at once, a turn would have a piece of work for each of them, and what must be quick, e.g. an
    acknowledgement, takes several turns. So in a crowd those who have begun come to their end before others begin.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    def __len__(self) -> int:
        """Return how many are waiting."""
        return len(self._waiting)

    async def wait(self) -> None:
        """Return when it is the caller's turn."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._begin_next)
        await turn

    def _begin_next(self) -> None:
        turn = self._waiting.popleft()
        if not turn.done():  # its caller may have been cancelled
            turn.set_result(None)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._begin_next)
