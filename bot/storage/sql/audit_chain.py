"""Reads and writes the rows of the audit's chains, within the caller's transaction."""

from dataclasses import replace

from bot.model.audit import AuditHead, AuditKind, AuditRow
from bot.storage.columns import fields_of
from bot.storage.sql.chain import linked, read_columns, to_columns, traced
from bot.storage.transaction import Transaction

LAST = "select coalesce(max(number), 0) as number from audit where kind = ?"
# The latest cut of each kind that one of these rows records (see `traced`).
LAST_CUTS = """
    select a.what, max(a.count) as count
    from audit a join audit_heads h on a.what = 'cut ' || h.kind || ' ' || h.cut_number
    where a.kind = ? and a.number <= ? group by a.what
"""


def append(tx: Transaction, row: AuditRow, id: object = "") -> AuditRow:  # noqa: A002
    """Append a row to the chain of its kind, in the transaction of the change that it records.

    `id` is appended to its word: the id of something that is only now created. Returns the row with its number and
    hash.
    """
    # If somebody tampered with the head or the last rows, this still records what happens now, and repairs nothing.
    head = next((head for head in read_heads(tx) if head.kind is row.kind), AuditHead(row.kind))
    (last,) = tx.fetch(LAST, [row.kind])
    number = max(last["number"], head.number) + 1
    written = linked(replace(row, number=number, what=f"{row.what} {id}" if id else row.what), head.hash)
    tx.insert("audit", to_columns(written))
    tx.execute("update audit_heads set number = ?, hash = ? where kind = ?", [number, written.hash, row.kind])
    return written


def cut(tx: Transaction, kind: AuditKind, before: str, noted: AuditRow) -> int:
    """Remove rows of a kind from its beginning up to the first that isn't older than `before`; return how many.

    `noted` is appended, and says up to which row was cut.
    """
    young = "select number from audit where kind = ? and at >= ? order by number limit 1"
    first = tx.first(young, [kind, before])
    old = "select number from audit where kind = ? and number < ? order by number desc limit 1"
    newest = tx.first(old, [kind, first["number"]]) if first else tx.first(LAST, [kind])
    last = newest["number"] if newest else 0
    if not last:
        return 0
    tx.execute(
        "update audit_heads set cut_number = ?, cut_hash = (select hash from audit where kind = ? and number = ?) "
        "where kind = ?",
        [last, kind, last, kind],
    )
    # The rows to be removed may hold the only record of where another kind was cut: that is written again.
    last_cuts = tx.fetch(LAST_CUTS, [kind, last])
    removed = tx.execute("delete from audit where kind = ? and number <= ?", [kind, last])
    for row in last_cuts:
        append(tx, replace(noted, what=row["what"], count=row["count"]))
    append(tx, replace(noted, what=traced(kind, last), count=removed))
    return removed


def read_heads(tx: Transaction) -> list[AuditHead]:
    """Return the head of each kind, in the order of the kinds; a missing head is left out."""
    kinds = set(AuditKind)
    with tx.any_bytes():
        rows = {row["kind"]: row for row in tx.fetch("select * from audit_heads") if row["kind"] in kinds}
    return [AuditHead(**{**fields_of(AuditHead, rows[kind]), "kind": kind}) for kind in AuditKind if kind in rows]


def read_last(tx: Transaction, head: AuditHead) -> AuditRow | None:
    """Return the row that a head points to; None if it was removed for its age, or changed."""
    with tx.any_bytes():
        row = tx.first("select * from audit where kind = ? and number = ?", [head.kind, head.number])
    return read_columns(row) if row else None
