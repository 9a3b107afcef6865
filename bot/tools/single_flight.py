"""Single flight: when several callers ask for the same thing at the same time, it is read only once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self, task: "asyncio.Task[T]") -> None:
        self.task = task
        self.callers = 0


class SingleFlight:
    """Readings that are under way, by key."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[Any]] = {}

    async def join(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Return or raise what `read` does. It is called once for all who ask for `key` while it is under way.

        If a caller is cancelled, the reading continues for the others; once the last one is, it is cancelled too.
        """
        flight: _Flight[T] | None = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.ensure_future(_run(read)))
            flight.task.add_done_callback(lambda task: self._forget(key, task))
        flight.callers += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.callers -= 1
            if not flight.callers and not flight.task.done():
                # Removed at once: later callers must not join a reading that is being cancelled.
                self._flights.pop(key)
                flight.task.cancel()

    async def idle(self) -> None:
        """Return once nothing is being read."""
        while self._flights:
            await asyncio.wait([flight.task for flight in self._flights.values()])

    async def end(self) -> None:
        """Cancel all readings, and wait until they have ended."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        if key in self._flights and self._flights[key].task is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()  # asyncio would log it as never retrieved if every caller was cancelled


async def _run(read: Callable[[], Awaitable[T]]) -> T:
    return await read()
