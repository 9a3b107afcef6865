"""The one message of an upload: posted in the thread of its recording, and edited as the upload goes on."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakValueDictionary

from bot import domains
from bot.access.audience import Audience
from bot.clock import Clock
from bot.conversations.private_delivery import PrivateDeliveries
from bot.errors import BotError, SlackError, SlackUnavailable
from bot.jobs.outbox import Outbox
from bot.model.conversation import Conversation
from bot.model.job import Job, Note, Retry
from bot.model.messages import Posted
from bot.model.uploads import Upload, UploadState
from bot.render.errors import error_message
from bot.render.kit.blocks import context
from bot.render.kit.limits import Payload
from bot.render.uploads.progress import REJECTED, Progress, known_message, upload_message, wordless, words_message
from bot.slack.client import Slack, may_pass
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.texts import Texts
from bot.tools.background import Background

log = logging.getLogger(__name__)

EVENT_TYPE = "kickscale_upload"
POST = "upload_message"
KNOWN = "upload_known"
WHERE = "upload_where"
WORDS = "upload_words"
TOLD = "upload_told"
ATTEMPTS = 8
UNDER_WAY = (UploadState.QUEUED, UploadState.SENDING)
PENDING = (*UNDER_WAY, UploadState.ASKING)
"""The states in which whoever was led to an upload waits for its end."""
FIRST_LOOK = 5.0
LONGEST_LOOK = 120.0
LONGEST_PAUSE = 1_800.0
QUEUE_SHOWN = 10
"""How many of the waiting are told their new place when one has ended."""


class UploadMessages:
    """`lanes` is how many uploads go on at a time."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        database: Database,
        slack: Slack,
        background: Background,
        audience: Audience,
        held: PrivateDeliveries,
        clock: Clock,
        texts: Texts,
        lanes: int,
        link_template: str,
    ) -> None:
        self._jobs = jobs
        self._uploads = database.uploads
        self._ledger = database.ledger
        self._slack = slack
        self._background = background
        self._audience = audience
        self._held = held
        self._clock = clock
        self._texts = texts
        self._lanes = lanes
        self._link_template = link_template
        self._ticks: dict[int, Callable[[], Progress] | None] = {}
        """Of each upload whose progress is being shown, what to show next."""
        self._unposted: dict[int, Callable[[], Progress]] = {}
        """Of each upload whose message is not there yet, what it is to show: an upload may wait for long after that."""
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        jobs.register(POST, self._post, on_failure=self._untold)
        jobs.register(KNOWN, self._post_known, on_failure=self._untold)
        jobs.register(WHERE, self._tell_where)
        jobs.register(WORDS, self._tell_words)
        jobs.register(TOLD, self._tell)

    async def promise(self, upload: Upload) -> None:
        """The message will be there, in whatever state the upload is by then."""
        if upload.channel:
            payload = {"upload": upload.id, "round": upload.round, "user": upload.attestation.by}
            await self._jobs.add(POST, f"{POST}:{upload.id}:{upload.round}", payload)

    async def promise_known(self, upload: Upload, channel: str, thread_ts: str, user: str) -> bool:
        """Somebody asked for the same recording elsewhere: that thread will lead to the first upload, and tell how that
        ended. False where that was promised before.
        """
        payload = {"upload": upload.id, "channel": channel, "thread_ts": thread_ts, "user": user}
        _, is_new = await self._jobs.add(KNOWN, f"{KNOWN}:{upload.id}:{upload.round}:{channel}:{thread_ts}", payload)
        return is_new

    async def promise_where(self, upload: Upload, channel: str, thread_ts: str, user: str) -> None:
        """`user`, who asked there, will be told where the recording was uploaded before, if they are in that channel.

        The thread may have readers who are not.
        """
        first = await self._first(upload)
        if channel and first.channel not in ("", channel):
            payload = {"upload": first.id, "channel": channel, "thread_ts": thread_ts, "user": user}
            await self._jobs.add(WHERE, f"{WHERE}:{upload.id}:{upload.round}:{channel}:{thread_ts}", payload)

    async def show(self, upload: Upload) -> None:
        """Edit the message to tell how the upload is by now. Raises SlackUnavailable.

        Nothing where it is not there any more, or shows the summary. Where it could not be posted, that is tried once
        more.
        """
        async with self._turn(upload.id):
            latest = await self._uploads.get(upload.id)
            if latest is None or latest.state is UploadState.ANALYSED:
                return
            if latest.message_ts:
                await self._edit(latest)
            else:
                await self.promise(latest)

    async def show_analysed(self, upload: Upload, conversation: Conversation) -> None:
        """Edit the message to show the summary, and note that it does: nothing is written over it any more.

        Raises SlackUnavailable.
        """
        async with self._turn(upload.id):
            latest = await self._uploads.get(upload.id)
            if latest is not None and latest.message_ts:
                await self._edit(replace(latest, state=UploadState.ANALYSED), conversation=conversation)
            await self._uploads.change(upload.id, state=UploadState.ANALYSED, reason="")
            if latest is not None and not latest.message_ts:
                await self.promise(latest)

    def tick(self, upload: Upload, progress: Callable[[], Progress]) -> None:
        """Edit the message on the side: an upload never waits for its bar. While an edit is under way, or the message
        is not posted yet, the latest of what is to be shown waits for that.
        """
        is_busy = upload.id in self._ticks
        self._ticks[upload.id] = progress
        if not is_busy:
            self._background.spawn(self._tick(upload.id))

    async def show_queue(self) -> None:
        """Tell the first that wait their new place."""
        queued = [each for each in await self._uploads.in_state(UploadState.QUEUED) if each.channel]
        for upload in queued[:QUEUE_SHOWN]:
            waiting = await self.waiting(upload)
            if waiting is not None and waiting.place:
                self.tick(upload, lambda waiting=waiting: waiting)  # type: ignore[misc]

    async def waiting(self, upload: Upload) -> Progress | None:
        """Which place it has in the queue; 0 is the next turn."""
        if upload.state is not UploadState.QUEUED:
            return None
        before = await self._uploads.place(upload)
        return Progress(size=upload.size, step="queued", place=max(0, before - self._lanes + 1))

    async def _tick(self, id_: int) -> None:
        try:
            while (progress := self._ticks[id_]) is not None:
                self._ticks[id_] = None
                try:
                    await self._show_progress(id_, progress)
                except SlackUnavailable as exc:
                    log.info("the progress of upload %d can't be shown (%s)", id_, exc.code)
        finally:
            del self._ticks[id_]

    async def _show_progress(self, id_: int, progress: Callable[[], Progress]) -> None:
        """Nothing where the upload is over by now: how it ended is not to be written over."""
        async with self._turn(id_):
            upload = await self._uploads.get(id_)
            if upload is None or upload.state not in UNDER_WAY:
                return
            if upload.message_ts:
                await self._edit(upload, progress())
            else:
                self._unposted[id_] = progress

    def _turn(self, id_: int) -> asyncio.Lock:
        """One edit of a message at a time: Slack may take them in another order than they were sent in."""
        return self._turns.setdefault(id_, asyncio.Lock())

    async def _edit(
        self, upload: Upload, progress: Progress | None = None, conversation: Conversation | None = None
    ) -> None:
        try:
            if conversation is not None:
                conversation = await self._public(upload, conversation)
            payload = await self._payload(upload, progress, conversation)
            await self._slack.edit(upload.channel, upload.message_ts, payload)
        except SlackError as exc:
            if may_pass(exc):
                raise SlackUnavailable(exc.code) from exc
            log.warning("the message of upload %d can't be edited (%s)", upload.id, exc.code)
            if exc.code != "message_not_found":
                await self._promise_to_tell(upload)

    async def _learn(self, upload: Upload, conversation: Conversation) -> None:
        """Note whom its messages are about, the offer that led to it included, before they say so."""
        offer = await self._uploads.offer_of(upload.channel, upload.thread_ts, upload.source)
        for ts in (upload.message_ts, offer.posted_ts if offer else ""):
            if ts:
                await self._ledger.learn(upload.channel, ts, (conversation.id,), conversation.customer_domains)

    async def _public(self, upload: Upload, conversation: Conversation) -> Conversation | None:
        """As the channel may be shown it; where it may not, whoever uploaded it gets it. Raises SlackError."""
        await self._learn(upload, conversation)
        judgement = await self._audience.judge(upload.channel, [conversation])
        if judgement.is_held:
            await self._held.promise(upload.attestation.by, upload.channel, conversation, judgement.why)
            return None
        return judgement.conversations[0]

    async def known_payload(self, upload: Upload, channel: str, user: str = "") -> Payload:
        """What is said in `channel`, or to `user` alone there, about its recording that is asked for again.

        It leads to the upload that has brought it there, where all who read this are in that channel. Raises
        SlackUnavailable.
        """
        first = await self._first(upload)
        if first.channel == channel or (user and await self._is_in(first.channel, user)):
            return known_message(self._texts, first, address=await self._address(first))
        return known_message(self._texts, first, is_elsewhere=True)

    async def _first(self, upload: Upload) -> Upload:
        return (await self._uploads.get(upload.same_as) if upload.same_as else None) or upload

    async def _is_in(self, channel: str, user: str) -> bool:
        if not channel:
            return False
        try:
            return await self._slack.is_in(channel, user)
        except SlackUnavailable:
            raise
        except SlackError as exc:
            log.info("who is in a channel is not told (%s)", exc.code)
            return False

    # ---- posting -----------------------------------------------------------------------------------------------------

    async def _post(self, job: Job, note: Note) -> None:
        upload = await self._uploads.get(job.payload["upload"])
        # Promised anew since, it has another message, maybe elsewhere. Jobs of an earlier version tell no round.
        if upload is None or upload.message_ts or upload.round != job.payload.get("round", upload.round):
            return
        progress = self._unposted.pop(upload.id, None)
        payload = await self._payload(upload, progress and progress())
        ts = await self._once(job, note, upload, upload.channel, upload.thread_ts, payload)
        async with self._turn(upload.id):
            latest = await self._uploads.get(upload.id) or upload
            if latest.round != upload.round:
                return
            # One that was posted before a kill says what was so then.
            if job.progress.get("posting") or (latest.state, latest.reason) != (upload.state, upload.reason):
                try:
                    await self._edit(replace(latest, message_ts=ts))
                except SlackUnavailable as exc:
                    raise again(job) from exc
            await self._uploads.change(upload.id, of_round=upload.round, message_ts=ts)
            progress = self._unposted.pop(upload.id, None)
        if progress is not None:
            self.tick(latest, progress)

    async def _post_known(self, job: Job, note: Note) -> None:
        upload = await self._uploads.get(job.payload["upload"])
        if upload is None:
            return
        channel, thread_ts = job.payload["channel"], job.payload["thread_ts"]
        ts, shown = job.progress.get("ts", ""), job.progress.get("shown", "")
        if not ts:
            ts = await self._once(job, note, upload, channel, thread_ts, await self.known_payload(upload, channel))
            await self.promise_where(upload, channel, thread_ts, job.payload["user"])
            # One that was posted before a kill says what was so then.
            shown = "" if job.progress.get("posting") else upload.state
            await note({"ts": ts, "shown": shown})
        look = Retry(after=min(FIRST_LOOK * 1.3 ** min(job.attempts, 20), LONGEST_LOOK))
        if shown != upload.state:
            try:
                await self._slack.edit(channel, ts, await self.known_payload(upload, channel))
            except SlackError as exc:
                if may_pass(exc):
                    raise look from exc
                log.warning("what leads to upload %d can't be edited (%s)", upload.id, exc.code)
            await note({"shown": upload.state})
        if upload.state in PENDING:
            raise look

    async def _tell_where(self, job: Job, _note: Note) -> None:
        first = await self._uploads.get(job.payload["upload"])
        channel, user = job.payload["channel"], job.payload["user"]
        if first is None:
            return
        try:
            if await self._is_in(first.channel, user):
                payload = await self.known_payload(first, first.channel)
                await self._slack.ephemeral(channel, user, payload, thread_ts=job.payload["thread_ts"])
        except SlackError as exc:
            if may_pass(exc):
                raise _again(job, exc) from exc
            log.warning("somebody can't be told where upload %d is (%s)", first.id, exc.code)

    async def _tell_words(self, job: Job, note: Note) -> None:
        upload = await self._uploads.get(job.payload["upload"])
        if upload is None or upload.round != job.payload["round"]:
            return
        await self._once(job, note, upload, await self._dm_of(job), "", words_message(self._texts, upload))

    async def _for_readers(self, upload: Upload) -> Upload:
        """Without the API's own words where not everybody may read them: whoever attested gets those alone."""
        if upload.reason not in REJECTED or await self._audience.hears_everything(upload.channel):
            return upload
        if upload.attestation.by:
            payload = {"upload": upload.id, "round": upload.round, "user": upload.attestation.by}
            await self._jobs.add(WORDS, f"{WORDS}:{upload.id}:{upload.round}", payload)
        return wordless(upload)

    async def _payload(
        self, upload: Upload, progress: Progress | None = None, conversation: Conversation | None = None
    ) -> Payload:
        first = await self._uploads.get(upload.same_as) if upload.same_as else None
        if first is not None and first.channel != upload.channel:
            upload, first = replace(upload, call=upload.call or first.call), None
        return upload_message(
            self._texts,
            await self._for_readers(upload),
            progress or await self.waiting(upload),
            conversation=conversation,
            first=first,
            address=await self._address(first) if first else "",
            link_template=self._link_template,
        )

    async def _address(self, upload: Upload) -> str:
        """Where its message is, or its recording; empty for one that is not in Slack."""
        ts = upload.message_ts or upload.thread_ts
        if not upload.channel or not ts:
            return ""
        try:
            return await self._slack.permalink(upload.channel, ts)
        except SlackError as exc:
            log.info("there is no link to upload %d (%s)", upload.id, exc.code)
            return ""

    async def _once(  # noqa: PLR0917 what is posted, and where
        self, job: Job, note: Note, upload: Upload, channel: str, thread_ts: str, payload: Payload
    ) -> str:
        ts = None
        try:
            if job.progress.get("posting"):
                ts = await self._slack.find_posted(channel, EVENT_TYPE, job.key, job.created_at, thread_ts=thread_ts)
            if ts is None:
                await note({"posting": True})
                metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": job.key}}
                ts = await self._slack.post(channel, {**payload, "metadata": metadata}, thread_ts=thread_ts)
        except SlackError as exc:
            raise (again(job) if may_pass(exc) else exc) from exc
        posted = Posted(
            channel,
            ts,
            "upload",
            job.key,
            (upload.call,) if upload.call else (),
            self._clock.now(),
            by=job.payload["user"],
            domains=domains_of(upload),
            upload=upload.id,
            is_upload_message=job.kind == POST,
        )
        await self._ledger.add(posted)
        return ts

    async def _untold(self, job: Job, exc: BaseException) -> None:
        """The thread can't be written to: whoever asked hears that the upload goes on without it, or how it ended."""
        upload = await self._uploads.get(job.payload["upload"])
        if job.kind == POST and upload is not None and upload.state not in UNDER_WAY:
            await self._promise_to_tell(upload)
            return
        payload = error_message(self._texts, exc, job.reference)
        try:
            await Outbox(self._slack, self._ledger, self._clock).notify(job.payload["user"], payload)
        except SlackError as failure:
            raise (again(job) if may_pass(failure) else failure) from failure

    async def _promise_to_tell(self, upload: Upload) -> None:
        """The thread can't be written to: whoever uploaded it will hear alone how it ended."""
        user = upload.attestation.by
        if user and upload.state not in UNDER_WAY:
            key = f"{TOLD}:{upload.id}:{upload.round}:{upload.state}:{upload.reason}"
            payload = {"upload": upload.id, "round": upload.round, "state": upload.state, "user": user}
            await self._jobs.add(TOLD, key, payload)

    async def _tell(self, job: Job, note: Note) -> None:
        upload = await self._uploads.get(job.payload["upload"])
        if upload is None or upload.round != job.payload["round"]:
            return
        channel = await self._dm_of(job)
        upload = replace(upload, state=UploadState(job.payload["state"]))
        payload = upload_message(self._texts, upload, link_template=self._link_template)
        why = context(self._texts("upload.told_alone", channel=upload.channel))
        await self._once(job, note, upload, channel, "", {**payload, "blocks": [why, *payload["blocks"]]})

    async def _dm_of(self, job: Job) -> str:
        try:
            return await self._slack.open_dm(job.payload["user"])
        except SlackError as exc:
            raise (again(job) if may_pass(exc) else exc) from exc


def domains_of(upload: Upload) -> tuple[str, ...]:
    """The domains that its details name: the customer's, and those in addresses."""
    return tuple(domains.named(" ".join((upload.name, *upload.fields.values()))))


def again(job: Job) -> Retry:
    """Another try, however many there were."""
    return Retry(after=min(2.0 ** min(job.attempts, 20), LONGEST_PAUSE))


def _again(job: Job, exc: BotError) -> Exception:
    return Retry(after=2.0**job.attempts) if job.attempts < ATTEMPTS else exc
