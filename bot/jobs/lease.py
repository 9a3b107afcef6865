"""A lease on what only one of several bots on a database does at a time."""

from datetime import timedelta

from bot.clock import Clock
from bot.storage.stores import Leases


class Lease:
    def __init__(self, leases: Leases, name: str, holder: str, clock: Clock) -> None:
        """`name` says what is done, and `holder` identifies this bot among those that share the database."""
        self._leases = leases
        self._name = name
        self._holder = holder
        self._clock = clock

    async def take(self, how_long: timedelta) -> bool:
        """Take or renew it for so long from now; False if another bot has it."""
        return await self._leases.take(self._name, self._holder, self._clock.now(), how_long.total_seconds())
