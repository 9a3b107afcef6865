"""Copies a database into an empty one of another kind, and checks what has arrived.

Both have the same tables with the same columns: see `bot.storage.postgres.schema`.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bot.storage.columns import json_text, moment_text, read_json, without_nul
from bot.storage.transaction import Row, Transaction

TABLES: Mapping[str, Sequence[str]] = {
    "facts": ["name"],
    "leases": ["name"],
    "questions": ["id"],
    "messages": ["id"],
    "message_conversations": ["message", "position"],
    "message_domains": ["message", "domain"],
    "message_uploads": ["message"],
    "jobs": ["id"],
    "upload_channels": ["channel"],
    "offers": ["id"],
    "uploads": ["id"],
    "subscriptions": ["id"],
    "digests": ["subscription", "day"],
    "digest_conversations": ["subscription", "conversation"],
    "cards": ["channel", "conversation"],
    "audit": ["kind", "number"],
    "audit_heads": ["kind"],
    "customers": ["id"],
    "customer_names": ["customer", "name"],
    "customer_people": ["customer", "address"],
    "mirror": ["id"],
    "mirror_domains": ["conversation", "domain"],
    "mirror_people": ["conversation", "address"],
    "mirror_records": ["conversation"],
    "mirror_transcripts": ["conversation"],
    "mirror_days": ["kind", "scope", "day"],
    "mirror_erased": ["conversation"],
    "erased_subjects": ["hash"],
}
"""What is copied, rows before those that refer to them, and the keys of the rows."""
PASSING = ("notices", "slack_turns")
"""What isn't copied: it concerns the bots that run."""
INDEX = "mirror_text"
"""The text index, which each database has in its own way: it is built anew."""
INDEXED = "select rowid as id, name, summary, points, people, transcript from mirror_text order by rowid"
BY_ROWID = ("message_domains", "customer_names")
"""Their rows are read in the order in which they were written: `rowid`, which is no column on SQLite."""
FACT = "copied"
"""What a copy wrote, so that it can be told from what a bot has written since. It isn't a part of the copy."""
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Copied:
    """How many rows of a table were copied, and the SHA-256 of them all."""

    table: str
    rows: int
    sha256: str


def copy(source: Transaction, target: Transaction, now: datetime) -> Iterator[Copied]:
    """Copy each table from SQLite into an empty database, and yield what has arrived, the text index last.

    Raises Altered if that is anything but what was read.
    """
    read = [_copy_table(source, target, table) for table in TABLES]
    indexed = _build_index(source, target)
    for expected in read:
        if summarize(target, expected.table) != expected:
            raise Altered(expected.table)
        yield expected
    (counted,) = target.fetch(f"select count(*) as count from {INDEX}")  # noqa: S608 no text from outside
    if counted["count"] != indexed:
        raise Altered(INDEX)
    hashes = {copied.table: copied.sha256 for copied in read}
    target.insert("facts", {"name": FACT, "value": json_text(hashes), "written_at": moment_text(now)})
    yield Copied(INDEX, indexed, "")


class Altered(Exception):
    """The rows of a table aren't those that were written to it."""


def is_unused(target: Transaction) -> bool:
    """Return whether a database has nothing that would be lost: it is empty, or as an earlier copy left it."""
    left = target.first("select value from facts where name = ?", [FACT])
    if left is not None:
        return bool(read_json(left["value"]) == {table: summarize(target, table).sha256 for table in TABLES})
    # An empty audit has its heads.
    others = (table for table in TABLES if table != "audit_heads")
    return not any(target.first(f"select 1 from {table} limit 1") for table in others)  # noqa: S608 no text from outside


def summarize(tx: Transaction, table: str) -> Copied:
    """Return how many rows a table has, and their hash."""
    return _summary(table, _rows(tx, table, "*"))


def _copy_table(source: Transaction, target: Transaction, table: str) -> Copied:
    rows = _rows(source, table, "rowid, *" if table in BY_ROWID else "*")

    def written() -> Iterator[Row]:
        while batch := list(islice(rows, BATCH)):
            target.insert_many(table, batch)
            yield from batch

    return _summary(table, written())


def _build_index(source: Transaction, target: Transaction) -> int:
    """Index the words that the source has indexed, which are folded already; return of how many conversations."""
    count = 0
    for row in source.iterate(INDEXED):
        id_ = row.pop("id")
        target.text_index.put(id_, {name: (text or "").split() for name, text in row.items()}, is_new=True)
        count += 1
    return count


def _rows(tx: Transaction, table: str, columns: str) -> Iterator[Row]:
    """Yield the rows in the order of their keys, which is the same on both databases: that of their bytes."""
    order = ", ".join(TABLES[table])
    where = f"where name != '{FACT}'" if table == "facts" else ""
    for row in tx.iterate(f"select {columns} from {table} {where} order by {order}"):  # noqa: S608 likewise
        yield {name: without_nul(value) for name, value in row.items()}


def _summary(table: str, rows: Iterator[Row]) -> Copied:
    digest, count = hashlib.sha256(), 0
    for row in rows:
        digest.update(json_text(sorted(row.items())).encode() + b"\n")
        count += 1
    return Copied(table, count, digest.hexdigest())
