"""What people asked for, and the pages of the answers."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.commands import ListCommand, ShowCommand
from bot.model.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asked for, kept so that the buttons of the answer work after a restart."""

    id: str
    command: ListCommand | ShowCommand
    timezone: str
    """The asker's time zone, an IANA name: the days of a list are days in it."""
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
    """How many records could not be read; 0 for people who may not see everybody's."""
    latest: Conversation | None = None
    """If the list is empty: the newest conversation on any other day."""
