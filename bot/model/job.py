"""Jobs of the durable queue: what a handler is given, and how it says what happens next.

A handler may be killed anywhere and then runs again. So it notes what it is about to do before it does it; and if an
earlier attempt noted something, it checks whether that took effect.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from typing_extensions import TypeVar

P = TypeVar("P", default=Mapping[str, Any])
"""What a job is given."""
G = TypeVar("G", default=Mapping[str, Any])
"""What its attempts note."""


@dataclass(frozen=True, slots=True)
class NoProgress:
    """The progress of a job whose attempts have nothing to note."""


@dataclass(frozen=True, slots=True)
class JobKind(Generic[P, G]):
    """A kind of job: its name in the database, and frozen dataclasses for its payload and its progress.

    Both are stored as JSON by the names of their fields, and jobs outlive an upgrade: a field is never renamed, and a
    new one has a default. Every field of a progress has a default, since a new job has noted nothing.
    """

    name: str
    payload: type[P]
    progress: type[G]
    leaves_nothing: bool = False
    """Whether a job is deleted once it is done, and its key forgotten: for keys that nobody promises again."""


@dataclass(frozen=True, slots=True)
class Job(Generic[P, G]):
    """A promise in the queue: written to disk before it is made, and done once."""

    id: int
    kind: str
    key: str
    payload: P
    progress: G
    """What earlier attempts noted before they acted."""
    attempts: int
    """How many have begun, this one included."""
    created_at: datetime
    deaths: int = 0
    """How many attempts died: their process ended, or they were silent for longer than their lease."""

    @property
    def reference(self) -> str:
        """What a person can quote of a job that failed; it finds the job in the log and in the database."""
        return f"job-{self.id}"


Note = Callable[[G], Awaitable[None]]
"""Replaces the job's progress, and returns once that is on disk. Raises TakenOver."""
Handler = Callable[[Job[P, G], Note[G]], Awaitable[None]]
OnFailure = Callable[[Job[P, G], BaseException], Awaitable[None]]


class Retry(Exception):
    """Raised by a handler to have its job tried again in `after` seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(after)
        self.after = after


class TakenOver(Exception):
    """Another attempt has the job: this one was silent for longer than its lease, and must not act any more."""


class Deadly(Exception):
    """The job was given up, because too many of its attempts died."""

    def __init__(self, deaths: int) -> None:
        super().__init__(f"{deaths} attempts died")
