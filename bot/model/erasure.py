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
    """What the bot keeps of a subject, or for too long. Rows go by their ids."""

    messages: Mapping[int, Posted] = field(default_factory=dict)
    shared: int = 0
    """How many of the messages are about others too."""
    conversations: tuple[str, ...] = ()
    """The ids of what is in the messages."""
    questions: tuple[str, ...] = ()
    jobs: tuple[int, ...] = ()
    offers: tuple[str, ...] = ()
    uploads: tuple[int, ...] = ()
    """Whose name and details are kept. What de-duplication needs of them stays."""
    cards: tuple[tuple[str, str], ...] = ()
    """By channel and conversation, of which the ids stay: it is not posted again."""
    channels: tuple[str, ...] = ()
    """That upload without asking on the word of a person who is to be forgotten."""
    subscriptions: tuple[str, ...] = ()
    """That have nothing of their own left to post."""
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Subscriptions and the domains that they keep."""
    orphaned: tuple[str, ...] = ()
    """Subscriptions that stay, with nobody as their maker."""
    under_way: tuple[str, ...] = ()
    """What can't be removed yet, as it is being done; in words."""

    @property
    def copies(self) -> Mapping[str, int]:
        """How many rows there are, by what they are of."""
        found = {
            "questions": self.questions,
            "jobs": self.jobs,
            "offers": self.offers,
            "uploads": self.uploads,
            "cards": self.cards,
            "channels": self.channels,
            "subscriptions": (*self.subscriptions, *self.narrowed, *self.orphaned),
        }
        return {name: len(rows) for name, rows in found.items() if rows}
