"""Recordings shared in Slack, and their uploads to Kickscale."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypedDict


class UploadMode(StrEnum):
    """What the bot does with the recordings that people share in a channel."""

    OFF = "off"
    ON = "on"
    """Offer to upload them."""
    AUTO = "auto"
    """Upload them without asking, on the attestation that was given for the whole channel."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """Somebody's word that everyone on the recording has agreed to it."""

    by: str
    """A Slack user id, or the name that was given on the command line."""
    at: datetime


@dataclass(frozen=True, slots=True)
class ChannelUploads:
    """What was set for a channel."""

    channel: str
    mode: UploadMode = UploadMode.OFF
    attestation: Attestation | None = None
    """For `auto` only."""


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file in Slack."""

    id: str
    name: str
    size: int
    """Bytes."""
    mimetype: str = ""
    mode: str = ""
    """Slack's word for how it is stored: `hosted`, `external`, `tombstone`, `hidden_by_limit`, `file_access` …"""
    url: str = ""
    """Where its bytes are; empty if Slack has none."""
    user: str = ""
    """Who shared it."""
    created_at: datetime | None = None
    duration: float | None = None
    """Seconds. Slack gives it, and the language, only for clips that were recorded in Slack."""
    language: str = ""
    """A locale, for example `en-US`."""
    messages: Mapping[str, str] = field(default_factory=dict)
    """By channel: the ts of the latest message that it was shared in."""
    threads: Mapping[str, str] = field(default_factory=dict)
    """By channel: the ts of the thread where answers to that message belong."""


@dataclass(frozen=True, slots=True)
class SharedMessage:
    """A message in Slack, and the files in it."""

    channel: str
    ts: str
    thread_ts: str
    """Where answers belong: in the message's thread, or below the message itself."""
    user: str
    text: str = ""
    files: tuple[SlackFile, ...] = ()
    is_by_bot: bool = False


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
    """Where answers belong: in the message's thread, or below the message itself."""
    shared_by: str
    text: str
    """What the message said."""
    files: tuple[OfferedFile, ...]
    created_at: datetime
    is_declined: bool = False
    posted_ts: str = ""
    """The bot's message with the question; empty if there is none."""
    language: str = "en"
    """Of the bot's messages about it: that of the person who shared the recordings."""


class UploadState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    """In Kickscale, not analysed yet."""
    ANALYSED = "analysed"
    DUPLICATE = "duplicate"
    """The same recording was uploaded before: `same_as`."""
    ASKING = "asking"
    """Nobody knows whether it arrived, so a person is asked."""
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_under_way(self) -> bool:
        """Whether the bot is working on it, or will."""
        return self in {UploadState.QUEUED, UploadState.SENDING}

    @property
    def is_pending(self) -> bool:
        """Whether it may still arrive: it is under way, or a person has yet to say whether it did."""
        return self.is_under_way or self is UploadState.ASKING

    @property
    def has_call(self) -> bool:
        """Whether it became a call in Kickscale."""
        return self in {UploadState.SENT, UploadState.ANALYSED}

    @property
    def is_in_kickscale(self) -> bool:
        """Whether the recording is in Kickscale, by this upload or an earlier one."""
        return self.has_call or self is UploadState.DUPLICATE

    @property
    def can_be_repeated(self) -> bool:
        """Whether the same recording may be uploaded again."""
        return self in {UploadState.FAILED, UploadState.CANCELLED}

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it by itself, so that nobody fetches its recording any more."""
        return self.can_be_repeated or self in {UploadState.DUPLICATE, UploadState.ANALYSED}

    @property
    def may_be_fetched(self) -> bool:
        """Whether Kickscale may fetch the recording from the bot now."""
        return self in {UploadState.SENDING, UploadState.SENT, UploadState.ASKING}


UNDER_WAY = tuple(state for state in UploadState if state.is_under_way)
PENDING = tuple(state for state in UploadState if state.is_pending)
HAVE_CALL = tuple(state for state in UploadState if state.has_call)


@dataclass(frozen=True, slots=True)
class ApiWords:
    """What Kickscale's API says, unescaped; empty if it gives no reason."""

    text: str


