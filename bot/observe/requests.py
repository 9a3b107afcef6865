"""How the clients report each request that they made, so that it can be counted."""

from collections.abc import Callable

Observe = Callable[[str, str, float], None]
"""Called after each request with the operation, its outcome (an HTTP status, or a word for what went wrong) and its
duration in seconds."""


def ignore(_operation: str, _outcome: str, _seconds: float) -> None:
    """Count nothing."""
