"""What is to be erased, and what the bot keeps about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.messages import Posted


class About(StrEnum):
    DOMAIN = "domain"
    CONVERSATION = "conversation"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what is to be forgotten."""

    about: About
    values: tuple[str, ...]
    """Normalised domains and patterns, ids of conversations, or ids of Slack users."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What the bot keeps about a subject, or has kept for too long. Rows are given by their ids."""

    messages: Mapping[int, Posted] = field(default_factory=dict)
    shared: int = 0
    """How many of the messages are also about something else."""
    conversations: tuple[str, ...] = ()
    """The ids of the conversations in the messages."""
    questions: tuple[str, ...] = ()
    jobs: tuple[int, ...] = ()
    offers: tuple[str, ...] = ()
    uploads: tuple[int, ...] = ()
    """Uploads whose name and details are removed. What is needed to recognise the file again stays."""
    cards: tuple[tuple[str, str], ...] = ()
    """By channel and conversation. These two ids stay, so that the card isn't posted again."""
    channels: tuple[str, ...] = ()
    """Channels whose recordings are uploaded without asking, as a person to be forgotten attested consent."""
    subscriptions: tuple[str, ...] = ()
    """Subscriptions that are removed, since no customer of theirs remains."""
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Subscriptions that lose some of their domains, with the domains that they keep."""
    orphaned: tuple[str, ...] = ()
    """Subscriptions that stay, but forget who created them."""
    under_way: tuple[str, ...] = ()
    """What can't be removed yet because it is being done, in words."""

    @property
    def copies(self) -> Mapping[str, int]:
        """How many rows there are, by what they hold."""
        rows_by_name = {
            "questions": self.questions,
            "jobs": self.jobs,
            "offers": self.offers,
            "uploads": self.uploads,
            "cards": self.cards,
            "channels": self.channels,
            "subscriptions": (*self.subscriptions, *self.narrowed, *self.orphaned),
        }
        return {name: len(rows) for name, rows in rows_by_name.items() if rows}
