"""How moments and JSON are stored in a column: as text, on both databases, so that a row can be copied and compared."""

import json
from datetime import UTC, datetime
from typing import Any


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
