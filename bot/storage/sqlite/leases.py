"""Who does a thing that only one of several bots on a database may do, and until when."""

from datetime import datetime, timedelta

from bot.storage.sqlite.columns import moment_text
from bot.storage.sqlite.connection import Connection

TAKE = """
    insert into leases (name, holder, until) values (:name, :holder, :until)
    on conflict (name) do update set holder = excluded.holder, until = excluded.until
    where leases.holder = excluded.holder or leases.until <= :now
    returning name
"""


class Leases:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(self, name: str, holder: str, now: datetime, seconds: float) -> bool:
        """Whether `holder` has it from now on for `seconds`: it was free, has ended, or was theirs and is renewed."""
        row = {
            "name": name,
            "holder": holder,
            "now": moment_text(now),
            "until": moment_text(now + timedelta(seconds=seconds)),
        }
        return bool(await self._connection.write(lambda db: list(db.query(TAKE, row))))

    async def release(self, name: str, holder: str) -> None:
        """Give it back, so that another need not wait for its end. Nothing happens where it is another's by now."""
        await self._connection.write(
            lambda db: db.table("leases").delete_where("name = ? and holder = ?", [name, holder])
        )
