"""How the rows of the audit are chained. Pure.

Each kind is a chain of its own: a row's hash is SHA-256 over the hash of the row before it and the row's own
canonical JSON. The head of each kind, in another table, says where its chain ends: so a missing last row is found too.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.model.audit import AuditKind, AuditRow
from bot.storage.columns import fields_of, json_text, moment_text, read_json, read_moment

UNREADABLE = (ValueError, TypeError, OverflowError, RecursionError)


def linked(row: AuditRow, before: str) -> AuditRow:
    """Return the row with its hash; `before` is the hash of the row before it."""
    # ASCII, unless somebody tampered with the hash before.
    content = (before + json_text(_content(row))).encode("utf-8", "surrogatepass")
    return replace(row, hash=hashlib.sha256(content).hexdigest())


def traced(kind: str, number: int) -> str:
    """Return the word of the row, of the kind `erased`, that records a cut of `kind` up to this number."""
    return f"cut {kind} {number}"


def to_columns(row: AuditRow) -> dict[str, Any]:
    return {**_content(row), "conversations": json_text(row.conversations), "hash": row.hash}


def _content(row: AuditRow) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "number": row.number,
        "at": moment_text(row.at),
        "by": row.by,
        "channel": row.channel,
        "what": row.what,
        "conversations": row.conversations,
        "count": row.count,
    }


def exported(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as JSON values, even one that somebody changed.

    Without its `hash`, in this order and without spaces, that is what was hashed.
    """
    row = fields_of(AuditRow, columns)
    try:
        return {**row, "conversations": read_json(row["conversations"])}
    except UNREADABLE:
        return row


def read_columns(columns: Mapping[str, Any]) -> AuditRow | None:
    """Return the row; None if it differs in any way from what the bot can have written."""
    columns = fields_of(AuditRow, columns)
    try:
        row = AuditRow(
            **{
                **columns,
                "kind": AuditKind(columns["kind"]),
                "at": read_moment(columns["at"]),
                "conversations": tuple(read_json(columns["conversations"])),
            }
        )
        return row if to_columns(row) == columns else None
    except UNREADABLE:
        return None
