"""Jobs of the durable queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Job:
    """Something promised: on disk before it is promised, done once, going on after a kill."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    progress: Mapping[str, Any] = field(default_factory=dict)
    """What an earlier attempt noted before it acted."""
    deaths: int = 0
    """How many attempts ended without a word: with their process, or silent for longer than their lease."""
