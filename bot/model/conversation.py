"""Meetings and calls, as Kickscale holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Kickscale's two kinds of conversation."""

    CALL = "call"
    MEETING = "meeting"


class Scope(StrEnum):
    """Which conversations are asked for. The API's own default is `external` alone."""

    EXTERNAL = "external"
    INTERNAL = "internal"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Owner:
    """The rep whose conversation it is. Any part may be unknown; without `expand` all of it is."""

    id: str = ""
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Participant:
    name: str = ""
    email: str = ""
    talk_share: float | None = None
    """The part of the talking time, 0 to 1. Personal: shown to the owner of the conversation alone."""


@dataclass(frozen=True, slots=True)
class ActionItem:
    text: str
    owner: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Insight:
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A personal figure such as words per minute. Shown to the owner of the conversation alone."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Utterance:
    text: str
    speaker: str = ""
    at: float | None = None
    """Seconds from the start."""


@dataclass(frozen=True, slots=True)
class EmailDraft:
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Deal:
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A meeting or a call, read leniently: whatever was missing or of another shape is empty here."""

    id: str
    kind: Kind
    name: str = ""
    starts_at: datetime | None = None
    duration: int | None = None
    """Seconds."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    summary: str = ""
    owner: Owner = Owner()
    customer_domains: tuple[str, ...] = ()
    """Normalised (see `bot.domains`)."""
    participants: tuple[Participant, ...] = ()
    action_items: tuple[ActionItem, ...] = ()
    questions: tuple[str, ...] = ()
    insights: tuple[Insight, ...] = ()
    metrics: tuple[Metric, ...] = ()
    transcript: tuple[Utterance, ...] = ()
    comments: tuple[str, ...] = ()
    email_draft: EmailDraft | None = None
    deal: Deal | None = None
    type: str = ""
    language: str = ""
    outcome: str = ""
    direction: str = ""
    """`inbound`, `outbound`, or empty; calls alone have one."""
    caller: str = ""
    callee: str = ""
    rating: str = ""
    feedback: str = ""
    consent: str = ""
    """To the recording: `yes`, `no`, `unclear`, or empty where Kickscale says nothing of it."""
    recording_url: str = ""
    is_internal: bool = False
    """Not among the external ones: no customer took part."""
    is_withheld: bool = False
    """Its content is kept from those to whom it is shown."""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The untouched JSON."""

    @property
    def is_analysed(self) -> bool:
        """Whether Kickscale has analysed it by now."""
        return bool(self.summary or self.action_items or self.insights)

    @property
    def is_consent_missing(self) -> bool:
        """Whether the record speaks of consent to the recording and isn't a clear yes; False if it says nothing."""
        return self.consent not in ("", "yes")


@dataclass(frozen=True, slots=True)
class Page:
    """One response of a list operation."""

    conversations: tuple[Conversation, ...]
    received: int
    """How many records the response held, readable or not."""
    unreadable: int = 0
    total: int | None = None
    """`meta.total`, where the response has one."""


@dataclass(frozen=True, slots=True)
class Found:
    """All pages of one question to the API, merged by id, newest first."""

    conversations: tuple[Conversation, ...]
    unreadable: int = 0
