"""The audit: what is appended to it, and nothing else is ever changed."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.models import AuditHead, AuditKind, AuditRow
from bot.storage.chain import linked, to_columns
from bot.storage.connection import Connection

if TYPE_CHECKING:
    from sqlite_utils import Database

NEXT = "select max(coalesce(max(a.number), 0), ?) + 1 from audit a where a.kind = ?"


class AuditRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, row: AuditRow) -> AuditRow:
        """The row as it was written at the end of its kind's chain: with its number and hash, whatever it came with."""
        return await self._connection.write(lambda db: _add(db, row))

    async def heads(self) -> list[AuditHead]:
        """One a kind, in the order of the kinds; a kind whose head is missing has none."""
        return await self._connection.read(_heads)


def _add(db: "Database", row: AuditRow) -> AuditRow:
    # Whatever somebody made of the head or the last rows, what happens now is remembered, and does not mend it.
    head = next((each for each in _heads(db) if each.kind is row.kind), AuditHead(row.kind))
    (number,) = db.execute(NEXT, [head.number, row.kind]).fetchone()
    written = linked(replace(row, number=number), head.hash)
    db.table("audit").insert(to_columns(written))
    db.execute("update audit_heads set number = ?, hash = ? where kind = ?", [number, written.hash, row.kind])
    return written


def _heads(db: "Database") -> list[AuditHead]:
    kinds = set(AuditKind)
    found = {row["kind"]: row for row in db.table("audit_heads").rows if row["kind"] in kinds}
    return [AuditHead(**{**found[kind], "kind": kind}) for kind in AuditKind if kind in found]
