"""Small things that are worth knowing after a restart, each under a name."""

from datetime import datetime
from typing import Any

from bot.storage.columns import json_text, moment_text, read_json, read_moment
from bot.storage.transaction import Connection


class Facts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, name: str) -> tuple[Any, datetime] | None:
        """Return the JSON value, and when it was written."""
        row = await self._connection.read(lambda tx: tx.first("select * from facts where name = ?", [name]))
        return (read_json(row["value"]), read_moment(row["written_at"])) if row else None

    async def set(self, name: str, value: Any, now: datetime) -> None:
        """Write a JSON value down, in place of the one before."""
        row = {"name": name, "value": json_text(value), "written_at": moment_text(now)}
        await self._connection.write(lambda tx: tx.put("facts", row, key=["name"]))
