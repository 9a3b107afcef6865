"""Messages that the bot posted."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that the bot posted in Slack, and which conversations are in it."""

    channel: str
    ts: str
    kind: str
    """`share`, `transcript`, …"""
    key: str
    """Says which message it is: one with the same key is never recorded twice."""
    conversations: tuple[str, ...]
    posted_at: datetime
    by: str = ""
    """The Slack user who asked for it or, in a direct message, whom it is for; else the subscription's id."""
    file: str = ""
    """The Slack file's id, if the message is a file."""
    domains: tuple[str, ...] = ()
    """The customer domains of these conversations, and any others that the text names; they may be patterns."""
