"""The outcome of each digest: one row for each subscription and local day, written before anything is posted."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from bot.model.digests import DigestRow, DigestState, Due
from bot.storage.columns import json_text, moment_text, read_moment
from bot.storage.transaction import Connection, Row, Transaction

OF_DAY = "subscription = ? and day = ?"
BEGIN = """insert into digests (subscription, day, due_at, state, ts) values (?, ?, ?, ?, '')
    on conflict (subscription, day) do nothing"""
ADD = "insert into digest_conversations (subscription, day, conversation, position) values (?, ?, ?, ?)"
BEGUN = "select day from digests where subscription = ? and state = ?"
ITEMS = "select conversation from digest_conversations where subscription = ? and day = ? order by position"
END = """insert into digests (subscription, day, due_at, state, ts, posted_at) values (?, ?, ?, ?, ?, ?)
    on conflict (subscription, day) do update set
    state = excluded.state, ts = excluded.ts, posted_at = excluded.posted_at"""
FREE = """delete from digest_conversations where subscription = ? and day = ?
    and position not in (select cast(value as integer) from json_each(?))"""


class Digests:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, subscription: str, day: date) -> DigestRow | None:
        """Return the digest of a local day."""
        digests = await self._where(OF_DAY, subscription, day.isoformat())
        return digests[0] if digests else None

    async def last_made(self, subscription: str, before: datetime) -> datetime | None:
        """Return the moment of the latest digest due before that which was posted, or was quiet."""
        sql = """select max(due_at) as due_at from digests
            where subscription = ? and due_at < ? and state in (?, ?)"""
        values = [subscription, moment_text(before), DigestState.POSTED, DigestState.QUIET]
        (row,) = await self._connection.read(lambda tx: tx.fetch(sql, values))
        return read_moment(row["due_at"]) if row["due_at"] else None

    async def of_subscription(self, subscription: str, count: int) -> list[DigestRow]:
        """Return the latest digests of a subscription, newest first."""
        return await self._where("subscription = ?", subscription, order=f"order by day desc limit {count}")

    async def begin(self, subscription: str, day: date, due_at: datetime, candidates: Sequence[str]) -> DigestRow:
        """Write down a digest that lists the candidates that no other digest of the subscription lists.

        If there is a row of this day already, return that, unchanged.
        """

        return await self._connection.write(lambda tx: _begin(tx, subscription, day, due_at, candidates))

    async def unlisted(self, subscription: str, candidates: Sequence[str]) -> list[str]:
        """Return the candidates that no digest of the subscription lists. One that has only begun doesn't count."""

        def listed(tx: Transaction) -> set[str]:
            begun = tx.fetch(BEGUN, [subscription, DigestState.BEGUN])
            return _listed(tx, subscription, candidates, without=[row["day"] for row in begun])

        known = await self._connection.read(listed)
        return [conversation for conversation in candidates if conversation not in known]

    async def forget(self, subscription: str, day: date) -> bool:
        """Remove the row of this day; False if it lists something, was posted or hasn't ended."""
        where = """subscription = :subscription and day = :day and state not in (:begun, :posted) and not exists (
            select 1 from digest_conversations where subscription = :subscription and day = :day)"""
        values = {"begun": DigestState.BEGUN, "posted": DigestState.POSTED}
        row = {**values, "subscription": subscription, "day": day.isoformat()}
        sql = f"delete from digests where {where}"  # noqa: S608 no text from outside
        return bool(await self._connection.write(lambda tx: tx.execute(sql, row)))

    async def end(
        self,
        subscription: str,
        due: Due,
        state: DigestState,
        *,
        ts: str = "",
        posted_at: datetime | None = None,
        listed: Sequence[int] = (),
    ) -> None:
        """Write down how it ended, even if it hasn't begun.

        Its conversations that aren't `listed` after all, by their places in the row, are free for the next digest.
        """
        key = (subscription, due.day.isoformat())
        ending = [*key, moment_text(due.at), state, ts, moment_text(posted_at) if posted_at else None]

        def end(tx: Transaction) -> None:
            tx.execute(END, ending)
            tx.execute(FREE, [*key, json_text(list(listed))])

        await self._connection.write(end)

    async def listing(self, conversation: str) -> list[DigestRow]:
        """Return every digest that lists this conversation, oldest first."""
        where = """exists (select 1 from digest_conversations as item where item.subscription = digests.subscription
            and item.day = digests.day and item.conversation = ?)"""
        return await self._where(where, conversation, order="order by due_at, subscription")

    async def _where(self, where: str, *values: Any, order: str = "") -> list[DigestRow]:
        return await self._connection.read(lambda tx: _find(tx, where, values, order))


def _begin(tx: Transaction, subscription: str, day: date, due_at: datetime, candidates: Sequence[str]) -> DigestRow:
    key = (subscription, day.isoformat())
    if not tx.execute(BEGIN, [*key, moment_text(due_at), DigestState.BEGUN]):
        (row,) = _find(tx, OF_DAY, key)
        return row
    listed = _listed(tx, subscription, candidates)
    new = tuple(conversation for conversation in dict.fromkeys(candidates) if conversation not in listed)
    tx.execute_many(ADD, [(*key, conversation, position) for position, conversation in enumerate(new)])
    return DigestRow(subscription, day, due_at, DigestState.BEGUN, new)


def _find(tx: Transaction, where: str, values: Sequence[Any], order: str = "") -> list[DigestRow]:
    return [_digest(tx, row) for row in tx.fetch(f"select * from digests where {where} {order}", values)]  # noqa: S608 ours


def _listed(tx: Transaction, subscription: str, candidates: Iterable[str], *, without: Iterable[str] = ()) -> set[str]:
    sql = """select conversation from digest_conversations where subscription = ?
        and conversation in (select value from json_each(?)) and day not in (select value from json_each(?))"""
    values = [subscription, json_text(list(candidates)), json_text(list(without))]
    return {row["conversation"] for row in tx.fetch(sql, values)}


def _digest(tx: Transaction, row: Row) -> DigestRow:
    items = tx.fetch(ITEMS, [row["subscription"], row["day"]])
    return DigestRow(
        subscription=row["subscription"],
        day=date.fromisoformat(row["day"]),
        due_at=read_moment(row["due_at"]),
        state=DigestState(row["state"]),
        conversations=tuple(item["conversation"] for item in items),
        ts=row["ts"],
        posted_at=read_moment(row["posted_at"]) if row["posted_at"] else None,
    )
