"""How often one person may ask: whoever lets a script press buttons must not keep Kickscale from the others."""

from datetime import datetime, timedelta

from bot.clock import Clock

MOST = 60
WINDOW = timedelta(minutes=1)


class Pace:
    """Remembers people for no longer than `WINDOW`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: dict[str, tuple[datetime, int]] = {}
        """Since when, the longest first, and how often."""

    def count(self, user: str) -> int:
        """How often this person has asked within a minute, this time included. More than `MOST` is too often."""
        now = self._clock.now()
        while self._asked and next(iter(self._asked.values()))[0] + WINDOW <= now:
            del self._asked[next(iter(self._asked))]
        since, count = self._asked.get(user, (now, 0))
        self._asked[user] = since, count + 1
        return count + 1

    def __len__(self) -> int:
        """How many people are remembered."""
        return len(self._asked)
