"""Slack users, and who sees what is posted in a channel."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user, as `users.info` tells it."""

    id: str
    team: str
    name: str = ""
    email: str = ""
    timezone: str = ""
    """An IANA name, or empty where Slack gives none."""
    is_guest: bool = False
    is_bot: bool = False
    is_deleted: bool = False
    is_outside: bool = False
    """Of another workspace (Slack Connect)."""

    @property
    def language(self) -> str:
        """The language of texts for this person; there is one so far."""
        return "en"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks for something, and where."""

    person: Person
    channel: str
    """Empty where it is not known: then they may have what is for no certain channel."""
    groups: frozenset[str] = frozenset()
    """Those of their user groups that the settings name."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who sees what is posted in a channel: people, no bots."""

    people: tuple[Person, ...]
    is_shared: bool = False
    """With another company, or about to be."""
