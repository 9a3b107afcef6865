"""Turns in a channel: Slack takes a message a second in each, and a busy one must not hold up the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.model.job import Job, Retry
from bot.slack.client import POST_INTERVAL

WAITED_FOR = timedelta(seconds=30)
"""How long after its turn a job is waited for that does not come back: another bot may have it."""


class Turns:
    """One job at a time posts in a channel, those that were promised first before the others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._posting: set[str] = set()
        self._waiting: dict[str, dict[int, datetime]] = {}
        """Of each channel: which jobs come back, and when."""

    @contextmanager
    def take(self, channel: str, job: Job) -> Iterator[None]:
        """Post in the channel meanwhile. Raises Retry, for when it is this job's turn."""
        now = self._clock.now()
        waiting = {id_: at for id_, at in self._waiting.pop(channel, {}).items() if now - at < WAITED_FOR}
        waiting.pop(job.id, None)
        before = (channel in self._posting) + sum(id_ < job.id for id_ in waiting)
        if before:
            waiting[job.id] = now + before * POST_INTERVAL
        if waiting:
            self._waiting[channel] = waiting
        if before:
            raise Retry(after=(before * POST_INTERVAL).total_seconds())
        self._posting.add(channel)
        try:
            yield
        finally:
            self._posting.remove(channel)
