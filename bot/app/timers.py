"""The timers: what wakes up how often while the bot runs."""

from datetime import timedelta

from bot.app.foundation import Foundation
from bot.app.readiness import Readiness
from bot.app.retention import PRUNE, Retention
from bot.app.services import Services
from bot.mirror.plan import NEWEST

REFRESH_BINDING = timedelta(days=1)
LOOK_FOR_DIGESTS = timedelta(minutes=1)
"""Besides the moments that are planned: another process may have changed the subscriptions."""
FIRST_PRUNE = timedelta(minutes=10)
"""Soon after the start: otherwise a bot that is deployed often might never prune."""
RECOVER_UPLOADS = timedelta(minutes=10)
LOG_AUDIT_HEADS = timedelta(hours=1)
FIRST_READING = timedelta(seconds=20)
"""After the start, which has enough to do."""
REMIND = timedelta(hours=6)
FIRST_REMINDER = timedelta(minutes=1)
COUNT_JOBS = timedelta(seconds=30)
CHECK_DATABASE = timedelta(minutes=1)
FORGET_EXPIRED = timedelta(minutes=1)


def set_timers(base: Foundation, services: Services, readiness: Readiness, retention: Retention) -> None:
    """Plan everything that is done regularly. Nothing wakes before `base.timers` starts."""

    async def check_database() -> None:
        await readiness.check_database()

    async def count_jobs() -> None:
        base.metrics.jobs(await base.queue.count_unfinished())

    repeat = base.timers.repeat
    repeat(LOOK_FOR_DIGESTS, "look for digests", services.digests.run_due)
    repeat(timedelta(seconds=base.settings.live_poll_seconds), "look for news", services.live.poll)
    repeat(RECOVER_UPLOADS, "recover uploads", services.uploads.queue.recover)
    repeat(REFRESH_BINDING, "refresh the binding", base.bindings.refresh)
    repeat(PRUNE, "prune", retention.prune, first=FIRST_PRUNE)
    repeat(LOG_AUDIT_HEADS, "log the audit heads", services.audit.log_heads)
    repeat(CHECK_DATABASE, "check the database", check_database)
    repeat(NEWEST, "read for the mirror", services.reading.wake, first=FIRST_READING)
    repeat(REMIND, "remind of the API key", services.key_reminders.look, first=FIRST_REMINDER)
    repeat(FORGET_EXPIRED, "forget what has expired", services.forget_expired)
    repeat(COUNT_JOBS, "count the jobs", count_jobs)
