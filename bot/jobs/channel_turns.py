"""Turns to post in a channel: Slack accepts a message per second in each, and a busy one must not delay the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from bot.clock import Clock
from bot.model.job import Job, Retry
from bot.slack.client import POST_INTERVAL

TURN_EXPIRY = timedelta(seconds=30)
"""How long a job keeps its turn if it doesn't come back for it: another bot may have taken it over."""


class Turns:
    """One job at a time posts in a channel, in the order in which the jobs were promised."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._posting: set[str] = set()
        self._waiting: dict[str, dict[int, timedelta]] = {}
        """For each channel: which jobs will come back, and when."""

    @contextmanager
    def take(self, channel: str, job: Job) -> Iterator[None]:
        """Hold the channel for posting. Raises Retry, for when it will be this job's turn."""
        now = self._clock.elapsed()
        waiting = {id_: at for id_, at in self._waiting.pop(channel, {}).items() if now - at < TURN_EXPIRY}
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
