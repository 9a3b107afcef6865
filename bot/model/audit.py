"""What the audit log holds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditKind(StrEnum):
    """What a row is about. Each kind is a chain of its own, since each may be kept for a different time."""

    ASKED = "asked"
    """Who asked for what, where, and how many records they were shown."""
    USED = "used"
    """A capability: `transcript`, `recording`, `share` …"""
    ATTESTED = "attested"
    """That everyone on a recording, or on every recording of a channel, has consented."""
    REFUSED = "refused"
    CHANGED = "changed"
    """Subscriptions, and what a channel does with recordings."""
    HELD = "held"
    """What was withheld from a channel because of who is in it."""
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row. It holds ids and the bot's own words, but no names, no domains and nobody's text."""

    kind: AuditKind
    number: int
    """From 1, without gaps within a kind."""
    at: datetime
    by: str
    """A Slack user id, empty for the bot itself, or `command line`."""
    channel: str
    """A Slack channel id, or empty."""
    what: str
    """A short word of the bot's own: `calls`, `transcript`, `guest`, `digest` …"""
    conversations: tuple[str, ...]
    """Their ids."""
    count: int
    """How many records were shown, or erased."""
    hash: str = ""
    """SHA-256 over the hash of the row before and this row, in hexadecimal; empty before it is written."""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the chain of a kind ends, and where it was cut. Number 0 and no hash mean that there is no such row."""

    kind: AuditKind
    number: int = 0
    hash: str = ""
    cut_number: int = 0
    """The last row that was removed for its age: the one after it is the first that is kept."""
    cut_hash: str = ""


@dataclass(frozen=True, slots=True)
class LoggedHead:
    """A head that was once written to the log."""

    kind: AuditKind
    number: int
    hash: str
    day: str = ""
    """The day (UTC) on which its row was written, e.g. 2026-11-23; empty if the log doesn't say."""
