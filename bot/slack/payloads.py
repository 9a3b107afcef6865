"""What Slack sends about messages and files, as values of the model: pure.

https://docs.slack.dev/reference/objects/file-object
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model.uploads import SharedMessage, SlackFile

Payload = Mapping[str, Any]
"""A message or a view, as Slack takes it."""


def read_file(json: object) -> SlackFile:
    """Return a file from an event or `files.info`. What is missing or has another type is empty.

    For a file of another organisation an event has little more than its id (mode `file_access`). Then ask `files.info`:
    https://docs.slack.dev/reference/events/message/file_share
    """
    file = _mapping(json)
    duration = _number(file.get("duration_ms"))
    shares = dict(_newest_shares(_mapping(file.get("shares"))))
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
        language=_text(_mapping(file.get("transcription")).get("locale")),
        messages={channel: _text(share.get("ts")) for channel, share in shares.items()},
        threads={channel: _text(share.get("thread_ts")) or _text(share.get("ts")) for channel, share in shares.items()},
    )


def read_message(json: object, channel: str) -> SharedMessage:
    """Return a message from an event, a shortcut or the history, with the files of messages that it forwards.

    A forwarded message is an attachment that has files of its own.
    """
    message = _mapping(json)
    holders = (message, *map(_mapping, _list(message.get("attachments"))))
    files = [read_file(file) for holder in holders for file in _list(holder.get("files"))]
    ts = _text(message.get("ts"))
    return SharedMessage(
        channel=channel,
        ts=ts,
        thread_ts=_text(message.get("thread_ts")) or ts,
        user=_text(message.get("user")),
        text=_text(message.get("text")),
        files=tuple({file.id: file for file in files}.values()),
        is_by_bot=bool(message.get("bot_id")),
    )


def _newest_shares(shares_by_visibility: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each channel with its newest share. Slack groups them by `public` and `private`."""
    for shares_by_channel in shares_by_visibility.values():
        for channel, shares in _mapping(shares_by_channel).items():
            newest = max(map(_mapping, _list(shares)), key=lambda share: _text(share.get("ts")), default={})
            if _text(newest.get("ts")):
                yield channel, newest


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Leaves out lone surrogates, which Slack lets through but neither SQLite nor UTF-8 accepts."""
    return value.encode("utf-8", "ignore").decode() if isinstance(value, str) else ""


def _number(value: object) -> float:
    """0 if it is no number. JSON as Python reads it can hold infinity."""
    return value if isinstance(value, int | float) and abs(value) < 1e18 else 0


def _moment(value: object) -> datetime | None:
    seconds = _number(value)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None
