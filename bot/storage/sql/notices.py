"""What bots on one database tell one another, so that none goes by what it remembers from before."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.model.notices import Notice
from bot.storage.columns import json_text, moment_text, read_json
from bot.storage.transaction import Connection, Transaction

KEPT = timedelta(minutes=10)


class Notices:
    """`wake` has the other bots look at once, when the transaction is committed; else they look when they do."""

    def __init__(self, connection: Connection, wake: Callable[[Transaction], None] | None = None) -> None:
        self._connection = connection
        self._wake = wake

    async def add(self, topic: str, value: Any, by: str, now: datetime) -> None:
        """Tell the others a JSON value; `by` is who does."""

        def add(tx: Transaction) -> None:
            row = {"topic": topic, "value": json_text(value), "by": by, "at": moment_text(now)}
            tx.insert("notices", row)
            # After the new one: on SQLite, an empty table would begin with the first number again.
            tx.execute("delete from notices where at < ?", [moment_text(now - KEPT)])
            if self._wake is not None:
                self._wake(tx)

        await self._connection.write(add)

    async def latest(self) -> int:
        """Return the number of the latest notice; 0 if there is none."""
        (row,) = await self._connection.read(lambda tx: tx.fetch("select coalesce(max(id), 0) as id from notices"))
        return int(row["id"])

    async def after(self, number: int, *, but: str) -> list[Notice]:
        """Return the notices with higher numbers, in their order, without those by `but`."""
        sql = 'select id, topic, value from notices where id > ? and "by" != ? order by id'
        rows = await self._connection.read(lambda tx: tx.fetch(sql, [number, but]))
        return [Notice(row["id"], row["topic"], read_json(row["value"])) for row in rows]
