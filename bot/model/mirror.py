"""The mirror: copies of Kickscale's conversations, what is looked for in it, and what is found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.model.conversation import Kind, Scope, Utterance


@dataclass(frozen=True, slots=True)
class Content:
    """What the words of a conversation are looked for in."""

    name: str = ""
    summary: str = ""
    points: str = ""
    """Action items, questions and insights, one a line."""
    people: str = ""
    """The names of the owner and of everybody who took part."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A conversation as it is copied."""

    kind: Kind
    id: str
    starts_at: datetime | None
    is_internal: bool
    domains: tuple[str, ...]
    owner: str
    """The owner's e-mail address, folded (see `bot.email_addresses`); empty if it isn't known."""
    people: frozenset[str]
    """The folded addresses of everybody who took part, and of the owner."""
    duration: int | None = None
    """Seconds."""
    type: str = ""
    language: str = ""
    direction: str = ""
    outcome: str = ""
    open_items: int = 0
    """How many action items aren't done."""
    questions: int = 0
    content: Content = Content()
    record: Mapping[str, Any] = field(default_factory=dict)
    """Kickscale's JSON, as far as it is copied."""
    version: str = ""
    """Kickscale's `updatedAt`, as it is written there."""
    is_consent_missing: bool = False
    """Whether nobody may read its transcript, whatever the settings say."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations are looked for. An empty field narrows nothing."""

    kind: Kind | None = None
    start: datetime | None = None
    """Those that began then or later. One whose start isn't known is never within a range."""
    end: datetime | None = None
    """Those that began before."""
    domains: tuple[str, ...] = ()
    """Normalised domains and patterns; one has to match."""
    scope: Scope = Scope.EXTERNAL
    owner: str = ""
    """A folded e-mail address."""
    type: str = ""
    language: str = ""
    """`de` is also `de-DE`."""
    direction: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that was found."""

    kind: Kind
    id: str
    is_internal: bool
    record: Mapping[str, Any]
    transcript: tuple[Utterance, ...] = ()
    """Only if the viewer may read it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, and how much there is in all."""

    hits: tuple[Hit, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What statistics need of a conversation."""

    kind: Kind
    id: str
    starts_at: datetime | None
    duration: int
    """Seconds; 0 if it isn't known."""
    owner: str
    domains: tuple[str, ...]
    type: str
    direction: str
    outcome: str
    open_items: int
    questions: int


@dataclass(frozen=True, slots=True)
class Total:
    """How many conversations there are, and how long they took."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class MirrorSize:
    conversations: int = 0
    transcripts: int = 0


@dataclass(frozen=True, slots=True)
class Freshness:
    """As of when some days are copied. Lists of these days are read one after another, so there isn't one moment."""

    newest: datetime | None
    """As of when the last of the days is known; None if it hasn't been read yet."""
    oldest: datetime | None
    """As of when the day is known that was read the longest time ago; None if none has been read yet."""
    days: int
    missing: int
    """How many of the days haven't been read yet."""


@dataclass(frozen=True, slots=True)
class MirrorState:
    size: MirrorSize
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Untranscribed:
    """A conversation whose transcript hasn't been copied as it is now."""

    kind: Kind
    id: str
    version: str
    """Kickscale's `updatedAt`: when this changes, the transcript is read again."""
