"""What is known for a while. A bot runs for months: nothing that it was once asked about may stay for good."""

from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bot.clock import Clock

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by a key, each for `ttl` from when it was put. What is older goes when the next one is put.

    With `room` the oldest ones go earlier, so that their sizes together stay below it; the newest one always stays.
    """

    def __init__(self, clock: Clock, ttl: timedelta, room: int | None = None) -> None:
        self._clock = clock
        self._ttl = ttl
        self._room = room
        self._size = 0
        self._values: dict[str, tuple[datetime, T, int]] = {}
        """The oldest first."""

    def get(self, key: str) -> T | None:
        """None for what is not known, or not any more."""
        found = self._values.get(key)
        return found[1] if found is not None and self._clock.now() - found[0] < self._ttl else None

    def pop(self, key: str) -> T | None:
        """The same; it is not known any more then."""
        found = self.get(key)
        self._drop(key)
        return found

    def put(self, key: str, value: T, size: int = 1) -> None:
        now = self._clock.now()
        self._drop(key)
        self._values[key] = now, value, size
        self._size += size
        while now - next(iter(self._values.values()))[0] >= self._ttl or self._is_full():
            self._drop(next(iter(self._values)))

    def _is_full(self) -> bool:
        return self._room is not None and self._size > self._room and len(self._values) > 1

    def _drop(self, key: str) -> None:
        if (found := self._values.pop(key, None)) is not None:
            self._size -= found[2]

    def __len__(self) -> int:
        return len(self._values)
