"""The outbox: posts each message once, whatever happens in between.

Before a message is posted, its job notes that it is about to be. A later attempt that finds this note looks in Slack
for a message with the same key in its metadata. What is there is recorded in the ledger of messages, from which `erase`
and `why` read.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Self

from typing_extensions import TypeVar

from bot.clock import Clock
from bot.errors import SlackError
from bot.model.audit import AuditRow
from bot.model.conversation import Conversation
from bot.model.job import Job, Note
from bot.model.messages import Posted
from bot.slack.client import Slack
from bot.slack.payloads import Payload
from bot.storage.stores import Ledger

NOTICE = "notice"
INVALID_BLOCKS = "invalid_blocks"
"""Slack's word for blocks that it doesn't know, or not like this (https://docs.slack.dev/reference/methods/chat.postMessage)."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Which conversations and which customers a message is about."""

    conversations: tuple[str, ...] = ()
    """Their ids."""
    domains: tuple[str, ...] = ()
    """The domains of the conversations, and any others that the text names; they may be patterns."""

    @classmethod
    def of(cls, conversations: Sequence[Conversation], named: Iterable[str] = ()) -> Self:
        """Return what a message with these conversations is about; `named` are other domains that its text names."""
        domains = (*named, *(domain for conversation in conversations for domain in conversation.customer_domains))
        return cls(
            conversations=tuple(conversation.id for conversation in conversations),
            domains=tuple(dict.fromkeys(domains)),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the outbox. Its key makes it one: the same key is posted and recorded once."""

    key: str
    kind: str
    """For the ledger: `share`, `card`, `digest` …"""
    event_type: str
    """The event type of the message's metadata, which holds the key."""
    channel: str
    since: datetime
    """It can't have been posted before this moment."""
    thread_ts: str = ""
    by: str = ""
    """The Slack user who asked for it or, in a direct message, who gets it; otherwise the subscription's id."""
    upload: int | None = None
    """The id of the upload that it is about."""
    is_upload_message: bool = False
    """Whether it is the upload's own message, which shows its progress in the recording's thread."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be posted, and what that is about."""

    payload: Payload
    subjects: Subjects = Subjects()
    fallback: Payload | None = None
    """Posted in its place if Slack refuses the blocks of `payload`."""


@dataclass(frozen=True, slots=True)
class PostProgress:
    """The progress of a job that posts one message."""

    posting: bool = False
    """An attempt was about to post it: it may be there."""
    to: str = ""
    """The channel, if the job had to find it out: a direct message's."""
    conversations: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def subjects(self) -> Subjects:
        return Subjects(self.conversations, self.domains)


@dataclass(frozen=True, slots=True)
class SeriesProgress:
    """The progress of a job that posts a message and the rest in its thread."""

    channel: str = ""
    """Where they are posted."""
    posted: tuple[str, ...] = ()
    """The ts of every message that is there."""
    shown: tuple[int, ...] = ()
    """Which conversations these messages show, by their places in the job's list."""
    posting: int | None = None
    """The number of the message that an attempt was about to post: it may be there."""
    showing: tuple[int, ...] = ()
    """Which conversations that message shows, by place; the next two fields are its subjects."""
    conversations: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


Q = TypeVar("Q", bound=PostProgress, default=PostProgress)
S = TypeVar("S", bound=SeriesProgress, default=SeriesProgress)


class Outbox:
    def __init__(self, slack: Slack, ledger: Ledger, clock: Clock) -> None:
        self._slack = slack
        self._ledger = ledger
        self._clock = clock

    async def post_once(
        self,
        job: Job[Any, Q],
        note: Note[Q],
        entry: Entry,
        compose: Callable[[], Awaitable[Draft | None]],
        *,
        audit: Callable[[Subjects], AuditRow] | None = None,
    ) -> str | None:
        """Post a job's one message, unless an earlier attempt did, and record it; return its ts.

        `compose` is asked only if the message isn't there yet. It returns None if there is nothing to post any more,
        and then so does this. `audit` makes the row that is written down with the message. Raises SlackError, and
        whatever `compose` raises.
        """
        if job.progress.posting and (ts := await self.find(entry)) is not None:
            about = job.progress.subjects
            await self.record(entry, ts, about, audit=audit(about) if audit is not None else None)
            return ts
        draft = await compose()
        if draft is None:
            return None
        about = draft.subjects
        await note(
            replace(
                job.progress,
                posting=True,
                to=entry.channel,
                conversations=about.conversations,
                domains=about.domains,
            )
        )
        ts = await self.send(entry, draft.payload, draft.fallback)
        await self.record(entry, ts, about, audit=audit(about) if audit is not None else None)
        return ts

    async def find(self, entry: Entry) -> str | None:
        """Return the ts of the message if it was posted. For recovery after a crash only. Raises SlackError."""
        return await self._slack.messages.find_posted(
            entry.channel, entry.event_type, entry.key, entry.since, thread_ts=entry.thread_ts
        )

    async def send(self, entry: Entry, payload: Payload, fallback: Payload | None = None) -> str:
        """Post the message, which the caller has noted, and return its ts. Raises SlackError.

        `fallback` is posted in its place if Slack refuses the blocks of `payload`.
        """
        metadata = {"event_type": entry.event_type, "event_payload": {"key": entry.key}}
        try:
            return await self._slack.messages.post(
                entry.channel, {**payload, "metadata": metadata}, thread_ts=entry.thread_ts
            )
        except SlackError as exc:
            if exc.code != INVALID_BLOCKS or fallback is None:
                raise
        return await self.send(entry, fallback)

    async def record(
        self, entry: Entry, ts: str, subjects: Subjects, *, audit: AuditRow | None = None, file: str = ""
    ) -> bool:
        """Write down that the message is there, with an `audit` row; False if it was recorded before.

        `file` is the Slack file's id if the message is a file.
        """
        posted = Posted(
            channel=entry.channel,
            ts=ts,
            kind=entry.kind,
            key=entry.key,
            conversations=subjects.conversations,
            posted_at=self._clock.now(),
            by=entry.by,
            file=file,
            domains=subjects.domains,
            upload=entry.upload,
            is_upload_message=entry.is_upload_message,
        )
        return await self._ledger.add(posted, audit)

    async def notify(
        self, user: str, payload: Payload, conversations: Iterable[str] = (), domains: Iterable[str] = ()
    ) -> None:
        """Tell one person something by direct message, when no better place remains, and record it.

        This is not promised: a kill in between loses it or repeats it. Raises SlackError.
        """
        channel = await self._slack.channels.open_dm(user)
        ts = await self._slack.messages.post(channel, payload)
        entry = Entry(f"{NOTICE}:{channel}:{ts}", NOTICE, "", channel, self._clock.now(), by=user)
        await self.record(entry, ts, Subjects(tuple(conversations), tuple(domains)))


class MessageSeries(Generic[S]):
    """The messages of one job, each posted once: the first in a channel, the rest in its thread.

    They are numbered from 0. Before a message is posted, the job notes which ones are there and what this one shows. So
    after a crash, the next attempt knows what was posted, even if there would be something else to post by now.
    """

    def __init__(self, outbox: Outbox, entry: Entry, progress: S) -> None:
        """All messages share `entry`, but the number or the name of a message is appended to its key."""
        self._outbox = outbox
        self._entry = entry
        self.progress = progress
        """The job's progress, as it will be noted next."""

    @property
    def channel(self) -> str:
        return self._entry.channel

    @property
    def first_ts(self) -> str:
        """The ts of the message in the channel; empty if none is posted yet."""
        return self.progress.posted[0] if self.progress.posted else ""

    def entry(self, name: str | int) -> Entry:
        return replace(self._entry, key=f"{self._entry.key}:{name}", thread_ts=self.first_ts)

    async def recover(self) -> None:
        """Find out whether the message that an earlier attempt was about to post is there. Raises SlackError."""
        progress = self.progress
        if progress.posting != len(progress.posted):
            return
        ts = await self._outbox.find(self.entry(progress.posting))
        if ts is not None:
            await self._add(ts)

    async def post(self, note: Note[S], draft: Draft, showing: Iterable[int] = ()) -> None:
        """Post the next message, which shows the conversations at these places. Raises SlackError."""
        number = len(self.progress.posted)
        self.progress = replace(
            self.progress,
            channel=self.channel,
            posting=number,
            showing=tuple(showing),
            conversations=draft.subjects.conversations,
            domains=draft.subjects.domains,
        )
        await note(self.progress)
        await self._add(await self._outbox.send(self.entry(number), draft.payload, draft.fallback))

    async def _add(self, ts: str) -> None:
        progress = self.progress
        subjects = Subjects(progress.conversations, progress.domains)
        await self._outbox.record(self.entry(len(progress.posted)), ts, subjects)
        self.progress = replace(progress, posted=(*progress.posted, ts), shown=(*progress.shown, *progress.showing))
