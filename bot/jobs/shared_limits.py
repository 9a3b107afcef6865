"""Slack's limits hold for the app: for all bots on a database together."""

from collections.abc import Callable
from datetime import datetime

from bot.clock import Clock
from bot.errors import StorageFailed
from bot.jobs.notices import NoticeBoard
from bot.slack.messages import POST_INTERVAL
from bot.storage.between_bots import SlackTurnStore

BLOCKED = "slack.blocked"


class SharedLimits:
    """A `bot.slack.calls.Limits`."""

    def __init__(self, turns: SlackTurnStore, notices: NoticeBoard, clock: Clock) -> None:
        self._turns = turns
        self._notices = notices
        self._clock = clock

    async def wait_for_turn(self, channel: str) -> None:
        now = self._clock.now()
        try:
            turn = await self._turns.take(channel, now, POST_INTERVAL)
        except StorageFailed:
            return  # rather early than never: Slack says if it is too early
        if turn > now:
            await self._clock.sleep((turn - now).total_seconds())

    async def tell_blocked(self, method: str, until: datetime) -> None:
        await self._notices.tell(BLOCKED, [method, until.isoformat()])

    def hear_blocked(self, block: Callable[[str, datetime], None]) -> None:
        """Have `block` called with what others were told by Slack."""
        self._notices.on(BLOCKED, lambda notice: block(notice[0], datetime.fromisoformat(notice[1])))
