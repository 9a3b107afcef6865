"""Subscriptions, and what is posted for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Literal, TypedDict

from bot.model.conversation import Conversation

ASKED = "asked"
"""`Subscription.paused` if somebody paused it."""


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
    """The Slack user who made it; empty once that person was erased."""
    created_at: datetime
    since: datetime
    """Nothing that began before this moment is posted."""
    due_after: datetime
    """Every digest that was due up to this moment has its job."""
    live: bool = False
    """Each conversation is posted as it comes in; the next three fields are then unused."""
    at: time = time(8, 30)
    days: tuple[int, ...] = ()
    """0 is Monday; empty means every day."""
    empty: bool = False
    """Post even if nothing happened."""
    paused: str = ""
    """Why it is paused: ASKED, or Slack's own word for why the channel can't be posted in. Empty if it isn't."""
    since_of: Mapping[str, datetime] = field(default_factory=dict)
    """What `since` is for patterns that were added later, and for those that a wider pattern replaced."""
    language: str = "en"
    """Of its digests and cards, as in `bot.texts.languages`."""


class SubscriptionFields(TypedDict, total=False):
    """The fields of a Subscription that can be edited."""

    channel: str
    domains: tuple[str, ...]
    timezone: str
    created_by: str
    live: bool
    at: time
    days: tuple[int, ...]
    empty: bool
    language: str


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """A change to one subscription."""

    before: Subscription
    after: Subscription | None
    """None if it was removed."""


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What is wrong with one input of the subscription form."""

    reason: str
    """A key of the text catalogue: `digest.form.error.<reason>`."""
    word: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """The day and the moment of a digest."""

    day: date
    """The local day; a subscription has one digest a day."""
    at: datetime
    """The moment, in UTC."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The digests of a subscription that are still to come."""

    due: Due
    """The next one."""
    trying: Due | None = None
    """The one before it, if it is due and still being retried."""


Retrial = Literal["trying", "posted", "quiet", "covered", "paused"]
"""What became of the wish to try a failed digest again: a later one may have `covered` its time."""


class DigestState(StrEnum):
    BEGUN = "begun"
    """What it lists has been chosen."""
    POSTED = "posted"
    QUIET = "quiet"
    """Nothing happened, and nothing was posted."""
    FAILED = "failed"
    """It could not be made in time, and the channel was told so."""
    DROPPED = "dropped"
    """It was not posted: the subscription was paused or changed, or nobody may see it."""


@dataclass(frozen=True, slots=True)
class DigestRow:
    """The outcome of one digest."""

    subscription: str
    day: date
    due_at: datetime
    state: DigestState
    conversations: tuple[str, ...] = ()
    """The ids of the conversations that it lists, in order: chosen once, before anything is posted."""
    ts: str = ""
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """The content of one digest."""

    subscription: Subscription
    day: date
    """The local day."""
    start: datetime
    """The moment of the digest before."""
    end: datetime
    """The moment at which it was due: nothing in it began later."""
    conversations: tuple[Conversation, ...]
    """Newest first. Some may have begun before `start`, if Kickscale had them only later."""
    usual_count: float | None = None
    """How many conversations there usually are in a period of this length; None if too little is known."""
    usual_seconds: float | None = None
    """How long they are in total."""
    counts: tuple[tuple[date, int], ...] = ()
    """How many conversations began on each local day from `start` to `end`, oldest first."""
    posted_late: bool = False
    """The bot was down when it was due."""
    held: str = ""
    """Why it goes to the subscription's creator and not to its channel: a key, `digestpost.held.<held>`."""
    is_cut: bool = False
    """Something was left out that its reader may not see."""

    def cut(self, conversations: Sequence[Conversation]) -> "Digest":
        """Return the digest with only these conversations, and without figures that would reveal the others."""
        visible = tuple(conversations)
        if len(visible) == len(self.conversations):
            return replace(self, conversations=visible)
        return replace(self, conversations=visible, usual_count=None, usual_seconds=None, counts=(), is_cut=True)


@dataclass(frozen=True, slots=True)
class DigestPreview:
    """What a digest would contain now."""

    digest: Digest
    without: tuple[Subscription, ...] = ()
    """The subscriptions that somebody asked about, if none of them has a digest to come. Then `digest` is what a new
    subscription would get."""
    is_earlier: bool = False
    """It is the digest of the last full period, because the first one to come would be empty so far."""


@dataclass(frozen=True, slots=True)
class Card:
    """One conversation in one channel: posted as it came in, and edited when it changes."""

    channel: str
    conversation: str
    """Its id."""
    subscription: str
    """The id of the subscription that it was posted for."""
    posted_at: datetime
    ts: str = ""
    """Empty if it couldn't or may not be posted; that isn't tried again."""
    shown: str = ""
    """The fingerprint of the conversation as the card shows it."""
    seen: str = ""
    """The fingerprint of the conversation as a list or the webhook gave it, which may hold less than its own record."""
    version: int = 0
    """How often the card was changed."""
