"""Which channel gets which customers' conversations, and when."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, time
from functools import partial
from typing import Any

from bot.errors import GoneError
from bot.model.audit import AuditRow
from bot.model.digests import Subscription
from bot.storage.columns import json_text, moment_text, read_json, read_moment
from bot.storage.sql.audit_chain import append
from bot.storage.transaction import Connection, Row, Transaction

ORDER = "created_at, cast(substr(id, 2) as bigint)"
"""Oldest first; d2 before d10, which an import may have made at the same moment."""
SCHEDULED = """
    select * from subscriptions where paused = '' and live = 0 and id > ? order by id limit 100
"""
LAST = "subscriptions.last"
"""The name of the fact that holds the highest number that an id ever had."""


class Subscriptions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, subscription: Subscription, noted: AuditRow) -> Subscription:
        """Add it and return it; one without an id gets a new one, which no other subscription ever had.

        With the id of another, it would take over what that one posted and has yet to post. `noted` is recorded with
        it, with the id after its word.
        """
        return await self._connection.write(lambda tx: _add(tx, subscription, noted))

    async def get(self, id: str) -> Subscription | None:  # noqa: A002
        """Return the subscription of this id."""
        subscriptions = await self._where("id = ?", id)
        return subscriptions[0] if subscriptions else None

    async def of_channel(self, channel: str) -> list[Subscription]:
        """Return those of a channel, oldest first."""
        return await self._where("channel = ?", channel)

    async def every(self) -> list[Subscription]:
        """Return all of them, oldest first."""
        return await self._where("1 = 1")

    async def active(self) -> list[Subscription]:
        """Return those that aren't paused, oldest first."""
        return await self._where("paused = ''")

    async def scheduled(self) -> AsyncIterator[Subscription]:
        """Yield those that have digests, and aren't paused. Only some of them are in memory at a time."""
        last = ""
        while rows := await self._connection.read(partial(_fetch_scheduled, after=last)):
            for row in rows:
                yield _subscription(row)
            last = rows[-1]["id"]

    async def change(self, id: str, noted: AuditRow, **columns: Any) -> bool:  # noqa: A002
        """Write these fields of the model; False if there is no such subscription.

        `noted` is recorded with it, with the id after its word.
        """
        return await self._connection.write(lambda tx: _change(tx, id, noted, columns))

    async def carry_out(
        self,
        added: Iterable[tuple[Subscription, AuditRow]],
        changed: Iterable[tuple[str, AuditRow, Mapping[str, Any]]],
    ) -> None:
        """Do all of these changes, or none. Raises GoneError if an id was removed, or taken, in the meantime."""

        def carry_out(tx: Transaction) -> None:
            for subscription, noted in added:
                if tx.first("select id from subscriptions where id = ?", [subscription.id]):
                    raise GoneError("subscription", subscription.id)
                _add(tx, subscription, noted)
            for id_, noted, columns in changed:
                if not _change(tx, id_, noted, columns):
                    raise GoneError("subscription", id_)

        await self._connection.write(carry_out)

    async def mark_promised(self, ids: Iterable[str], until: datetime) -> None:
        """Record that every digest of these subscriptions that was due up to `until` has its job."""
        sql = """update subscriptions set due_after = :until
            where due_after < :until and id in (select value from json_each(:ids))"""
        values = {"until": moment_text(until), "ids": json_text(list(ids))}
        await self._connection.write(lambda tx: tx.execute(sql, values))

    async def remove(self, id: str, noted: AuditRow) -> bool:  # noqa: A002
        """Remove it, and record `noted`; False if it wasn't there. What it posted stays known."""

        def remove(tx: Transaction) -> bool:
            was_there = bool(tx.execute("delete from subscriptions where id = ?", [id]))
            if was_there:
                append(tx, noted, id)
            return was_there

        return await self._connection.write(remove)

    async def _where(self, where: str, *values: Any) -> list[Subscription]:
        sql = f"select * from subscriptions where {where} order by {ORDER}"  # noqa: S608 no text from outside
        rows = await self._connection.read(lambda tx: tx.fetch(sql, values))
        return [_subscription(row) for row in rows]


def _add(tx: Transaction, subscription: Subscription, noted: AuditRow) -> Subscription:
    row = _row(subscription)
    last = _last_number(tx)
    row["id"] = row["id"] or f"d{last + 1}"
    known = {"name": LAST, "value": json_text(max(last, int(row["id"][1:])))}
    tx.put("facts", {**known, "written_at": moment_text(subscription.created_at)}, key=["name"])
    tx.insert("subscriptions", row)
    append(tx, noted, row["id"])
    return _subscription(row)


def _fetch_scheduled(tx: Transaction, after: str) -> list[Row]:
    return tx.fetch(SCHEDULED, [after])


def _change(tx: Transaction, id_: str, noted: AuditRow, columns: Mapping[str, Any]) -> bool:
    if not tx.update("subscriptions", _columns(columns), id=id_):
        return False
    append(tx, noted, id_)
    return True


def _last_number(tx: Transaction) -> int:
    """Return the highest number that an id ever had."""
    fact = [read_json(row["value"]) for row in tx.fetch("select value from facts where name = ?", [LAST])]
    ids = tx.fetch("select id from subscriptions union select subscription from digests")
    return max([*fact, *(int(row["id"][1:]) for row in ids)], default=0)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    row = dict(values)
    for name, value in values.items():
        match name, value:
            case (("domains" | "days"), _):
                row[name] = json_text(list(value))
            case "since_of", _:
                row[name] = json_text({domain: moment_text(since) for domain, since in value.items()})
            case "at", time():
                row[name] = value.isoformat("minutes")
            case _, datetime():
                row[name] = moment_text(value)
            case _, bool():
                row[name] = int(value)
    return row


def _row(subscription: Subscription) -> dict[str, Any]:
    return _columns({name: getattr(subscription, name) for name in Subscription.__dataclass_fields__})


def _subscription(row: Mapping[str, Any]) -> Subscription:
    return Subscription(
        id=row["id"],
        channel=row["channel"],
        domains=tuple(read_json(row["domains"])),
        timezone=row["timezone"],
        created_by=row["created_by"],
        created_at=read_moment(row["created_at"]),
        since=read_moment(row["since"]),
        due_after=read_moment(row["due_after"]),
        live=bool(row["live"]),
        at=time.fromisoformat(row["at"]),
        days=tuple(read_json(row["days"])),
        empty=bool(row["empty"]),
        paused=row["paused"],
        since_of={domain: read_moment(since) for domain, since in read_json(row["since_of"]).items()},
        language=row["language"],
    )
