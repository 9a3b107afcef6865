"""The content of a message, checked in the same way for the Web API, response_url and acks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import blockkit
from bot.sandbox.slack.mrkdwn import escape
from bot.sandbox.slack.state import Json

TEXT_CHARACTERS = 40_000
"""Slack truncates longer texts; here they are refused, so that nothing is lost unnoticed:
https://docs.slack.dev/changelog/2018-truncating-really-long-messages"""
_METADATA_BYTES = 16_000
_BLOCKS_CHARACTERS = 13_200
_BLOCK_COSTS = 125
"""The Web API answers `msg_blocks_too_long` from about 13,200 characters of text on, minus 125 for each further block;
response_url doesn't (slackapi/bolt-js#2509, slackapi/bolt-js#2867). This is undocumented: the numbers were measured.
"""


class ContentError(Exception):
    """Slack would refuse it: its `error`, and details."""

    def __init__(self, error: str, problems: list[str] | None = None) -> None:
        super().__init__(error, problems)
        self.error = error
        self.problems = problems or []


@dataclass(frozen=True, slots=True)
class Content:
    text: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()


def read(values: Mapping[str, Any], new_id: Callable[[str], str]) -> Content:
    """Check `text`, `blocks` and `attachments`. Raises ContentError.

    https://docs.slack.dev/reference/methods/chat.postMessage#errors
    """
    text, blocks, attachments = values.get("text") or "", values.get("blocks") or [], values.get("attachments") or []
    if not isinstance(text, str):
        raise ContentError("invalid_arguments", ["must be a string [json-pointer:/text]"])
    if not isinstance(blocks, list):
        raise ContentError("invalid_blocks_format")
    if not isinstance(attachments, list):
        raise ContentError("invalid_attachments")
    if not text and not blocks and not attachments:
        raise ContentError("no_text")
    if len(text) > TEXT_CHARACTERS:
        raise ContentError("msg_too_long")
    if problems := blockkit.message(blocks):
        raise ContentError("invalid_blocks", problems)
    return Content(text, tuple(blockkit.complete(blocks, new_id)), tuple(attachments))


def is_too_long(content: Content) -> bool:
    """Return whether the Web API would answer `msg_blocks_too_long`."""
    if not content.blocks:
        return False
    return _characters(content.blocks) + _BLOCK_COSTS * (len(content.blocks) - 1) > _BLOCKS_CHARACTERS


def _characters(node: Any) -> int:
    """Count the characters of every `text` as Slack stores it: escaped."""
    if isinstance(node, Mapping):
        own = node.get("text")
        is_raw = node.get("type") != "mrkdwn"
        length = len(escape(own) if is_raw else own) if isinstance(own, str) else 0
        return length + sum(_characters(value) for value in node.values())
    return sum(_characters(item) for item in node) if isinstance(node, list | tuple) else 0


def metadata(value: Any) -> Json | None:
    """Check a message's metadata. Raises ContentError.

    https://docs.slack.dev/messaging/message-metadata
    """
    if value is None:
        return None
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("event_type"), str)
        or not value["event_type"]
        or not isinstance(value.get("event_payload"), dict)
    ):
        raise ContentError("invalid_metadata_format")
    if len(str(value).encode()) > _METADATA_BYTES:
        raise ContentError("metadata_too_large")
    return {"event_type": value["event_type"], "event_payload": value["event_payload"]}
