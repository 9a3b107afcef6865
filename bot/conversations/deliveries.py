"""What is promised and must happen once: an answer shared in a channel, a transcript sent as a file.

Each is a job that is on disk before it is promised. A job notes what it is about to do before it does it; where a
kill or a broken connection leaves the outcome unknown, the next attempt asks Slack before it judges or acts again.
"""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.access.audience import Audience
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.access.policy import Wish
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.conversations.notices import notify
from bot.errors import AccessDenied, AccessUndecided, GoneError, RecordingRefused, SlackError, SlackUnavailable
from bot.model.audit import AuditKind
from bot.model.commands import ListCommand
from bot.model.conversation import Conversation, Kind
from bot.model.job import Handler, Job, Note, Retry
from bot.model.messages import Posted
from bot.model.people import Viewer
from bot.model.questions import Question
from bot.observe.metrics import Metrics
from bot.render.conversations.share import EVENT_TYPE, metadata, shared_conversation, shared_list
from bot.render.conversations.transcript import file_name, transcript_comment, transcript_text
from bot.render.errors import error_message
from bot.render.kit.limits import Payload, one_line
from bot.slack.client import Slack
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.texts import Texts
from bot.tools.cache import Kept

log = logging.getLogger(__name__)

SHARE = "share"
TRANSCRIPT = "transcript"
ATTEMPTS = 10
"""Over a quarter of an hour, each pause twice the one before: an outage of Slack's, or a way to it that is down."""
TOLD_THERE = timedelta(minutes=30)
"""How long somebody can be told where they asked: after that Slack takes no answer to a click any more."""

Tell = Callable[[Payload], Awaitable[None]]
"""Tells whoever was promised something, where they asked for it. Raises SlackError where that is no more."""


