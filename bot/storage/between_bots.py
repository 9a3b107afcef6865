"""What several bots on a database have to know of one another: one Protocol for each."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.model.notices import Notice


class SlackTurnStore(Protocol):
    """When which of several bots posts in a channel."""

    async def take(self, channel: str, now: datetime, interval: timedelta) -> datetime:
        """Return the first moment that nobody has taken, now or later, and keep it; the next is an `interval` later."""
        ...


class NoticeStore(Protocol):
    """What bots on one database tell one another, for some minutes."""

    async def add(self, topic: str, value: Any, by: str, now: datetime) -> None:
        """Tell the others a JSON value; `by` is who does."""
        ...

    async def latest(self) -> int:
        """Return the number of the latest notice; 0 if there is none."""
        ...

    async def after(self, number: int, *, but: str) -> list[Notice]:
        """Return the notices with higher numbers, in their order, without those by `but`."""
        ...
