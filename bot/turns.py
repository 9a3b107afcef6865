"""Turns in a channel: Slack takes a message a second in each, and a busy one must not hold up the others."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.clock import Clock
from bot.jobs import Retry
from bot.slack import POST_INTERVAL

AT_ONCE = 2
"""Jobs that post in one channel at a time; the others come back when it is their turn."""


class Turns:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._posting: Counter[str] = Counter()
        self._last: dict[str, datetime] = {}
        """When in each channel the last turn that was given out comes."""

    @contextmanager
    def take(self, channel: str) -> Iterator[None]:
        """Post in the channel meanwhile. Raises Retry where enough others do; turns come in the order of asking."""
        if self._posting[channel] >= AT_ONCE:
            now = self._clock.now()
            self._last[channel] = max(now, self._last.get(channel, now)) + POST_INTERVAL
            raise Retry(after=(self._last[channel] - now).total_seconds())
        self._posting[channel] += 1
        try:
            yield
        finally:
            self._posting[channel] -= 1
