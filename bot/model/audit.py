"""What the audit log records."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditKind(StrEnum):
    """What the audit remembers: one chain each, as each may be kept for another time."""

    ASKED = "asked"
    """Who asked what, from where, how many records were shown."""
    USED = "used"
    """A capability: `transcript`, `recording`, `share` …"""
    ATTESTED = "attested"
    """That everyone on a recording, or on each of a channel, has agreed."""
    REFUSED = "refused"
    CHANGED = "changed"
    """Subscriptions, and what a channel does with recordings."""
    HELD = "held"
    """What was not posted, or without its content, because of who is listening."""
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that is remembered. It holds ids and our own words: no name, no domain, no text of anybody's."""

    kind: AuditKind
    number: int
    """From 1, without a gap within its kind."""
    at: datetime
    by: str
    """A Slack user id, empty for the bot itself, or `command line`."""
    channel: str
    """A Slack channel id, or empty."""
    what: str
    """A short word of ours: `calls`, `transcript`, `guest`, `digest` …"""
    conversations: tuple[str, ...]
    """Their ids."""
    count: int
    """How many records were shown, or erased."""
    hash: str = ""
    """SHA-256 over the hash of the row before and this row, in hexadecimal; empty as long as it is not written."""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the chain of a kind ends, and where it was cut: number 0 and no hash where there is no such row."""

    kind: AuditKind
    number: int = 0
    hash: str = ""
    cut_number: int = 0
    """Of the last row that was removed for its age: the one after it is the first that is kept."""
    cut_hash: str = ""
