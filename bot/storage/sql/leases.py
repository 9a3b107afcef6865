"""Which bot does what only one of several bots on a database may do, and until when."""

from datetime import datetime, timedelta

from bot.storage.columns import moment_text
from bot.storage.transaction import Connection

TAKE = """
    insert into leases (name, holder, until) values (:name, :holder, :until)
    on conflict (name) do update set holder = excluded.holder, until = excluded.until
    where leases.holder = excluded.holder or leases.until <= :now or leases.until > excluded.until
    returning name
"""


class Leases:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(self, name: str, holder: str, now: datetime, seconds: float) -> bool:
        """Take or renew a lease for so many seconds; False if it is another holder's.

        One that ends later than that was taken before the machine's clock was set back, and counts as ended.
        """
        row = {
            "name": name,
            "holder": holder,
            "now": moment_text(now),
            "until": moment_text(now + timedelta(seconds=seconds)),
        }
        return bool(await self._connection.write(lambda tx: tx.fetch(TAKE, row)))
