"""Jobs around uploads that try again when Slack may let them get past its refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.clock import Clock
from bot.errors import SlackError
from bot.jobs.retries import Retries
from bot.model.job import Job
from bot.slack.failures import may_pass
from bot.tools.backoff import Backoff

ALWAYS = Retries(Backoff(first=2.0, longest=1_800.0))
"""For what somebody waits for, however long Slack is away."""
FOR_MINUTES = Retries(Backoff(first=2.0), attempts=8)
"""For what is worth less later. Over four minutes."""


@contextmanager
def retrying(job: Job[Any, Any], clock: Clock, retries: Retries = ALWAYS) -> Iterator[None]:
    """Raise what the job's handler is to raise for a SlackError: Retry, or the error if another try wouldn't help."""
    try:
        yield
    except SlackError as exc:
        if may_pass(exc):
            raise retries.after(job, clock.now(), exc) from exc
        raise
