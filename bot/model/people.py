"""People in Slack: who somebody is, who asks, and who sees what is posted in a channel."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user (https://docs.slack.dev/reference/methods/users.info)."""

    id: str
    team: str
    name: str = ""
    email: str = ""
    timezone: str = ""
    """An IANA name, or empty if Slack has none."""
    is_guest: bool = False
    is_bot: bool = False
    is_deleted: bool = False
    is_outside: bool = False
    """From another workspace (Slack Connect)."""
    language: str = "en"
    """The language of texts for this person, as in `bot.texts.languages`."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks for something, and where."""

    person: Person
    channel: str
    """Empty if it isn't known: then nothing that is bound to a channel applies."""
    groups: frozenset[str] = frozenset()
    """Their user groups, of those that the settings name."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who sees what is posted in a channel, without bots."""

    people: tuple[Person, ...]
    is_shared: bool = False
    """The channel is shared with another company, or about to be."""
