"""The audit log: appended to, and cut at its beginning; no row is ever changed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.model.audit import AuditHead, AuditKind, AuditRow, LoggedHead
from bot.storage.columns import json_text, moment_text
from bot.storage.sql.audit_chain import append, cut, read_heads, read_last
from bot.storage.sql.chain import exported, read_columns
from bot.storage.sql.chain_check import Report, check
from bot.storage.transaction import Connection, Transaction


class AuditRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, row: AuditRow) -> AuditRow:
        """Append a row to the chain of its kind, and return it with its number and its hash."""
        return await self._connection.write(lambda tx: append(tx, row))

    async def heads(self) -> list[AuditHead]:
        """Return the head of each kind, in the order of the kinds; a missing head is left out."""
        return await self._connection.read(read_heads)

    async def ends(self) -> list[tuple[AuditHead, AuditRow | None]]:
        """Return each chain's head and last row; None for a row that was removed for its age, or changed."""
        return await self._connection.read_at_once(lambda tx: [(head, read_last(tx, head)) for head in read_heads(tx)])

    async def of_conversation(self, id: str, kinds: Iterable[AuditKind]) -> list[AuditRow]:  # noqa: A002
        """Return every row of these kinds about a conversation, oldest first."""
        sql = """select * from audit where kind in (select value from json_each(?)) and conversations like ? escape '!'
            order by at, kind, number"""
        written = json_text(id)
        for special in "!%_":
            written = written.replace(special, f"!{special}")

        def find(tx: Transaction) -> list[AuditRow]:
            with tx.any_bytes():
                candidates = tx.fetch(sql, [json_text(list(kinds)), f"%{written}%"])
            # The text may also be a part of another id, in capitals or not: the parsed rows decide.
            return [row for row in map(read_columns, candidates) if row is not None and id in row.conversations]

        return await self._connection.read(find)

    async def export(
        self, write: Callable[[dict[str, Any]], None], *, kind: AuditKind | None = None, since: datetime | None = None
    ) -> None:
        """Call `write`, on the database's thread, with each row as JSON values: one kind at a time, oldest first."""
        sql = "select * from audit where kind like ? and at >= ? order by kind, number"
        values = [kind or "%", "" if since is None else moment_text(since)]

        def write_rows(tx: Transaction) -> None:
            with tx.any_bytes():
                for row in tx.iterate(sql, values):
                    write(exported(row))

        await self._connection.read(write_rows)

    async def check(
        self, logged: Iterable[LoggedHead] = (), removable_until: Mapping[AuditKind, str] = MappingProxyType({})
    ) -> Report:
        """Check that every row is as it was written and in its place, and that each of the `logged` heads was one.

        `removable_until` has, for each kind, the last day whose rows may have been removed for their age, in the form
        of `LoggedHead.day`.
        """
        wanted = tuple(logged)

        def check_all(tx: Transaction) -> Report:
            with tx.any_bytes():
                heads = tx.fetch("select * from audit_heads")
                rows = tx.iterate("select * from audit order by kind, number")
                return check(heads, rows, wanted, removable_until)

        return await self._connection.read_at_once(check_all)

    async def cut(self, kind: AuditKind, before: datetime, noted: AuditRow) -> int:
        """Remove rows of a kind from the beginning up to the first that isn't older than `before`; return how many.

        `noted`, of the kind `erased`, is recorded with it.
        """
        return await self._connection.write(lambda tx: cut(tx, kind, moment_text(before), noted))
