"""What a slash command asks for, once it is parsed."""

from dataclasses import dataclass
from datetime import date, time

from bot.model.conversation import Kind, Scope


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days in the asker's time zone, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list besides its domains and days. An empty field narrows nothing."""

    owner_user: str = ""
    """A Slack user id."""
    owner_email: str = ""
    scope: Scope = Scope.EXTERNAL
    type: str = ""
    language: str = ""
    direction: str = ""
    outcome: str = ""
    words: tuple[str, ...] = ()
    """Words and phrases. Each has to be in the name or the summary."""
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class ListCommand:
    kind: Kind
    days: Days
    domains: tuple[str, ...] = ()
    """Normalised; `*.acme.com` is acme.com and everything below it. Without domains it is about all customers."""
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class ShowCommand:
    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class DigestAddCommand:
    domains: tuple[str, ...]
    at: time | None = None
    days: tuple[int, ...] = ()
    """0 is Monday; empty means every day."""
    timezone: str = ""
    empty: bool = False
    live: bool = False
    language: str = ""
    """Of what is posted; empty means that of the person who adds it."""


@dataclass(frozen=True, slots=True)
class DigestCommand:
    """The action is `list`; or one of the others with targets, which are domains or subscription ids.

    `remove`, `pause`, `resume`; `preview` with one target; `unfollow`, which only removes live cards.
    """

    action: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UploadsCommand:
    """The action is `on`, `auto`, `off` or `status`."""

    action: str


@dataclass(frozen=True, slots=True)
class SearchCommand:
    words: tuple[str, ...]
    """Words and phrases. Each has to be somewhere in the conversation."""
    days: Days | None = None
    """None: on any day."""
    domains: tuple[str, ...] = ()
    filters: Filters = Filters()
    """Without words."""


@dataclass(frozen=True, slots=True)
class StatsCommand:
    days: Days
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomersCommand:
    pass


@dataclass(frozen=True, slots=True)
class WhyCommand:
    id: str


@dataclass(frozen=True, slots=True)
class StatusCommand:
    pass


@dataclass(frozen=True, slots=True)
class StartCommand:
    """Nothing was typed, or only a greeting."""


@dataclass(frozen=True, slots=True)
class HelpCommand:
    topic: str = ""


Command = (
    ListCommand
    | ShowCommand
    | DigestAddCommand
    | DigestCommand
    | UploadsCommand
    | SearchCommand
    | StatsCommand
    | CustomersCommand
    | WhyCommand
    | StatusCommand
    | StartCommand
    | HelpCommand
)
