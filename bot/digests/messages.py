"""What a job posts in one channel: each message once, and after a crash it is known which are there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import SlackError
from bot.model.job import Job, Note
from bot.model.messages import Posted
from bot.render.digests.digest import CHART
from bot.render.kit.limits import Payload
from bot.slack.client import Slack
from bot.storage.sqlite.ledger import Ledger

EVENT_TYPE = "kickscale_digest"


@dataclass(frozen=True, slots=True)
class Inside:
    """What is in a message."""

    places: Sequence[int] = ()
    """Of the digest's conversations, where they are in its row."""
    conversations: Sequence[str] = ()
    """Their ids."""
    domains: Sequence[str] = ()
    """Theirs, and those that the text names besides."""


class Messages:
    """The messages of one job in one channel: the first in the channel, the rest in its thread.

    Each is in the ledger, in the name of `by`. Before each it is noted what is posted, and what is about to be; so each
    is posted once, and it is known what is in those that were posted before a crash, whatever the rest would be by
    then.
    """

    def __init__(  # noqa: PLR0917 what it posts with, and for whom
        self, slack: Slack, ledger: Ledger, clock: Clock, job: Job, note: Note, channel: str, by: str
    ) -> None:
        self._slack = slack
        self._ledger = ledger
        self._clock = clock
        self._job = job
        self._note = note
        self.channel = channel
        self._by = by
        self.posted: list[str] = list(job.progress.get("posted", []))
        """Their ts."""
        self.shown: list[int] = list(job.progress.get("shown", []))
        """Which of the digest's conversations are in them, by their place in its row."""

    @property
    def thread_ts(self) -> str:
        return self.posted[0] if self.posted else ""

    async def recover(self) -> None:
        """Find out whether what an earlier attempt was about to post is there. Raises SlackError."""
        place = len(self.posted)
        if self._job.progress.get("posting") != place:
            return
        ts = await self.find(str(place))
        if ts is not None:
            told = self._job.progress
            inside = Inside(told.get("showing", []), told.get("conversations", []), told.get("domains", []))
            await self._add(ts, inside)

    async def find(self, name: str) -> str | None:
        return await self._slack.find_posted(
            self.channel, EVENT_TYPE, self._key(name), self._job.created_at, thread_ts=self.thread_ts
        )

    async def post(self, payload: Payload, inside: Inside) -> None:
        """Raises SlackError."""
        place = len(self.posted)
        showing = {
            "showing": list(inside.places),
            "conversations": list(inside.conversations),
            "domains": list(inside.domains),
        }
        where = {"channel": self.channel, "posted": self.posted, "shown": self.shown, "posting": place}
        await self._note({**where, **showing})
        await self._add(await self.send(payload, str(place)), inside)

    async def book(self, ts: str, name: str, conversations: Iterable[str], domains: Iterable[str]) -> None:
        """Write down that the message of this name is there."""
        await self._ledger.add(
            Posted(
                channel=self.channel,
                ts=ts,
                kind=self._job.kind,
                key=self._key(name),
                conversations=tuple(conversations),
                posted_at=self._clock.now(),
                by=self._by,
                domains=tuple(domains),
            )
        )

    async def send(self, payload: Payload, name: str) -> str:
        """Post; where a workspace does not know the chart, which is newer than the other blocks, post without it."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": self._key(name)}}
        payload = {**payload, "metadata": metadata}
        try:
            return await self._slack.post(self.channel, payload, thread_ts=self.thread_ts)
        except SlackError as exc:
            without = [each for each in payload["blocks"] if each["type"] != CHART]
            if exc.code != "invalid_blocks" or len(without) == len(payload["blocks"]):
                raise
            return await self._slack.post(self.channel, {**payload, "blocks": without}, thread_ts=self.thread_ts)

    async def _add(self, ts: str, inside: Inside) -> None:
        await self.book(ts, str(len(self.posted)), inside.conversations, inside.domains)
        self.posted.append(ts)
        self.shown += inside.places

    def _key(self, name: str) -> str:
        return f"{self._job.key}:{name}"