class Deliveries:
    def __init__(
        self,
        *,
        jobs: Jobs,
        database: Database,
        slack: Slack,
        access: Access,
        audience: Audience,
        audit: Audit,
        conversations: Conversations,
        clock: Clock,
        texts: Texts,
        link_template: str,
        metrics: Metrics,
    ) -> None:
        self._jobs = jobs
        self._database = database
        self._slack = slack
        self._access = access
        self._audience = audience
        self._audit = audit
        self._conversations = conversations
        self._clock = clock
        self._texts = texts
        self._link_template = link_template
        self._metrics = metrics
        # Not until the job is over: another bot on the database may be the one that does it.
        self._tells: Kept[Tell] = Kept(clock, TOLD_THERE)
        """By the job's key. After a restart there is none, and a direct message tells instead."""
        jobs.register(SHARE, _patient(self._share), on_failure=self._failed)
        jobs.register(TRANSCRIPT, _patient(self._send_transcript), on_failure=self._failed)

    async def share(self, question: str, page: int, channel: str, user: str, tell: Tell) -> bool:
        """Promise to post this page of a stored question in `channel`; False when it was promised before."""
        key = f"share:{question}:{page}:{channel}"
        payload = {"question": question, "page": page, "channel": channel, "user": user}
        return await self._promise(SHARE, key, payload, tell)

    async def send_transcript(  # noqa: PLR0917 what it is, for whom, and where it was asked for
        self,
        kind: Kind,
        id: str,  # noqa: A002
        user: str,
        channel: str,
        where: str,
        tell: Tell,
    ) -> bool:
        """Promise a transcript by DM to who asked in `channel`; False when the button at `where` promised it before."""
        key = f"transcript:{user}:{kind}:{id}:{where}"
        return await self._promise(TRANSCRIPT, key, {"kind": kind, "id": id, "user": user, "channel": channel}, tell)

    async def _promise(self, kind: str, key: str, payload: dict[str, Any], tell: Tell) -> bool:
        _, is_new = await self._jobs.add(kind, key, payload)
        if is_new:
            self._tells.put(key, tell)
        return is_new

    async def _share(self, job: Job, note: Note) -> None:
        channel, user = job.payload["channel"], job.payload["user"]
        if job.progress.get("posting"):
            # Whoever may not have it by now, or may not listen: what is there is there, and is to be known of.
            ts = await self._slack.find_posted(channel, EVENT_TYPE, job.key, job.created_at)
            if ts is not None:
                await self._done(job, channel, job.progress, ts=ts)
                return
        viewer = await self._access.admit(user, channel, Wish.SHARE)
        question = await self._database.questions.get(job.payload["question"])
        if question is None:
            raise GoneError("question", job.payload["question"])
        shown, payload = await self._shared(question, job.payload["page"], viewer)
        named = question.command.domains if isinstance(question.command, ListCommand) else ()
        inside = _inside(shown, named)
        await note({"posting": True, **inside})
        ts = await self._slack.post(channel, {**payload, "metadata": metadata(job.key)})
        await self._done(job, channel, inside, ts=ts)

    async def _shared(self, question: Question, page: int, viewer: Viewer) -> tuple[tuple[Conversation, ...], Payload]:
        """The conversations, and the message as the channel may be shown it.

        Raises AccessDenied because of whoever listens there.
        """
        user = viewer.person.id
        if isinstance(question.command, ListCommand):
            answer = await self._conversations.answer(question, page, viewer)
            there = await self._for_channel(viewer.channel, answer.shown)
            unreadable = 0 if self._access.knows_own else answer.unreadable
            shown = replace(answer, shown=there, unreadable=unreadable, latest=None)
            payload = shared_list(self._texts, question, shown, shared_by=user, link_template=self._link_template)
            return answer.shown, payload
        conversation = await self._conversations.open(viewer, question.command.kind, question.command.id)
        (public,) = await self._for_channel(viewer.channel, [conversation])
        payload = shared_conversation(self._texts, public, shared_by=user, link_template=self._link_template)
        return (conversation,), payload

    async def _for_channel(self, channel: str, conversations: Sequence[Conversation]) -> tuple[Conversation, ...]:
        judgement = await self._audience.judge(channel, conversations)
        if judgement.is_held:
            raise AccessDenied(f"listening_{judgement.why}")
        return judgement.conversations

    async def _send_transcript(self, job: Job, note: Note) -> None:
        user, to, file = job.payload["user"], job.progress.get("to", ""), job.progress.get("file", "")
        if to and await self._slack.is_file_shared(file):
            await self._sent(job, to, job.progress, file)
            return
        to = await self._slack.open_dm(user)
        viewer = await self._access.admit(user, job.payload.get("channel", to), Wish.TRANSCRIPT)
        kind = Kind(job.payload["kind"])
        conversation = await self._conversations.open(viewer, kind, job.payload["id"], Wish.TRANSCRIPT)
        if not conversation.transcript:
            raise GoneError("transcript", conversation.id)
        content = transcript_text(self._texts, conversation).encode()
        comment = transcript_comment(self._texts, conversation)
        inside = _inside([conversation])
        file = await self._slack.put_file(file_name(conversation), content)
        await note({"file": file, "to": to, **inside})
        await self._slack.share_file(file, one_line(conversation.name) or conversation.id, to, comment)
        await self._sent(job, to, inside, file)

    async def _sent(self, job: Job, to: str, inside: Mapping[str, Any], file: str) -> None:
        ts = ""
        with contextlib.suppress(SlackError, RecordingRefused):  # good to know, should the file be removed there
            ts = (await self._slack.file(file)).messages.get(to, "")
        await self._done(job, to, inside, ts=ts, file=file)

    async def _done(self, job: Job, channel: str, inside: Mapping[str, Any], *, ts: str, file: str = "") -> None:
        """`inside` is what was noted before it was posted."""
        posted = Posted(
            channel=channel,
            ts=ts,
            kind=job.kind,
            key=job.key,
            conversations=tuple(inside.get("conversations", ())),
            posted_at=self._clock.now(),
            by=job.payload["user"],
            file=file,
            domains=tuple(inside.get("domains", ())),
        )
        # Not when it was promised: it may never be posted. A transcript was asked for elsewhere than it goes to.
        asked, ids = job.payload.get("channel", channel), posted.conversations
        used = self._audit.row(AuditKind.USED, job.kind, by=posted.by, channel=asked, conversations=ids)
        if await self._database.ledger.add(posted, used):
            self._metrics.posted(job.kind)
        self._tells.pop(job.key)

    async def _failed(self, job: Job, exc: BaseException) -> None:
        payload = error_message(self._texts, exc, job.reference)
        tell = self._tells.pop(job.key)
        if tell is not None:
            try:
                await tell(payload)
            except SlackError as gone:  # a modal that was closed, an address over thirty minutes old
                log.info("%s is told by a direct message instead (%s)", job.reference, gone.code)
            else:
                return
        try:
            conversations = (job.payload["id"],) if "id" in job.payload else ()
            await notify(self._slack, self._database.ledger, self._clock, job.payload["user"], payload, conversations)
        except SlackUnavailable as down:
            raise _again(job, down) from down


def _inside(shown: Sequence[Conversation], named: Sequence[str] = ()) -> dict[str, list[str]]:
    """What is in a message, to be noted before it is posted.

    `named` are the domains that the text names besides those of the conversations.
    """
    domains = (*named, *(domain for each in shown for domain in each.customer_domains))
    return {"conversations": [each.id for each in shown], "domains": list(dict.fromkeys(domains))}


def _patient(handle: Handler) -> Handler:
    """`handle`, tried again where Slack does not answer: what was promised outlives an outage."""

    async def run(job: Job, note: Note) -> None:
        try:
            await handle(job, note)
        except (SlackUnavailable, AccessUndecided) as exc:
            raise _again(job, exc) from exc

    return run


def _again(job: Job, exc: Exception) -> Exception:
    """Another try, later each time; after the last, the failure itself."""
    return Retry(after=2.0**job.attempts) if job.attempts < ATTEMPTS else exc
