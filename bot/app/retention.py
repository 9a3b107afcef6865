"""Erases what is older than the settings allow."""

import logging
from datetime import datetime, timedelta

from bot.access.audit import Audit
from bot.clock import LARGEST_DRIFT, Clock, describe_drift
from bot.config.settings import Settings
from bot.erasure.erase import Erasure
from bot.errors import SlackError
from bot.jobs.lease import Lease
from bot.jobs.timers import SET_CLOCK
from bot.model.audit import AuditKind
from bot.slack.client import Slack
from bot.tools import timezones

log = logging.getLogger(__name__)

PRUNE = timedelta(hours=6)
"""How often old data is erased."""
NIGHT_ENDS = 6
"""The hour, in the bot's time zone. Every six hours means once a night."""


class Retention:
    def __init__(
        self, *, settings: Settings, erasure: Erasure, audit: Audit, lease: Lease, slack: Slack, clock: Clock
    ) -> None:
        """With the `lease`, only one of the bots on a database prunes."""
        self._settings = settings
        self._erasure = erasure
        self._audit = audit
        self._lease = lease
        self._slack = slack
        self._clock = clock

    async def prune(self) -> None:
        """Erase what is too old, unless another bot on the database does or Slack disagrees about the time."""
        if await self._has_lease() and (now := await self._agreed_time()) is not None:
            kept = self._settings.messages_kept, self._settings.copies_kept
            audit_kept = self._settings.audit_kept()
            await self._audit.cut(audit_kept)
            await self._erasure.forget_subjects(now - audit_kept[AuditKind.ERASED])
            is_night = now.astimezone(timezones.zone(self._settings.default_timezone)).hour < NIGHT_ENDS
            await self._erasure.by_age(now, *kept, self._has_lease, is_night=is_night)

    async def _agreed_time(self) -> datetime | None:
        """Return the time if Slack agrees, else None: a clock that is days ahead would erase everything at once."""
        try:
            identity = await self._slack.auth.check()
        except SlackError as exc:
            log.warning("not erasing expired data, because Slack didn't return the time (%s)", exc.code)
            return None
        now = self._clock.now()
        drift = identity.drift(now)
        if drift is None:
            log.warning("not erasing expired data, because Slack didn't return the time")
        elif abs(drift) > LARGEST_DRIFT:
            how_far = describe_drift(drift)
            log.warning("not erasing expired data, because this machine's clock is %s Slack's. %s", how_far, SET_CLOCK)
        else:
            return now
        return None

    async def _has_lease(self) -> bool:
        return await self._lease.take(PRUNE / 2)
