"""A cache whose values expire, so that it doesn't grow in a process that runs for months."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from bot.clock import Clock

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    stored_at: timedelta
    value: T
    size: int


class TtlCache(Generic[T]):
    """Values by key, each valid for `ttl` after it was put.

    Expired values are removed by the next `put`, or before that by `remove_expired`.

    With `capacity` the oldest values are removed earlier, to keep the sum of all sizes within it. The newest value
    always stays.
    """

    def __init__(
        self,
        clock: Clock,
        ttl: timedelta,
        capacity: int | None = None,
        *,
        on_removal: Callable[[T], None] | None = None,
    ) -> None:
        """`on_removal` gets each value that leaves the cache: not one that is put again."""
        self._clock = clock
        self._on_removal = on_removal
        self._ttl = ttl
        self._capacity = capacity
        self._size = 0
        self._entries: dict[Hashable, _Entry[T]] = {}
        """The oldest first."""

    def get(self, key: Hashable) -> T | None:
        """Return the value of a key, or None if there is none or it has expired."""
        entry = self._entries.get(key)
        return None if entry is None or self._is_expired(entry) else entry.value

    def pop(self, key: Hashable) -> T | None:
        """Remove a key and return what `get` would have returned."""
        value = self.get(key)
        self._remove(key)
        return value

    def put(self, key: Hashable, value: T, size: int = 1, *, since: timedelta | None = None) -> None:
        """Cache a value from now on, or from `since` if it took long to read."""
        self._remove(key, value)
        self._entries[key] = _Entry(self._clock.elapsed() if since is None else since, value, size)
        self._size += size
        while self._is_full():
            self._remove(next(iter(self._entries)))
        self.remove_expired()

    def remove_expired(self) -> None:
        """Remove expired values."""
        while self._entries and self._is_expired(next(iter(self._entries.values()))):
            self._remove(next(iter(self._entries)))

    def _is_expired(self, entry: _Entry[T]) -> bool:
        return self._clock.elapsed() - entry.stored_at >= self._ttl

    def _is_full(self) -> bool:
        return self._capacity is not None and self._size > self._capacity and len(self._entries) > 1

    def _remove(self, key: Hashable, successor: T | None = None) -> None:
        if (entry := self._entries.pop(key, None)) is not None:
            self._size -= entry.size
            if self._on_removal is not None and entry.value is not successor:
                self._on_removal(entry.value)

    def __len__(self) -> int:
        return len(self._entries)
