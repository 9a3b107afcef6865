"""Subscriptions, and what is posted for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum

from bot.model.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which customers' conversations are posted in which channel, and when."""

    id: str
    """Short, as `digest list` shows it."""
    channel: str
    domains: tuple[str, ...]
    """Normalised domains and patterns; `*` is every customer."""
    timezone: str
    created_by: str
    created_at: datetime
    since: datetime
    """Nothing that began before this moment is posted."""
    due_after: datetime
    """The last due moment that was seen to: the next one comes after it."""
    live: bool = False
    """Each conversation as it comes in; the next three are then of no use."""
    at: time = time(8, 30)
    days: tuple[int, ...] = ()
    """0 is Monday; none means every day."""
    empty: bool = False
    """Post also when there was nothing."""
    paused: str = ""
    """Empty while it goes on, else why not: `asked`, or a key of the text catalogue (`digest.paused.<why>`)."""
    since_of: Mapping[str, datetime] = field(default_factory=dict)
    """What `since` is for patterns that came in later, and for those that a wider one of these took in."""


@dataclass(frozen=True, slots=True)
class Due:
    """A digest that is to be posted."""

    day: date
    """The local day that it is of; a subscription has one digest a day."""
    at: datetime
    """The moment, in UTC."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What is still to come of a subscription's digests."""

    due: Due
    """The next one."""
    trying: Due | None = None
    """The one before it, while it is due, not posted yet, and tried again."""


class DigestState(StrEnum):
    BEGUN = "begun"
    POSTED = "posted"
    QUIET = "quiet"
    """There was nothing, and nothing was posted."""
    FAILED = "failed"
    """It could not be made in time, and that was said."""
    DROPPED = "dropped"
    """It could not be posted, and the subscription was paused."""


@dataclass(frozen=True, slots=True)
class DigestRow:
    """What became of one digest."""

    subscription: str
    day: date
    due_at: datetime
    state: DigestState
    conversations: tuple[str, ...] = ()
    """The ids of what it lists, in order: chosen once, before anything is posted."""
    ts: str = ""
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """What one digest says."""

    subscription: Subscription
    day: date
    """The local day that it is of."""
    start: datetime
    """The moment of the digest before."""
    end: datetime
    """The moment that it was due: nothing in it began later."""
    conversations: tuple[Conversation, ...]
    """Newest first; also earlier ones that became known only since then."""
    usual_count: float | None = None
    """How many there are in as long a time usually; None where too little is known."""
    usual_seconds: float | None = None
    """How long they are together."""
    counts: tuple[tuple[date, int], ...] = ()
    """How many began on each local day from `start` to `end`, oldest first."""
    posted_late: bool = False
    """The bot was not there when it was due."""
    held: str = ""
    """Because of whom it is not in its channel, but with whoever made it: a key (`digestpost.held.<held>`)."""
    is_cut: bool = False
    """There is something in it that its reader may not see."""

    def cut(self, conversations: Sequence[Conversation]) -> "Digest":
        """With these of its conversations alone, and without figures that would tell of the others."""
        kept = tuple(conversations)
        if len(kept) == len(self.conversations):
            return replace(self, conversations=kept)
        return replace(self, conversations=kept, usual_count=None, usual_seconds=None, counts=(), is_cut=True)


@dataclass(frozen=True, slots=True)
class Card:
    """One conversation in one channel, posted as it came in, and edited when it changes."""

    channel: str
    conversation: str
    """Its id."""
    subscription: str
    """The id of the one that it was posted for."""
    posted_at: datetime
    ts: str = ""
    """Empty where it could not be posted, or may not be, and is not tried any more."""
    shown: str = ""
    """The fingerprint of the conversation that it shows."""
    seen: str = ""
    """That of the record that led to it, which may tell less of a conversation than asking for it alone does."""
    version: int = 0
    """How often it was changed."""
