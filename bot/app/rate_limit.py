"""The rate limiter for people: a script that presses buttons must not keep everybody else from Kickscale."""

from datetime import timedelta

from bot.clock import Clock

LIMIT = 60
"""The most commands and clicks of one person in each window."""
WINDOW = timedelta(minutes=1)


class RateLimiter:
    """Counts what each person asks, in windows of a minute; it forgets people once their window is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[timedelta, int]] = {}
        """By person: when their window began, and how often they asked since. The oldest window comes first."""

    def count(self, user: str) -> int:
        """Count a request, and return how many this person made in their window. More than `LIMIT` is too many."""
        now = self._clock.elapsed()
        while self._windows and next(iter(self._windows.values()))[0] + WINDOW <= now:
            del self._windows[next(iter(self._windows))]
        since, count = self._windows.get(user, (now, 0))
        self._windows[user] = since, count + 1
        return count + 1

    def __len__(self) -> int:
        """Return how many people it remembers."""
        return len(self._windows)
