"""One job at a time posts in a channel.

Slack accepts about one message a second in each channel (https://docs.slack.dev/apis/web-api/rate-limits), and a job
that waits for its channel must not take up a place in the queue.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from bot.model.job import Job, Retry
from bot.slack.messages import POST_INTERVAL

ABSENCE = timedelta(seconds=30)
"""How long a job that hasn't come back keeps its place in the line: another bot may have taken it."""


class ChannelTurns:
    """The jobs that wait for a channel: the oldest goes first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._busy: set[str] = set()
        """The channels in which a job is posting."""
        self._waiting: dict[str, dict[int, timedelta]] = {}
        """By channel: the ids of the jobs that wait, and when each comes back."""

    @contextmanager
    def take(self, channel: str, job: Job[Any, Any]) -> Iterator[None]:
        """Keep the channel for this job. Raises Retry if it isn't the job's turn."""
        now = self._clock.elapsed()
        waiting = {
            job_id: back_at
            for job_id, back_at in self._waiting.pop(channel, {}).items()
            if job_id != job.id and now - back_at < ABSENCE
        }
        ahead = (channel in self._busy) + sum(job_id < job.id for job_id in waiting)
        if ahead:
            waiting[job.id] = now + ahead * POST_INTERVAL
        if waiting:
            self._waiting[channel] = waiting
        if ahead:
            raise Retry(after=(ahead * POST_INTERVAL).total_seconds())
        self._busy.add(channel)
        try:
            yield
        finally:
            self._busy.remove(channel)
