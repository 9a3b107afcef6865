"""Single flight: what several ask for at once is read once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self, task: "asyncio.Task[T]") -> None:
        self.task = task
        self.askers = 0


class Flights:
    """The readings that are under way, by what was asked."""

    def __init__(self) -> None:
        self._flying: dict[Hashable, _Flight[Any]] = {}

    async def join(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` returns or raises; one reading for all who ask for `key` while it is under way.

        An asker who is cancelled leaves the others their reading; when the last one leaves, it is cancelled too.
        """
        flight: _Flight[T] | None = self._flying.get(key)
        if flight is None:
            flight = self._flying[key] = _Flight(asyncio.ensure_future(_run(read)))
            flight.task.add_done_callback(lambda task: self._landed(key, task))
        flight.askers += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.askers -= 1
            if not flight.askers and not flight.task.done():
                # Off the table at once: who asks from now on must not join what is being cancelled.
                self._flying.pop(key)
                flight.task.cancel()

    async def end(self) -> None:
        """Cancel what is under way, and wait until it is over."""
        tasks = [flight.task for flight in self._flying.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _landed(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        if key in self._flying and self._flying[key].task is task:
            del self._flying[key]
        if not task.cancelled():
            task.exception()  # seen, though every asker may have left


async def _run(read: Callable[[], Awaitable[T]]) -> T:
    return await read()
