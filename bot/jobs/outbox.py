"""The outbox: posts each message once, whatever happens in between.

Before a message is posted, its job notes that it is about to be. A later attempt that finds this note looks in Slack
for a message with the same key in its metadata. What is there is recorded in the ledger of messages, from which `erase`
and `why` read.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from bot.clock import Clock
from bot.model.audit import AuditRow
from bot.model.job import Job, Note
from bot.model.messages import Posted
from bot.slack.client import Payload, Slack
from bot.storage.stores import Ledger

NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Subjects:
    """Which conversations and which customers a message is about."""

    conversations: tuple[str, ...] = ()
    """Their ids."""
    domains: tuple[str, ...] = ()
    """Those of the conversations, and those that the text names besides; patterns too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the outbox. Its key makes it one: the same key is posted and recorded once."""

    key: str
    kind: str
    """For the ledger: `share`, `card`, `digest` …"""
    event_type: str
    """Of the message's metadata, where its key stands."""
    channel: str
    since: datetime
    """It can't have been posted before."""
    thread_ts: str = ""
    by: str = ""
    """The Slack user who asked for it or, in a direct message, who gets it; otherwise the subscription's id."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be posted, and what that is about."""

    payload: Payload
    subjects: Subjects = Subjects()


@dataclass(frozen=True, slots=True)
class PostProgress:
    """The progress of a job that posts one message."""

    posting: bool = False
    """An attempt was about to post it: it may be there."""
    to: str = ""
    """The channel, where the job itself found it out: a direct message."""
    conversations: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def subjects(self) -> Subjects:
        return Subjects(self.conversations, self.domains)


Q = TypeVar("Q", bound=PostProgress)


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
    ) -> str | None:
        """Post a job's one message, unless an earlier attempt did, and record it; return its ts.

        `compose` is asked only if the message isn't there yet. It returns None if there is nothing to post any more,
        and then so does this. Raises SlackError, and whatever `compose` raises.
        """
        if job.progress.posting and (ts := await self.find(entry)) is not None:
            await self.record(entry, ts, job.progress.subjects)
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
        ts = await self.send(entry, draft.payload)
        await self.record(entry, ts, about)
        return ts

    async def find(self, entry: Entry) -> str | None:
        """Return the ts of the message if it was posted. For recovery after a crash only. Raises SlackError."""
        return await self._slack.find_posted(
            entry.channel, entry.event_type, entry.key, entry.since, thread_ts=entry.thread_ts
        )

    async def send(self, entry: Entry, payload: Payload) -> str:
        """Post the message, which the caller has noted, and return its ts. Raises SlackError."""
        metadata = {"event_type": entry.event_type, "event_payload": {"key": entry.key}}
        return await self._slack.post(entry.channel, {**payload, "metadata": metadata}, thread_ts=entry.thread_ts)

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
        )
        return await self._ledger.add(posted, audit)

    async def notify(
        self, user: str, payload: Payload, conversations: Iterable[str] = (), domains: Iterable[str] = ()
    ) -> None:
        """Tell one person something by direct message, when no better place remains, and record it.

        This is not promised: a kill in between loses it or repeats it. Raises SlackError.
        """
        channel = await self._slack.open_dm(user)
        ts = await self._slack.post(channel, payload)
        entry = Entry(f"{NOTICE}:{channel}:{ts}", NOTICE, "", channel, self._clock.now(), by=user)
        await self.record(entry, ts, Subjects(tuple(conversations), tuple(domains)))
