"""The kinds of jobs of digests and live cards, and what each job stores.

The names and fields are in the databases of running bots, so none is renamed: see JobKind.
"""

from dataclasses import dataclass
from datetime import date, datetime

from bot.jobs.outbox import SeriesProgress
from bot.model.conversation import Kind
from bot.model.digests import Due
from bot.model.job import Job, JobKind, Note


@dataclass(frozen=True, slots=True)
class DigestPayload:
    subscription: str
    """Its id."""
    day: date
    at: datetime
    longest: datetime | None = None
    """The start of the longest digest that is due at this moment: all of them share one window."""
    over: str = ""
    """If somebody tries a failed digest again: the ts of the message that it failed. The digest replaces that row."""

    @property
    def due(self) -> Due:
        return Due(self.day, self.at)


@dataclass(frozen=True, slots=True)
class DigestProgress(SeriesProgress):
    held: str = ""
    """Why it goes to the subscription's creator and not to its channel."""
    to: str = ""
    """The channel of the creator's direct message; empty if they may not have it either, or if it isn't held."""
    failing: bool = False
    """An attempt was about to say that there is no digest."""
    pausing: str = ""
    """An attempt was about to pause the subscription: Slack's word for why."""


@dataclass(frozen=True, slots=True)
class PausedPayload:
    subscription: str
    """Its id."""


@dataclass(frozen=True, slots=True)
class CardPayload:
    kind: Kind
    id: str
    """The conversation's id."""
    channel: str
    seen: str = ""
    """The conversation's fingerprint when the job was promised."""


@dataclass(frozen=True, slots=True)
class CardProgress:
    posting: bool = False
    """An attempt was about to post the card: it may be there."""
    subscription: str = ""
    """The id of the subscription that it is posted for."""
    domains: tuple[str, ...] = ()
    """The conversation's customers."""


DIGEST = JobKind("digest", DigestPayload, DigestProgress)
PAUSED = JobKind("digest_paused", PausedPayload, SeriesProgress)
CARD = JobKind("card", CardPayload, CardProgress)

DigestJob = Job[DigestPayload, DigestProgress]
DigestNote = Note[DigestProgress]
CardJob = Job[CardPayload, CardProgress]
CardNote = Note[CardProgress]


def digest_keys(subscription: str) -> str:
    """Return how the keys of all digest jobs of a subscription begin."""
    return f"{DIGEST.name}:{subscription}:"


DIGEST_EVENT = "kickscale_digest"
"""The event type in the metadata of a digest's messages, by which they are found again."""
