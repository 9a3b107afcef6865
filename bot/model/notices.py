"""What bots on one database tell one another."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    number: int
    topic: str
    value: Any
    """JSON."""
