"""What people asked for, and the pages of the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.commands import ListCommand, SearchCommand, ShowCommand, StatsCommand
from bot.model.conversation import Conversation, Kind, Scope

Shareable = ListCommand | ShowCommand | SearchCommand | StatsCommand
"""What has an answer with *Share in channel*."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asked for, kept so that the buttons of the answer work after a restart."""

    id: str
    command: Shareable
    timezone: str
    """The asker's time zone, an IANA name: the days of a list are days in it."""
    user: str
    channel: str
    asked_at: datetime

    @property
    def is_in_channel(self) -> bool:
        """Whether there is a channel to share the answer in: not in direct messages."""
        return bool(self.channel) and not self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a question asks Kickscale for, whoever asks: equal questions have equal queries."""

    kind: Kind
    start: datetime
    end: datetime
    """Excluded."""
    domains: tuple[str, ...] = ()
    """Sorted, each once."""
    scope: Scope = Scope.EXTERNAL


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list is asked for: a page of an answer, counted from 0."""

    number: int
    size: int
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a list, read without the rest of it."""

    conversations: tuple[Conversation, ...]
    total: int
    """How many conversations the whole list has."""


class WholeReason(StrEnum):
    """Why a list is read as a whole, although only a part of it is shown."""

    CACHED = "it is in memory"
    # who asks, and for what
    VISIBILITY = "not everybody may see all of it"
    BOT_FILTER = "a filter that only the bot applies"
    HIDDEN = "a conversation that is hidden here"
    PATTERN = "a pattern of domains"
    NO_FILTER = "the API does not filter by domain"
    SEVERAL_REQUESTS = "domains that need several requests"
    # what the API answers
    REFUSED = "the API refuses the query"
    NO_TOTAL = "a page without a total"
    FULL_PAGE = "a total that may be the page's own count"
    WRONG_LENGTH = "a page of the wrong length"
    UNCHECKED_FILTER = "the filter by domain could not be checked"
    IGNORED_FILTER = "the filter by domain finds a domain that can't exist"
    OTHER_DOMAIN = "a record of another domain"
    UNREADABLE = "an unreadable record"
    UNDATED = "a record without a date"
    TWICE = "the same record twice"
    OUT_OF_RANGE = "a record of other days"
    OUT_OF_ORDER = "records that are not in order"
    ALL_LATE = "a page of records that begin at the end"
    CHANGED = "pages that do not fit together"


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
    occurring: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """If the list is empty: the values that there are, for each filter whose value nothing in these days has."""
