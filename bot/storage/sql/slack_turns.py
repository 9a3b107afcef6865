"""When the next message may be posted in a channel, whichever of several bots posts it."""

from datetime import datetime, timedelta

from bot.storage.columns import moment_text, read_moment
from bot.storage.transaction import Connection, Transaction

LONGEST = timedelta(minutes=1)
"""What is further off than that was written before the machine's clock was set back."""


class SlackTurns:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(self, channel: str, now: datetime, interval: timedelta) -> datetime:
        """Return the first moment that nobody has taken, now or later, and keep it; the next is an `interval` later."""

        def take(tx: Transaction) -> datetime:
            tx.execute("delete from slack_turns where free_at <= ?", [moment_text(now)])
            row = tx.first("select free_at from slack_turns where channel = ?", [channel])
            free_at = read_moment(row["free_at"]) if row else now
            turn = free_at if free_at - now <= LONGEST else now
            tx.put("slack_turns", {"channel": channel, "free_at": moment_text(turn + interval)}, key=["channel"])
            return turn

        return await self._connection.write(take)
