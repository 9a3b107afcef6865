"""How moments and JSON are stored in a column, and rows as dicts."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite_utils import Database


def moment_text(moment: datetime) -> str:
    """Return an aware datetime as text in UTC, always of the same width: such texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def json_text(value: Any) -> str:
    """Return a value as JSON in ASCII: SQLite refuses half of a surrogate pair, which Slack lets through."""
    return json.dumps(value, separators=(",", ":"))


def read_json(text: str) -> Any:
    return json.loads(text)


def fetch(db: "Database", sql: str, values: Sequence[Any] | dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a query.

    For what happens for every job: `rows_where` and `insert` of sqlite-utils read the schema each time, and its `query`
    needs a savepoint, which together takes ten times as long.
    """
    cursor = db.execute(sql, values)
    names = [name for name, *_ in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
