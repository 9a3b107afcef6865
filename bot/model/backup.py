"""What a backup of the database has."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a database file."""

    size: int
    """In bytes."""
    counts: Mapping[str, int]
    """The number of rows by table, of those that people know."""
    last_used: str
    """When the newest row of the audit was written, e.g. 2026-11-23 08:30 (UTC); empty if there is none."""
