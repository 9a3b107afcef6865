"""What a message says, checked in the one way that every door has: the Web API, response_url and acks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import blockkit
from bot.sandbox.slack.mrkdwn import escape
from bot.sandbox.slack.state import Json

TEXT_CHARACTERS = 40_000
"""Slack cuts longer texts off; here they are refused, so that nothing is lost unseen:
https://docs.slack.dev/changelog/2018-truncating-really-long-messages"""
_METADATA_BYTES = 16_000
_BLOCKS_CHARACTERS = 13_200
_BLOCK_COSTS = 125
"""`msg_blocks_too_long` comes at about 13,200 characters of text, less some 125 for each further block, from the Web
API and not from response_url (slackapi/bolt-js#2509, slackapi/bolt-js#2867). It is not documented: these are measured.
"""


class ContentError(Exception):
    """Slack would not take it: `error` in its words, and what in particular."""

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
    """Whether the Web API would say `msg_blocks_too_long`."""
    if not content.blocks:
        return False
    return _characters(content.blocks) + _BLOCK_COSTS * (len(content.blocks) - 1) > _BLOCKS_CHARACTERS


def _characters(node: Any) -> int:
    """Of every `text`, as Slack keeps it: escaped."""
    if isinstance(node, Mapping):
        own = node.get("text")
        is_raw = node.get("type") != "mrkdwn"
        length = len(escape(own) if is_raw else own) if isinstance(own, str) else 0
        return length + sum(_characters(value) for value in node.values())
    return sum(_characters(item) for item in node) if isinstance(node, list | tuple) else 0


def metadata(found: Any) -> Json | None:
    """Check a message's metadata. Raises ContentError.

    https://docs.slack.dev/messaging/message-metadata
    """
    if found is None:
        return None
    if (
        not isinstance(found, dict)
        or not isinstance(found.get("event_type"), str)
        or not found["event_type"]
        or not isinstance(found.get("event_payload"), dict)
    ):
        raise ContentError("invalid_metadata_format")
    if len(str(found).encode()) > _METADATA_BYTES:
        raise ContentError("metadata_too_large")
    return {"event_type": found["event_type"], "event_payload": found["event_payload"]}
