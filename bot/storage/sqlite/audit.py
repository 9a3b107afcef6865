"""The audit: appended to, and cut at its beginning; nothing else of it is ever changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.model.audit import AuditHead, AuditKind, AuditRow, LoggedHead
from bot.storage.sqlite.chain import exported, linked, read_columns, to_columns, traced
from bot.storage.sqlite.chain_check import Report, check
from bot.storage.sqlite.columns import json_text, moment_text
from bot.storage.sqlite.connection import Connection

if TYPE_CHECKING:
    from sqlite_utils import Database

NEXT = "select max(coalesce(max(a.number), 0), ?) + 1 from audit a where a.kind = ?"


# Of the cuts that these rows tell of (see `traced`), those that are where their kind still begins.
LAST_CUTS = """
    select a.what, a.count from audit a join audit_heads h on a.what = 'cut ' || h.kind || ' ' || h.cut_number
    where a.kind = ? and a.number <= ? group by a.what
"""


class AuditRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, row: AuditRow) -> AuditRow:
        """The row as it was written at the end of its kind's chain: with its number and hash, whatever it came with."""
        return await self._connection.write(lambda db: append(db, row))

    async def heads(self) -> list[AuditHead]:
        """One a kind, in the order of the kinds; a kind whose head is missing has none."""
        return await self._connection.read(_heads)

    async def ends(self) -> list[tuple[AuditHead, AuditRow | None]]:
        """Each head with the row that it is of; None for one that was removed for its age, or changed."""
        return await self._connection.read_at_once(lambda db: [(head, _last(db, head)) for head in _heads(db)])

    async def of_conversation(self, id: str, kinds: Iterable[AuditKind]) -> list[AuditRow]:  # noqa: A002
        """Every row of these kinds that this conversation is in, the oldest first."""
        where = "kind in (select value from json_each(?)) and instr(conversations, ?)"

        def find(db: "Database") -> list[AuditRow]:
            values = [json_text(list(kinds)), json_text(id)]
            with _any_bytes(db):
                found = list(db.table("audit").rows_where(where, values, order_by="at, rowid"))
            # The text may also stand within another id: the rows decide.
            return [row for row in map(read_columns, found) if row is not None and id in row.conversations]

        return await self._connection.read(find)

    async def export(
        self, write: Callable[[dict[str, Any]], None], *, kind: AuditKind | None = None, since: datetime | None = None
    ) -> None:
        """Call `write`, on the database's thread, with each row as JSON values; a kind at a time, the oldest first."""
        where = "(? is null or kind = ?) and (? is null or at >= ?)"
        after = None if since is None else moment_text(since)

        def every(db: "Database") -> None:
            with _any_bytes(db):
                for row in db.table("audit").rows_where(where, [kind, kind, after, after], order_by="kind, number"):
                    write(exported(row))

        await self._connection.read(every)

    async def check(
        self, told: Iterable[LoggedHead] = (), aged: Mapping[AuditKind, str] = MappingProxyType({})
    ) -> Report:
        """Whether every row is as it was written and in its place, and each head that was `told` once is among them.

        `aged` has the last day of which rows of a kind may have been removed for their age, as in `LoggedHead`.
        """
        wanted = tuple(told)

        def whole(db: "Database") -> Report:
            with _any_bytes(db):
                heads = list(db.table("audit_heads").rows)
                return check(heads, db.table("audit").rows_where(order_by="kind, number"), wanted, aged)

        return await self._connection.read_at_once(whole)

    async def cut(self, kind: AuditKind, before: datetime, noted: AuditRow) -> int:
        """Remove the rows of this kind before the first one that is not older than that; how many these were.

        `noted`, of the kind `erased`, is remembered with it: up to where was cut, and how many went.
        """
        return await self._connection.write(lambda db: _cut(db, kind, moment_text(before), noted))


def append(db: "Database", row: AuditRow, id: object = "") -> AuditRow:  # noqa: A002
    """Write it, in the transaction of what it tells of; `id` is that thing's, where it got one only now."""
    # Whatever somebody made of the head or the last rows, what happens now is remembered, and does not mend it.
    head = next((each for each in _heads(db) if each.kind is row.kind), AuditHead(row.kind))
    (number,) = db.execute(NEXT, [head.number, row.kind]).fetchone()
    written = linked(replace(row, number=number, what=f"{row.what} {id}" if id else row.what), head.hash)
    db.table("audit").insert(to_columns(written))
    db.execute("update audit_heads set number = ?, hash = ? where kind = ?", [number, written.hash, row.kind])
    return written


def _cut(db: "Database", kind: AuditKind, before: str, noted: AuditRow) -> int:
    young = "select number from audit where kind = ? and at >= ? order by number limit 1"
    first = db.execute(young, [kind, before]).fetchone()
    old = "select max(number) from audit where kind = ? and (? is null or number < ?)"
    limit = first[0] if first else None
    (last,) = db.execute(old, [kind, limit, limit]).fetchone()
    if last is None:
        return 0
    db.execute(
        "update audit_heads set cut_number = ?, cut_hash = (select hash from audit where kind = ? and number = ?) "
        "where kind = ?",
        [last, kind, last, kind],
    )
    # A kind of which nothing was cut for long would begin nowhere that is told.
    still_told = db.execute(LAST_CUTS, [kind, last]).fetchall()
    removed = int(db.execute("delete from audit where kind = ? and number <= ?", [kind, last]).rowcount)
    for what, count in still_told:
        append(db, replace(noted, what=what, count=count))
    append(db, replace(noted, what=traced(kind, last), count=removed))
    return removed


def _last(db: "Database", head: AuditHead) -> AuditRow | None:
    with _any_bytes(db):
        found = list(db.table("audit").rows_where("kind = ? and number = ?", [head.kind, head.number]))
    return read_columns(found[0]) if found else None


def _heads(db: "Database") -> list[AuditHead]:
    kinds = set(AuditKind)
    with _any_bytes(db):
        found = {row["kind"]: row for row in db.table("audit_heads").rows if row["kind"] in kinds}
    return [AuditHead(**{**found[kind], "kind": kind}) for kind in AuditKind if kind in found]


@contextmanager
def _any_bytes(db: "Database") -> Iterator[None]:
    """Read texts that are no UTF-8 too, which somebody else put there: as texts that the bot cannot have written."""
    before = db.conn.text_factory
    db.conn.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        db.conn.text_factory = before
