"""What the parts of the bot hand one another. Frozen, and free of Slack, HTTP and SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Literal


class Kind(StrEnum):
    """Kickscale's two kinds of conversation."""

    CALL = "call"
    MEETING = "meeting"


class Scope(StrEnum):
    """Which conversations are asked for. The API's own default is `external` alone."""

    EXTERNAL = "external"
    INTERNAL = "internal"
    ALL = "all"


# ---- what Kickscale holds ------------------------------------------------------------------------------------------


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


# ---- what a person asks --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days in the asker's time zone, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list beside domains and days. An empty one narrows nothing."""

    owner_user: str = ""
    """A Slack user id."""
    owner_email: str = ""
    scope: Scope = Scope.EXTERNAL
    type: str = ""
    language: str = ""
    direction: str = ""
    outcome: str = ""
    words: tuple[str, ...] = ()
    """Each must appear in the name or the summary."""
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class ListCommand:
    kind: Kind
    days: Days
    domains: tuple[str, ...] = ()
    """Normalised; `*.acme.com` is acme.com and all below it. None means any customer."""
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class ShowCommand:
    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class DigestAddCommand:
    domains: tuple[str, ...]
    at: time | None = None
    days: tuple[int, ...] = ()
    """0 is Monday; none means every day."""
    timezone: str = ""
    empty: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True)
class DigestCommand:
    """`list`, or `remove`, `pause`, `resume`, `preview` of a domain or a subscription id."""

    action: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class UploadsCommand:
    """`on`, `auto`, `off` or `status`."""

    action: str


@dataclass(frozen=True, slots=True)
class SearchCommand:
    words: tuple[str, ...]
    days: Days
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatsCommand:
    days: Days
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WhyCommand:
    id: str


@dataclass(frozen=True, slots=True)
class StatusCommand:
    pass


@dataclass(frozen=True, slots=True)
class HelpCommand:
    topic: str = ""


Command = (
    ListCommand
    | ShowCommand
    | DigestAddCommand
    | DigestCommand
    | UploadsCommand
    | SearchCommand
    | StatsCommand
    | WhyCommand
    | StatusCommand
    | HelpCommand
)


@dataclass(frozen=True, slots=True)
class Question:
    """A list that was asked for, kept so that its buttons work after a restart."""

    id: str
    command: ListCommand | ShowCommand
    timezone: str
    """The asker's: it decides which instants the days cover."""
    user: str
    channel: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a list."""

    shown: tuple[Conversation, ...]
    total: int
    page: int
    """From 0."""
    pages: int
    unreadable: int = 0
    """How many records could not be read; 0 for whom it is no business, since they may be others'."""
    latest: Conversation | None = None
    """The newest one there is, looked for where nothing was found."""


# ---- who asks ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user, as `users.info` tells it."""

    id: str
    team: str
    name: str = ""
    email: str = ""
    timezone: str = ""
    """An IANA name, or empty where Slack gives none."""
    is_guest: bool = False
    is_bot: bool = False
    is_deleted: bool = False
    is_outside: bool = False
    """Of another workspace (Slack Connect)."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks for something, and where."""

    person: Person
    channel: str
    """Empty where it is not known: then they may have what is for no certain channel."""
    groups: frozenset[str] = frozenset()
    """Those of their user groups that the settings name."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who sees what is posted in a channel: people, no bots."""

    people: tuple[Person, ...]
    is_shared: bool = False
    """With another company, or about to be."""


# ---- recordings ----------------------------------------------------------------------------------------------------


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


# ---- digests -------------------------------------------------------------------------------------------------------


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


# ---- what the bot does ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of the bot's own in Slack, and which conversations are in it."""

    channel: str
    ts: str
    kind: str
    """`share`, `transcript`, …"""
    key: str
    """The effect's own key: the same effect is never recorded twice."""
    conversations: tuple[str, ...]
    posted_at: datetime
    by: str = ""
    """The Slack user who asked for it or, in a direct message, whom it is for; else the subscription's id."""
    file: str = ""
    """The Slack file id, where the message is a file."""
    domains: tuple[str, ...] = ()
    """The customer domains of these conversations, and those that the text names besides. As patterns too."""


