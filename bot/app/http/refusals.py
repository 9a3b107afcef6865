"""Counts refused requests, and logs one of each kind from time to time."""

import asyncio
import logging

from bot.observe.metrics import Metrics

log = logging.getLogger(__name__)

LOG_INTERVAL = 60.0
"""Seconds between two lines about refusals of one kind, so that nobody can fill the log from outside."""


class Refusals:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._quiet_until: dict[str, float] = {}

    def note(self, door: str, why: str) -> None:
        """Count a refusal under the name of its door, and log it unless one of the same kind was logged recently."""
        self._metrics.refused(door)
        now = asyncio.get_running_loop().time()
        if now >= self._quiet_until.get(why, 0.0):
            self._quiet_until[why] = now + LOG_INTERVAL
            log.warning("refused %s; for %d seconds, more of the same are only counted", why, LOG_INTERVAL)
