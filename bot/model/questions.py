"""Lists that were asked for, and their pages."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.commands import ListCommand, ShowCommand
from bot.model.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Question:
    """A list that was asked for, kept so that its buttons work after a restart."""

    id: str
    command: ListCommand | ShowCommand
    timezone: str
    """The asker's: it decides which instants the days cover."""
    user: str
    channel: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a list."""

    shown: tuple[Conversation, ...]
    total: int
    page: int
    """From 0."""
    pages: int
    unreadable: int = 0
    """How many records could not be read; 0 for whom it is no business, since they may be others'."""
    latest: Conversation | None = None
    """The newest one there is, looked for where nothing was found."""
