"""What is known for a while. A bot runs for months: nothing that it was once asked about may stay for good."""

from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bot.clock import Clock

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by a key, each for `ttl` from when it was put. What is older goes when the next one is put."""

    def __init__(self, clock: Clock, ttl: timedelta) -> None:
        self._clock = clock
        self._ttl = ttl
        self._values: dict[str, tuple[datetime, T]] = {}
        """The oldest first."""

    def get(self, key: str) -> T | None:
        """None for what is not known, or not any more."""
        found = self._values.get(key)
        return found[1] if found is not None and self._clock.now() - found[0] < self._ttl else None

    def put(self, key: str, value: T) -> None:
        now = self._clock.now()
        self._values.pop(key, None)
        self._values[key] = now, value
        while now - next(iter(self._values.values()))[0] >= self._ttl:
            del self._values[next(iter(self._values))]

    def __len__(self) -> int:
        return len(self._values)
