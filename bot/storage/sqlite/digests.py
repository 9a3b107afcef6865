"""The outcome of each digest: one row for each subscription and local day, written before anything is posted."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from bot.model.digests import DigestRow, DigestState
from bot.storage.sqlite.columns import json_text, moment_text, read_moment
from bot.storage.sqlite.connection import Connection

if TYPE_CHECKING:
    from sqlite_utils import Database


class Digests:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, subscription: str, day: date) -> DigestRow | None:
        """Return the digest of a local day."""
        digests = await self._where("subscription = ? and day = ?", subscription, day.isoformat())
        return digests[0] if digests else None

    async def last_made(self, subscription: str, before: datetime) -> datetime | None:
        """Return the moment of the latest digest due before that which was posted, or was quiet."""
        sql = """select max(due_at) as due_at from digests
            where subscription = ? and due_at < ? and state in (?, ?)"""
        values = [subscription, moment_text(before), DigestState.POSTED, DigestState.QUIET]
        (row,) = await self._connection.read(lambda db: list(db.query(sql, values)))
        return read_moment(row["due_at"]) if row["due_at"] else None

    async def of_subscription(self, subscription: str, count: int) -> list[DigestRow]:
        """Return the latest digests of a subscription, newest first."""
        return await self._where("subscription = ?", subscription, order_by="day desc", limit=count)

    async def begin(self, subscription: str, day: date, due_at: datetime, candidates: Sequence[str]) -> DigestRow:
        """Write down a digest that lists the candidates that no other digest of the subscription lists.

        If there is a row of this day already, return that, unchanged.
        """

        def begin(db: "Database") -> None:
            digests = db.table("digests")
            if digests.count_where("subscription = ? and day = ?", [subscription, day.isoformat()]):
                return
            digests.insert(
                {
                    "subscription": subscription,
                    "day": day.isoformat(),
                    "due_at": moment_text(due_at),
                    "state": DigestState.BEGUN,
                    "ts": "",
                    "posted_at": None,
                }
            )
            listed = _listed(db, subscription, candidates)
            new = [conversation for conversation in dict.fromkeys(candidates) if conversation not in listed]
            common = {"subscription": subscription, "day": day.isoformat()}
            db.table("digest_conversations").insert_all(
                {**common, "conversation": conversation, "position": position}
                for position, conversation in enumerate(new)
            )

        await self._connection.write(begin)
        row = await self.get(subscription, day)
        if row is None:
            raise LookupError(f"the digest of {subscription} on {day} is gone")
        return row

    async def unlisted(self, subscription: str, candidates: Sequence[str]) -> list[str]:
        """Return the candidates that no digest of the subscription lists. One that has only begun doesn't count."""

        def listed(db: "Database") -> set[str]:
            begun = db.table("digests").rows_where("subscription = ? and state = ?", [subscription, DigestState.BEGUN])
            return _listed(db, subscription, candidates, without=[row["day"] for row in begun])

        known = await self._connection.read(listed)
        return [conversation for conversation in candidates if conversation not in known]

    async def forget(self, subscription: str, day: date) -> bool:
        """Remove the row of this day; False if it lists something, was posted or hasn't ended."""
        where = """subscription = :subscription and day = :day and state not in (:begun, :posted) and not exists (
            select 1 from digest_conversations where subscription = :subscription and day = :day)"""
        values = {"begun": DigestState.BEGUN, "posted": DigestState.POSTED}
        row = {**values, "subscription": subscription, "day": day.isoformat()}
        sql = f"delete from digests where {where}"  # noqa: S608 no text from outside
        return bool(await self._connection.write(lambda db: db.execute(sql, row).rowcount))

    async def end(
        self,
        subscription: str,
        day: date,
        state: DigestState,
        *,
        ts: str = "",
        posted_at: datetime | None = None,
        listed: Sequence[str] = (),
    ) -> None:
        """Write down how it ended. Whatever isn't `listed` after all is free for the next digest."""
        free = """subscription = ? and day = ? and conversation not in (select value from json_each(?))"""
        row = {"state": state, "ts": ts, "posted_at": moment_text(posted_at) if posted_at else None}

        def end(db: "Database") -> None:
            db.table("digests").update((subscription, day.isoformat()), row)
            values = [subscription, day.isoformat(), json_text(list(listed))]
            db.table("digest_conversations").delete_where(free, values)

        await self._connection.write(end)

    async def listing(self, conversation: str) -> list[DigestRow]:
        """Return every digest that lists this conversation, oldest first."""
        where = """exists (select 1 from digest_conversations as item where item.subscription = digests.subscription
            and item.day = digests.day and item.conversation = ?)"""
        return await self._where(where, conversation, order_by="due_at")

    async def _where(self, where: str, *values: Any, **how: Any) -> list[DigestRow]:
        def find(db: "Database") -> list[DigestRow]:
            rows = list(db.table("digests").rows_where(where, list(values), **how))
            return [_digest(db, row) for row in rows]

        return await self._connection.read(find)


def _listed(db: "Database", subscription: str, candidates: Iterable[str], *, without: Iterable[str] = ()) -> set[str]:
    sql = """select conversation from digest_conversations where subscription = ?
        and conversation in (select value from json_each(?)) and day not in (select value from json_each(?))"""
    values = [subscription, json_text(list(candidates)), json_text(list(without))]
    return {row["conversation"] for row in db.query(sql, values)}


def _digest(db: "Database", row: dict[str, Any]) -> DigestRow:
    where = [row["subscription"], row["day"]]
    items = db.table("digest_conversations").rows_where("subscription = ? and day = ?", where, order_by="position")
    return DigestRow(
        subscription=row["subscription"],
        day=date.fromisoformat(row["day"]),
        due_at=read_moment(row["due_at"]),
        state=DigestState(row["state"]),
        conversations=tuple(item["conversation"] for item in items),
        ts=row["ts"],
        posted_at=read_moment(row["posted_at"]) if row["posted_at"] else None,
    )