@dataclass(frozen=True, slots=True)
class SizeLimit:
    bytes: int


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats that Kickscale accepts, as a list for people."""

    names: str


@dataclass(frozen=True, slots=True)
class Host:
    """A host that isn't one of Slack's."""

    name: str


@dataclass(frozen=True, slots=True)
class OtherRecording:
    """The recording that has to be finished first."""

    name: str


@dataclass(frozen=True, slots=True)
class SlackCode:
    """Slack's word for an error."""

    code: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What finds the cause in the log."""

    text: str


Detail = ApiWords | SizeLimit | Formats | Host | OtherRecording | SlackCode | Reference


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an upload failed, or why it isn't known whether it arrived."""

    reason: str
    """A key of the text catalogue: `upload.failed.<reason>` or `recording.refused.<reason>`."""
    detail: Detail | None = None

    @classmethod
    def of(cls, reason: str, words: str = "") -> "Failure":
        """Return the failure for a reason and the text that goes with it: what `words` means depends on the reason."""
        match reason:
            case "rejected" | "forbidden":
                return cls(reason, ApiWords(words))
            case "too_large" if words.isascii() and words.isdigit() and len(words) <= LONGEST_NUMBER:
                return cls(reason, SizeLimit(int(words)))
            case _ if not words:
                return cls(reason)
            case "format":
                return cls(reason, Formats(words))
            case "redirected":
                return cls(reason, Host(words))
            case "undecided":
                return cls(reason, OtherRecording(words))
            case "unexpected":
                return cls(reason, Reference(words))
            case _:
                return cls(reason, SlackCode(words))

    @property
    def words(self) -> str:
        """The detail as text, from which `of` makes the same failure."""
        match self.detail:
            case None:
                return ""
            case SizeLimit(count):
                return str(count)
            case ApiWords(text) | Reference(text) | Formats(text) | Host(text) | OtherRecording(text) | SlackCode(text):
                return text

    @property
    def is_by_api(self) -> bool:
        """Whether the API refused it, in words that may be about other conversations."""
        return isinstance(self.detail, ApiWords)


LONGEST_NUMBER = 18
"""Digits of a size that can be meant."""
UNANALYSED = "unanalysed"
"""`Upload.reason` of one that `is_unanalysed`."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A recording on its way to Kickscale, or there."""

    id: int
    source: str
    """A Slack file id, or `sha256:` and the hash of a recording on the disk. Each source is uploaded once."""
    name: str
    """The file's."""
    size: int
    """Bytes."""
    fields: Mapping[str, str]
    """The values of the bound upload operation's fields."""
    external_id: str
    """Our own stable key, sent if the operation has a field for it."""
    attestation: Attestation
    created_at: datetime
    state: UploadState = UploadState.QUEUED
    channel: str = ""
    """Empty for a recording from the disk."""
    thread_ts: str = ""
    sha256: str = ""
    call: str = ""
    """The id of the call in Kickscale, once known."""
    same_as: int | None = None
    """The upload that brought the same recording to Kickscale."""
    failure: Failure | None = None
    is_unanalysed: bool = False
    """It is in Kickscale, and the bot gave up waiting for its analysis after a day."""
    round: int = 0
    """How often it was started again: after a failure, a cancellation, or because a person said to send it again."""
    message_ts: str = ""
    """The bot's message that shows its progress; empty if none is posted yet."""
    cancelled_by: str = ""
    """Who pressed *Cancel*; a recording that had been sent completely by then is kept."""
    address: str = ""
    """The secret part of the address at which the bot serves the recording to the API."""
    address_until: datetime | None = None
    language: str = "en"
    """Of the bot's message about it: that of the person who uploaded it."""

    @property
    def reason(self) -> str:
        """One word for why it ended as it did; empty if its state says everything."""
        return UNANALYSED if self.is_unanalysed else self.failure.reason if self.failure else ""

    @property
    def is_from_disk(self) -> bool:
        return self.source.startswith("sha256:")


class UploadChanges(TypedDict, total=False):
    """What can be changed in an upload, by the names of its fields."""

    state: UploadState
    size: int
    sha256: str
    call: str
    same_as: int | None
    failure: Failure | None
    is_unanalysed: bool
    message_ts: str
    cancelled_by: str
    address: str
    address_until: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is that isn't over yet."""

    sent: int = 0
    """Bytes."""
    size: int = 0
    """Bytes."""
    rate: float | None = None
    """Bytes per second."""
    left: float | None = None
    """Seconds."""
    place: int = 0
    """Its place in the queue; 0 if it begins next."""
    step: Literal["queued", "checking", "sending", "asking", "retrying"] = "queued"
    """`checking`: it is read or compared, and not sent yet. `asking`: Kickscale is asked whether it arrived."""
    again_at: datetime | None = None
    """When it continues."""
    why: str = ""
    """Why it is tried again: a key of the text catalogue (`upload.why.<why>`)."""


@dataclass(frozen=True, slots=True)
class KnownRecording:
    """A recording that somebody asks for, and that was uploaded before, or is on its way."""

    first: Upload
    """The upload that brought it to Kickscale, or will."""
    address: str = ""
    """Where that is in Slack; empty if it isn't, or if those who read this may not know."""
    is_elsewhere: bool = False
    """It is in a channel that those who read this may not see: its name, place and person are kept from them."""
