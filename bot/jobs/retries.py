"""When a job is tried again, and when it is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.model.job import Job, Retry
from bot.tools.backoff import Backoff


@dataclass(frozen=True, slots=True)
class Retries:
    """The pauses between a job's attempts, and how many attempts or how much time it has; no limit if not given."""

    backoff: Backoff
    attempts: int | None = None
    patience: timedelta | None = None
    """Since the job was promised."""

    def after(self, job: Job[Any, Any], now: datetime, cause: Exception) -> Exception:
        """Return what the handler is to raise: Retry, or the cause itself once the job is given up."""
        if self.attempts is not None and job.attempts >= self.attempts:
            return cause
        if self.patience is not None and now - job.created_at >= self.patience:
            return cause
        return Retry(after=self.backoff.pause(job.attempts))
