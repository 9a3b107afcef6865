"""Reads and writes the rows of the audit's chains, within the caller's transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model.audit import AuditHead, AuditKind, AuditRow
from bot.storage.sqlite.chain import linked, read_columns, to_columns, traced

if TYPE_CHECKING:
    from sqlite_utils import Database

NEXT = "select max(coalesce(max(a.number), 0), ?) + 1 from audit a where a.kind = ?"
# The latest cut of each kind that one of these rows records (see `traced`).
LAST_CUTS = """
    select a.what, a.count from audit a join audit_heads h on a.what = 'cut ' || h.kind || ' ' || h.cut_number
    where a.kind = ? and a.number <= ? group by a.what
"""


def append(db: "Database", row: AuditRow, id: object = "") -> AuditRow:  # noqa: A002
    """Append a row to the chain of its kind, in the transaction of the change that it records.

    `id` is appended to its word: the id of something that is only now created. Returns the row with its number and
    hash.
    """
    # If somebody tampered with the head or the last rows, this still records what happens now, and repairs nothing.
    head = next((head for head in read_heads(db) if head.kind is row.kind), AuditHead(row.kind))
    (number,) = db.execute(NEXT, [head.number, row.kind]).fetchone()
    written = linked(replace(row, number=number, what=f"{row.what} {id}" if id else row.what), head.hash)
    columns = to_columns(written)
    names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    db.execute(f"insert into audit ({names}) values ({values})", columns)  # noqa: S608 names of ours
    db.execute("update audit_heads set number = ?, hash = ? where kind = ?", [number, written.hash, row.kind])
    return written


def cut(db: "Database", kind: AuditKind, before: str, noted: AuditRow) -> int:
    """Remove rows of a kind from its beginning up to the first that isn't older than `before`; return how many.

    `noted` is appended, and says up to which row was cut.
    """
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
    # The rows to be removed may hold the only record of where another kind was cut: that is written again.
    last_cuts = db.execute(LAST_CUTS, [kind, last]).fetchall()
    removed = int(db.execute("delete from audit where kind = ? and number <= ?", [kind, last]).rowcount)
    for what, count in last_cuts:
        append(db, replace(noted, what=what, count=count))
    append(db, replace(noted, what=traced(kind, last), count=removed))
    return removed


def read_heads(db: "Database") -> list[AuditHead]:
    """Return the head of each kind, in the order of the kinds; a missing head is left out."""
    kinds = set(AuditKind)
    with any_bytes(db):
        rows = {row["kind"]: row for row in db.table("audit_heads").rows if row["kind"] in kinds}
    return [AuditHead(**{**rows[kind], "kind": kind}) for kind in AuditKind if kind in rows]


def read_last(db: "Database", head: AuditHead) -> AuditRow | None:
    """Return the row that a head points to; None if it was removed for its age, or changed."""
    with any_bytes(db):
        rows = list(db.table("audit").rows_where("kind = ? and number = ?", [head.kind, head.number]))
    return read_columns(rows[0]) if rows else None


@contextmanager
def any_bytes(db: "Database") -> Iterator[None]:
    """Read invalid UTF-8, which only tampering can have put there, as text that the bot can't have written."""
    before = db.conn.text_factory
    db.conn.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        db.conn.text_factory = before
