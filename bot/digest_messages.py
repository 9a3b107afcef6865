"""What a job posts in one channel: each message once, and after a crash it is known which are there."""

from collections.abc import Sequence

from bot.errors import SlackError
from bot.jobs import Note
from bot.models import Job
from bot.render.digest import CHART
from bot.render.limits import Payload
from bot.slack import Slack

EVENT_TYPE = "kickscale_digest"


class Messages:
    """The messages of one job in one channel: the first in the channel, the rest in its thread.

    Before each it is noted what is posted, and what is about to be; so each is posted once, and it is known what is in
    those that were posted before a crash, whatever the rest would be by then.
    """

    def __init__(self, slack: Slack, job: Job, note: Note, channel: str) -> None:
        self._slack = slack
        self._job = job
        self._note = note
        self._channel = channel
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
            self._add(ts, self._job.progress.get("showing", []))

    async def find(self, name: str) -> str | None:
        return await self._slack.find_posted(
            self._channel, EVENT_TYPE, self._key(name), self._job.created_at, thread_ts=self.thread_ts
        )

    async def post(self, payload: Payload, showing: Sequence[int] = ()) -> None:
        """Raises SlackError."""
        place = len(self.posted)
        await self._note({"posted": self.posted, "shown": self.shown, "posting": place, "showing": list(showing)})
        self._add(await self.send(payload, str(place)), showing)

    async def send(self, payload: Payload, name: str) -> str:
        """Post; where a workspace does not know the chart, which is newer than the other blocks, post without it."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": self._key(name)}}
        payload = {**payload, "metadata": metadata}
        try:
            return await self._slack.post(self._channel, payload, thread_ts=self.thread_ts)
        except SlackError as exc:
            without = [each for each in payload["blocks"] if each["type"] != CHART]
            if exc.code != "invalid_blocks" or len(without) == len(payload["blocks"]):
                raise
            return await self._slack.post(self._channel, {**payload, "blocks": without}, thread_ts=self.thread_ts)

    def _add(self, ts: str, showing: Sequence[int]) -> None:
        self.posted.append(ts)
        self.shown += showing

    def _key(self, name: str) -> str:
        return f"{self._job.key}:{name}"
