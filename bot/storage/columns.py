"""How moments and JSON are stored in a column: as text, on both databases, so that a row can be copied and compared."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any


def moment_text(moment: datetime) -> str:
    """Return an aware datetime as text in UTC, always of the same width: such texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def fields_of(kind: type, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a dataclass has of a row, which may have columns besides that only another version knows."""
    return {field.name: row[field.name] for field in fields(kind)}


def without_nul(value: Any) -> Any:
    """Return a value as PostgreSQL has it: no text has NUL there."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) and "\0" in value else value


def json_text(value: Any) -> str:
    """Return a value as JSON in ASCII: SQLite refuses half of a surrogate pair, which Slack lets through."""
    return json.dumps(value, separators=(",", ":"))


def read_json(text: str) -> Any:
    return json.loads(text)
