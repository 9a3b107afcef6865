"""Small things that are worth knowing after a restart, each under a name."""

from datetime import datetime
from typing import Any

from bot.storage.sqlite.columns import json_text, moment_text, read_json, read_moment
from bot.storage.sqlite.connection import Connection


class Facts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, name: str) -> tuple[Any, datetime] | None:
        """Return the JSON value, and when it was written."""
        rows = await self._connection.read(lambda db: list(db.table("facts").rows_where("name = ?", [name])))
        return (read_json(rows[0]["value"]), read_moment(rows[0]["written_at"])) if rows else None

    async def set(self, name: str, value: Any, now: datetime) -> None:
        """Write a JSON value down, in place of the one before."""
        row = {"name": name, "value": json_text(value), "written_at": moment_text(now)}
        await self._connection.write(lambda db: db.table("facts").upsert(row))
