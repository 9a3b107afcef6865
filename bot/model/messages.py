"""Messages that the bot posted."""

from dataclasses import dataclass
from datetime import datetime

Place = tuple[str, str]
"""Where a message is: its channel's id and its ts."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One of the bot's own messages in Slack, and what it is about."""

    channel: str
    ts: str
    kind: str
    """`share`, `transcript`, …"""
    key: str
    """What makes the message one: no two messages with the same key are recorded."""
    conversations: tuple[str, ...]
    """The ids of the conversations in it."""
    posted_at: datetime
    by: str = ""
    """The Slack user who asked for it or, in a direct message, who gets it; otherwise the subscription's id."""
    file: str = ""
    """The Slack file's id, if the message is a file."""
    domains: tuple[str, ...] = ()
    """The customer domains of these conversations, and those that the text names besides; patterns too."""
    upload: int | None = None
    """The id of the upload that it is about."""
    is_upload_message: bool = False
    """Whether it is the upload's own message, which shows its progress in the recording's thread."""