class AuditKind(StrEnum):
    """What the audit remembers: one chain each, as each may be kept for another time."""

    ASKED = "asked"
    """Who asked what, from where, how many records were shown."""
    USED = "used"
    """A capability: `transcript`, `recording`, `share` …"""
    ATTESTED = "attested"
    """That everyone on a recording, or on each of a channel, has agreed."""
    REFUSED = "refused"
    CHANGED = "changed"
    """Subscriptions, and what a channel does with recordings."""
    HELD = "held"
    """What was not posted, or without its content, because of who is listening."""
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that is remembered. It holds ids and our own words: no name, no domain, no text of anybody's."""

    kind: AuditKind
    number: int
    """From 1, without a gap within its kind."""
    at: datetime
    by: str
    """A Slack user id, empty for the bot itself, or `command line`."""
    channel: str
    """A Slack channel id, or empty."""
    what: str
    """A short word of ours: `calls`, `transcript`, `guest`, `digest` …"""
    conversations: tuple[str, ...]
    """Their ids."""
    count: int
    """How many records were shown, or erased."""
    hash: str = ""
    """SHA-256 over the hash of the row before and this row, in hexadecimal; empty as long as it is not written."""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the chain of a kind ends, and where it was cut: number 0 and no hash where there is no such row."""

    kind: AuditKind
    number: int = 0
    hash: str = ""
    cut_number: int = 0
    """Of the last row that was removed for its age: the one after it is the first that is kept."""
    cut_hash: str = ""


class About(StrEnum):
    DOMAIN = "domain"
    CONVERSATION = "conversation"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what is to be forgotten."""

    about: About
    values: tuple[str, ...]
    """Normalised domains and patterns, ids of conversations, or ids of Slack users."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What the bot keeps of a subject, or for too long. Rows go by their ids."""

    messages: Mapping[int, Posted] = field(default_factory=dict)
    shared: int = 0
    """How many of the messages are about others too."""
    conversations: tuple[str, ...] = ()
    """The ids of what is in the messages."""
    questions: tuple[str, ...] = ()
    jobs: tuple[int, ...] = ()
    offers: tuple[str, ...] = ()
    uploads: tuple[int, ...] = ()
    """Whose name and details are kept. What de-duplication needs of them stays."""
    cards: tuple[tuple[str, str], ...] = ()
    """By channel and conversation, of which the ids stay: it is not posted again."""
    channels: tuple[str, ...] = ()
    """That upload without asking on the word of a person who is to be forgotten."""
    subscriptions: tuple[str, ...] = ()
    """That have nothing of their own left to post."""
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Subscriptions and the domains that they keep."""
    orphaned: tuple[str, ...] = ()
    """Subscriptions that stay, with nobody as their maker."""
    under_way: tuple[str, ...] = ()
    """What can't be removed yet, as it is being done; in words."""

    @property
    def copies(self) -> Mapping[str, int]:
        """How many rows there are, by what they are of."""
        found = {
            "questions": self.questions,
            "jobs": self.jobs,
            "offers": self.offers,
            "uploads": self.uploads,
            "cards": self.cards,
            "channels": self.channels,
            "subscriptions": (*self.subscriptions, *self.narrowed, *self.orphaned),
        }
        return {name: len(rows) for name, rows in found.items() if rows}


Reason = Literal[
    "domain",
    "no_domain",
    "internal",
    "no_start",
    "before",
    "before_live",
    "paused",
    "too_old",
    "too_old_live",
    "unanalysed",
    "unanalysed_live",
    "trying",
    "due",
    "live_soon",
    "posting",
    "posting_live",
    "held",
    "held_soon",
    "held_not",
    "deleted",
    "given_up",
    "failed",
    "dropped",
    "listed",
]
"""Why a subscription has not posted a conversation, or that it has."""
HELD: frozenset[Reason] = frozenset(("held", "held_soon", "held_not"))
"""It was held from its channel, for whoever made the subscription."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why one subscription has not posted it, or has."""

    subscription: Subscription
    reason: Reason
    at: datetime | None = None
    """When it is due, or was."""
    held: str = ""
    """Because of whom it goes, or went, to whoever made the subscription instead: see `bot.audience.Judgement.why`."""


@dataclass(frozen=True, slots=True)
class Explanation:
    id: str
    conversation: Conversation | None
    """None where Kickscale has none with this id any more."""
    posted: tuple[Posted, ...]
    """Oldest first; without what is in others' direct messages."""
    verdicts: tuple[Verdict, ...]
    """Of the subscriptions of the channel in which it was asked."""
    remembered: tuple[AuditRow, ...] = ()
    """When it was held from a channel, and when it was erased; oldest first."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something promised: on disk before it is promised, done once, going on after a kill."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    progress: Mapping[str, Any] = field(default_factory=dict)
    """What an earlier attempt noted before it acted."""
    deaths: int = 0
    """How many attempts ended without a word: with their process, or silent for longer than their lease."""
