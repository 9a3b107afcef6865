"""Meetings and calls, as they are in Kickscale."""

import copy
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """Kickscale's two kinds of conversation."""

    CALL = "call"
    MEETING = "meeting"


class Scope(StrEnum):
    """Which conversations are asked for. The API's default is `external`."""

    EXTERNAL = "external"
    INTERNAL = "internal"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Owner:
    """The rep whose conversation it is. Any field may be unknown; without `expand` all of them are."""

    id: str = ""
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Participant:
    name: str = ""
    email: str = ""
    talk_share: float | None = None
    """The share of the talking time, from 0 to 1. Personal: only the owner of the conversation sees their own."""


@dataclass(frozen=True, slots=True)
class ActionItem:
    text: str
    owner: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Insight:
    title: str
    text: str = ""
    quote: str = ""
    """What somebody said, word for word: part of the transcript, and only for people who may read that."""
    speaker: str = ""
    utterance_id: str = ""
    """The utterance that the quote is from."""
    at: float | None = None
    """Seconds since the start; only known together with the transcript."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A personal figure, e.g. words per minute. Only the owner of the conversation sees it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Utterance:
    text: str
    speaker: str = ""
    at: float | None = None
    """Seconds since the start."""
    id: str = ""


@dataclass(frozen=True, slots=True)
class EmailDraft:
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Deal:
    name: str
    url: str = ""


@dataclass(frozen=True)
class Conversation:
    """A meeting or a call. Fields that were missing or malformed in Kickscale's answer are empty.

    One that comes from Kickscale reads most fields when they are first looked at (see `bot.kickscale.records`).
    """

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
    """`inbound`, `outbound`, or empty; only calls have one."""
    caller: str = ""
    callee: str = ""
    rating: str = ""
    feedback: str = ""
    consent: str = ""
    """To the recording: `yes`, `no`, `unclear`, or empty if Kickscale doesn't mention it."""
    recording_url: str = ""
    is_internal: bool = False
    """Kickscale doesn't list it as external: no customer took part."""
    is_withheld: bool = False
    """Its content is left out, since not everybody in the channel may see it."""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The JSON as it was received."""

    @property
    def is_analysed(self) -> bool:
        """Whether Kickscale has analysed it."""
        return bool(self.summary or self.action_items or self.insights)

    @property
    def is_consent_missing(self) -> bool:
        """Whether the record mentions consent to the recording without a clear yes; False if it doesn't mention it."""
        return self.consent not in ("", "yes")

    def copy(self) -> Self:
        """Return a copy to look at, if this one stays in memory: a conversation keeps what is read of its JSON."""
        return self.replace(raw=copy.copy(self.raw))

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values, like `dataclasses.replace`, which would read every field for it."""
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Page:
    """One response of a list operation."""

    conversations: tuple[Conversation, ...]
    received: int
    """How many records the response held, readable or not."""
    unreadable: int = 0
    total: int | None = None
    """`meta.total`, if the response has one."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All pages of one list operation, merged by id, newest first."""

    conversations: tuple[Conversation, ...]
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class ListRead:
    """What was just read from Kickscale's API, whoever asked for it."""

    kind: Kind
    conversations: tuple[Conversation, ...]
    took: float
    """Seconds from the question to the answer."""
    scope: Scope | None = None
    """The scope of the list; None for a single conversation, of which the API doesn't say it."""
    start: datetime | None = None
    """If it was all that began from here to `end`; None if it was a part of that, or of some customers."""
    end: datetime | None = None
