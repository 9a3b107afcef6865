"""How moments and JSON stand in a column."""

import json
from datetime import UTC, datetime
from typing import Any


def moment_text(moment: datetime) -> str:
    """An aware datetime as text of one width, in UTC: such texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def json_text(value: Any) -> str:
    """JSON in ASCII: half of a surrogate pair, which Slack lets through, is text that SQLite does not take."""
    return json.dumps(value, separators=(",", ":"))


def read_json(text: str) -> Any:
    return json.loads(text)
