"""Recordings shared in Slack, and their uploads to Kickscale."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class UploadMode(StrEnum):
    """What the bot does with recordings that are shared in a channel."""

    OFF = "off"
    ON = "on"
    """Offer to upload each."""
    AUTO = "auto"
    """Upload each unasked, on the attestation that was given for the channel."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """That everyone on the recording has agreed to it: who said so, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChannelUploads:
    """How a channel was set."""

    channel: str
    mode: UploadMode = UploadMode.OFF
    attestation: Attestation | None = None
    """For `auto` alone."""


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file as Slack tells of it."""

    id: str
    name: str
    size: int
    """Bytes."""
    mimetype: str = ""
    mode: str = ""
    """Slack's word for how it is held: `hosted`, `external`, `tombstone`, `hidden_by_limit`, `file_access` …"""
    url: str = ""
    """Where its bytes are; empty where Slack has none."""
    user: str = ""
    """Who shared it."""
    created_at: datetime | None = None
    duration: float | None = None
    """Seconds; told for clips that were recorded in Slack alone, as is the language."""
    language: str = ""
    """A locale such as `en-US`."""
    messages: Mapping[str, str] = field(default_factory=dict)
    """By channel, the ts of the message that it was shared in, the latest."""
    threads: Mapping[str, str] = field(default_factory=dict)
    """By channel, the ts that answers to that message belong under."""


@dataclass(frozen=True, slots=True)
class SharedMessage:
    """A message in Slack, and the files in it."""

    channel: str
    ts: str
    thread_ts: str
    """Where answers belong: the thread of the message, or the message itself."""
    user: str
    text: str = ""
    files: tuple[SlackFile, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferedFile:
    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Recordings shared in one message, and the question whether to upload them."""

    id: str
    channel: str
    message_ts: str
    thread_ts: str
    """Where answers belong: the thread of the message, or the message itself."""
    shared_by: str
    text: str
    """What the message said."""
    files: tuple[OfferedFile, ...]
    created_at: datetime
    is_declined: bool = False
    posted_ts: str = ""
    """The bot's own message that offers it; empty where there is none."""


class UploadState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    """In Kickscale, not analysed yet."""
    ANALYSED = "analysed"
    DUPLICATE = "duplicate"
    """The same recording was uploaded before: `same_as`."""
    ASKING = "asking"
    """Whether it arrived is not known, and a person is asked."""
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Upload:
    """A recording on its way to Kickscale, or there."""

    id: int
    source: str
    """A Slack file id, or for a recording on the disk `sha256:` and its hash. Each is uploaded once."""
    name: str
    """The file's."""
    size: int
    """Bytes."""
    fields: Mapping[str, str]
    """The values of the bound upload operation's fields."""
    external_id: str
    """Our own stable key, sent where the operation has a field for it."""
    attestation: Attestation
    created_at: datetime
    state: UploadState = UploadState.QUEUED
    channel: str = ""
    thread_ts: str = ""
    sha256: str = ""
    call: str = ""
    """The id of the call in Kickscale, once known."""
    same_as: int | None = None
    reason: str = ""
    """Why it failed: a key of the text catalogue (`upload.failed.<reason>`)."""
    words: str = ""
    """The API's own words for it."""
    round: int = 0
    """How often it was promised anew: after a failure, a cancellation, or when a person said to send it again."""
    message_ts: str = ""
    """The bot's own message that tells how it is going; empty where none is posted yet."""
    cancelled_by: str = ""
    """Who pressed *Cancel*; what was sent completely by then is kept."""
    address: str = ""
    """The secret part of the address at which the bot serves the recording, where the API fetches it."""
    address_until: datetime | None = None
