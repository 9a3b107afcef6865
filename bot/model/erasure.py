"""What is to be erased, how one stored thing leads to another, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from bot.model.audit import AuditRow
from bot.model.messages import Place, Posted


class About(StrEnum):
    DOMAIN = "domain"
    CONVERSATION = "conversation"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Subject:
    """A customer, a conversation or a person to be forgotten."""

    about: About
    values: tuple[str, ...]
    """Normalised domains and patterns, ids of conversations, or ids of Slack users."""


@dataclass(frozen=True, slots=True)
class Links:
    """What one store found, by the ids with which the rows of other stores refer to it."""

    places: frozenset[Place] = frozenset()
    """Of messages in Slack."""
    keys: frozenset[str] = frozenset()
    """Of messages and of the jobs that post them."""
    conversations: frozenset[str] = frozenset()
    """Only those that are certainly the subject's: a message may be about several."""
    uploads: frozenset[int] = frozenset()
    recordings: frozenset[tuple[str, str, str]] = frozenset()
    """Of uploads: the channel, the thread's ts and the Slack file's id."""
    offers: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    """Ids of files in Slack."""
    subscriptions: frozenset[str] = frozenset()
    removed: frozenset[Place] = frozenset()
    """Of messages that are about to be removed from Slack."""

    def __or__(self, other: "Links") -> "Links":
        return Links(*(getattr(self, item.name) | getattr(other, item.name) for item in fields(self)))


@dataclass(frozen=True, slots=True)
class Plan:
    """What one store has of a subject."""

    rows: tuple[Any, ...] = ()
    """What it will forget; only the store itself knows what these are."""
    under_way: tuple[str, ...] = ()
    """What it can't forget yet, since the bot is in the middle of it; in words."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What is true of everything that is forgotten in one transaction."""

    places: frozenset[Place]
    """Of messages that are no longer in Slack, and that are forgotten too."""
    people: frozenset[str]
    """Ids of Slack users who are to be forgotten, wherever a row that stays names them."""
    changed: AuditRow
    """Recorded for each subscription and channel that changes."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Everything that the bot keeps of a subject, or has kept for too long."""

    messages: Mapping[int, Posted] = field(default_factory=dict)
    """By their ids in the ledger."""
    shared: int = 0
    """How many of the messages are about others too."""
    rows: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """What else is forgotten, by the name of its store; only stores that have something."""
    under_way: tuple[str, ...] = ()
    """What can't be removed yet, since the bot is in the middle of it; in words."""

    @property
    def conversations(self) -> tuple[str, ...]:
        """The ids of the conversations in the messages."""
        return tuple(sorted({id_ for posted in self.messages.values() for id_ in posted.conversations}))

    @property
    def copies(self) -> Mapping[str, int]:
        """How many rows go, by the name of their store."""
        return {name: len(rows) for name, rows in self.rows.items()}
