"""The files that people share in Slack: what Slack tells of one, and its bytes.

https://docs.slack.dev/reference/objects/file-object
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.models import SlackFile


def read_file(json: object) -> SlackFile:
    """A file as an event or `files.info` tells it; what is missing or of another shape is empty.

    Where a file comes from another organisation, an event tells hardly more than its id (mode `file_access`), and
    `files.info` is to be asked: https://docs.slack.dev/apis/slack-connect/using-slack-connect#files
    """
    file = _mapping(json)
    duration = _number(file.get("duration_ms"))
    return SlackFile(
        id=_text(file.get("id")),
        name=_text(file.get("name")) or _text(file.get("title")),
        size=max(0, int(_number(file.get("size")))),
        mimetype=_text(file.get("mimetype")),
        mode="external" if file.get("is_external") is True else _text(file.get("mode")),
        url=_text(file.get("url_private_download")) or _text(file.get("url_private")),
        user=_text(file.get("user")),
        created_at=_moment(file.get("created")),
        duration=duration / 1000 if duration > 0 else None,
        threads=dict(_threads(_mapping(file.get("shares")))),
    )


def _threads(shares: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """For each channel the message that the newest share there hangs under, or is."""
    for where in shares.values():
        for channel, found in _mapping(where).items():
            known = [_mapping(share) for share in found] if isinstance(found, list) else []
            newest = max(known, key=lambda share: _text(share.get("ts")), default={})
            ts = _text(newest.get("thread_ts")) or _text(newest.get("ts"))
            if ts:
                yield channel, ts


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float:
    """0 for what is none. JSON as Python reads it can hold infinity."""
    return value if isinstance(value, int | float) and abs(value) < 1e18 else 0


def _moment(value: object) -> datetime | None:
    seconds = _number(value)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None
