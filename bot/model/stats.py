"""Statistics of conversations, and the customers that are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.model.commands import Days
from bot.model.mirror import Freshness

Unit = Literal["day", "week", "month"]
Aspect = Literal["customer", "direction", "type", "outcome"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A day, week or month: as much of it as was asked for."""

    first: date
    calls: int = 0
    meetings: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the conversations have something in common, e.g. the outcome."""

    name: str
    """As Kickscale has it; empty for those of which it isn't known."""
    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The conversations by one aspect. A conversation with several customers counts for each of them."""

    shares: tuple[Share, ...]
    """The most frequent first."""
    others: int = 0
    """How many more there are."""
    rest: Share = Share("", 0, 0)
    """The conversations of those."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The average over earlier times of the same length."""

    count: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Team:
    """The average of several reps."""

    reps: int
    count: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Stats:
    """How it is going with all customers or some of them. Only what the asker may see is in it."""

    days: Days
    """Those that were asked for, in `timezone`."""
    domains: tuple[str, ...]
    timezone: str
    calls: int
    meetings: int
    seconds: int
    open_items: int
    questions: int
    unit: Unit
    buckets: tuple[Bucket, ...]
    """The latest 20 at most, the oldest first, empty ones included."""
    is_cut: bool
    """There were more buckets."""
    freshness: Freshness
    breakdowns: Mapping[Aspect, Breakdown] = field(default_factory=dict)
    """Without those that would have only one line."""
    usual: Usual | None = None
    """None if too little is known of earlier times."""
    last_contact: datetime | None = None
    """With the customers that were asked for, on any day."""
    days_since: int | None = None
    """How many days ago that was, in `timezone`."""
    own: Share | None = None
    """The asker's own conversations, if they may see figures about themselves."""
    team: Team | None = None
    """None if it would say something about single people."""
    first_copied: date | None = None
    """The first day that is copied at all, if it is after the first that was asked for."""

    @property
    def total(self) -> int:
        return self.calls + self.meetings


@dataclass(frozen=True, slots=True)
class CustomerLine:
    domain: str
    name: str
    """Of the company; empty if it isn't known."""
    last_day: date | None
    """Of the latest contact, in the asker's time zone; None if none is known."""
    days_since: int | None
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class CustomersAnswer:
    """One page of the customers, the latest contact first."""

    shown: tuple[CustomerLine, ...]
    total: int
    page: int
    """From 0."""
    pages: int
    quiet: tuple[CustomerLine, ...]
    """On the first page: those that went quiet most recently."""
    quiet_total: int
    quiet_after: int
    """Days without contact."""
    timezone: str
    is_complete: bool = True
    """False while conversations are still being read for the first time."""
