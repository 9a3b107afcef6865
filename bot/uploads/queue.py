"""Uploads from their promise to their end, one job each, and what people do to them on the way."""

import functools
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.errors import BotError, GoneError, KickscaleError, RangeTooWide, SlackUnavailable
from bot.kickscale.binding import operations
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.uploading.sender import Sender
from bot.model.conversation import Conversation, Kind
from bot.model.job import Job, Note, Retry, TakenOver
from bot.model.uploads import Upload, UploadState
from bot.observe.metrics import Metrics
from bot.render.uploads.progress import Progress
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.uploads.attempt import OPEN, Attempt, Tools, has_key, window
from bot.uploads.recordings.counting import Counted
from bot.uploads.sources import Source, Sources
from bot.uploads.thread_message import UploadMessages, again

log = logging.getLogger(__name__)

TRANSFER = "transfer"
FOLLOW = "follow"
FOLLOWED = timedelta(days=1)
"""How long the analysis is waited for."""
UNTOLD = timedelta(minutes=15)
"""How long the summary waits for the message that is to show it."""
UNLISTED = timedelta(minutes=15)
"""How long the API may have a new call in no list yet, as if it were internal: what the thread shows then stays so."""
FIRST_LOOK = 5.0
LONGEST_LOOK = 3_600.0
FOR_AN_EDIT = 2
"""How many uploads at a time are told of at each look: chat.update takes 50 edits a minute, all channels together
(https://docs.slack.dev/apis/web-api/rate-limits)."""
FETCHABLE = (UploadState.SENDING, UploadState.SENT, UploadState.ASKING)
"""The states in which the API may fetch a recording from here."""


class Fetched:
    """A `Source` that tells how many of its bytes were taken."""

    def __init__(self, source: Source, tell: Callable[[int], None]) -> None:
        self._source = source
        self._tell = tell
        self.name = source.name
        self.size = source.size
        self.head = source.head
        self.tail = source.tail

    def chunks(self) -> AsyncIterator[bytes]:
        return aiter(Counted(self._source.chunks(), self.size, self._tell))


def follow_job(upload: Upload) -> tuple[str, str, dict[str, int]]:
    """Kind, key and payload of the job that waits for the analysis."""
    return FOLLOW, f"{FOLLOW}:{upload.id}:{upload.round}", {"upload": upload.id}


class Transfers:
    """`jobs` does what is short; `lanes` has as many transfers under way as are allowed at a time."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        lanes: Jobs,
        database: Database,
        sources: Sources,
        sender: Sender,
        client: KickscaleClient,
        bindings: CurrentBinding,
        conversations: Conversations,
        messages: UploadMessages,
        clock: Clock,
        metrics: Metrics,
        public_url: str,
        concurrency: int,
    ) -> None:
        self._jobs = jobs
        self._lanes = lanes
        self._rows = database.uploads
        self._sources = sources
        self._client = client
        self._bindings = bindings
        self._conversations = conversations
        self._messages = messages
        self._clock = clock
        self._metrics = metrics
        self._fetched: dict[int, int] = {}
        """Of each upload that the API fetched from here, how many bytes the last time."""
        self._tools = Tools(
            uploads=database.uploads,
            sources=sources,
            sender=sender,
            client=client,
            messages=messages,
            clock=clock,
            operation=self.operation,
            public_url=public_url,
            fetched=lambda upload: self._fetched.get(upload, 0),
            looks=-(-concurrency // FOR_AN_EDIT),
        )
        lanes.register(TRANSFER, self._transfer, on_failure=self._broken)
        jobs.register(FOLLOW, self._follow)

    # ---- what people do ----------------------------------------------------------------------------------------------

    async def promise(self, upload: Upload) -> None:
        """The upload, which is on disk, will be brought to its end; twice is the same as once."""
        payload = {"upload": upload.id, "round": upload.round}
        await self._lanes.add(TRANSFER, f"{TRANSFER}:{upload.id}:{upload.round}", payload)
        await self._messages.promise(upload)

    async def recover(self) -> None:
        """Promise again what a kill left without its job, and forget the addresses that nothing is served at."""
        await self._rows.expire_addresses(self._clock.now())
        for upload in await self._rows.in_state(*OPEN):
            if not upload.source.startswith("sha256:"):
                await self.promise(upload)
        for upload in await self._rows.in_state(UploadState.SENT):
            if not upload.reason:
                await self._promise_to_follow(upload)

    async def get(self, id: int) -> Upload | None:  # noqa: A002
        """The upload as it is now; None for one that is unknown."""
        return await self._rows.get(id)

    async def cancel(self, id: int, user: str) -> Upload | None:  # noqa: A002
        """Stop it as long as not all of it is sent; the upload as it is then, and None for one that is unknown."""
        # Whichever of the two it is in: an attempt may be taking it from the queue just now, or giving it back.
        await self._rows.change(id, only=OPEN, cancelled_by=user)
        if await self._rows.change(id, only=(UploadState.QUEUED,), state=UploadState.CANCELLED):
            upload = await self._rows.get(id)
            if upload is not None:
                await self._messages.show(upload)
                await self._messages.show_queue()
            return upload
        upload = await self._rows.get(id)
        if upload is not None:
            # Whether it arrived may have to be found out first, which takes minutes.
            self._messages.tick(upload, lambda: Progress(size=upload.size))
        return upload

    async def is_there(self, id: int) -> Upload | None:  # noqa: A002
        """A person says that the recording did arrive."""
        if await self._rows.change(id, only=(UploadState.ASKING,), state=UploadState.SENT, reason=""):
            upload = await self._rows.get(id)
            if upload is not None:
                await self._promise_to_follow(upload)
                await self._messages.show(upload)
        return await self._rows.get(id)

    async def send_again(self, id: int) -> Upload | None:  # noqa: A002
        """A person says that it did not."""
        if await self._rows.send_again(id):
            upload = await self._rows.get(id)
            if upload is not None:
                await self.promise(upload)
                await self._messages.show(upload)
        return await self._rows.get(id)

    async def served(self, address: str) -> Source | None:
        """The recording that the API fetches from this address; None where there is none any more."""
        upload = await self._rows.at_address(address, self._clock.now())
        if upload is None or upload.state not in FETCHABLE:
            return None
        try:
            source = await self._sources.of(upload)
            return Fetched(source, functools.partial(self._fetched.__setitem__, upload.id))
        except BotError as exc:
            log.warning("the recording of upload %d can't be served (%s)", upload.id, type(exc).__name__)
            return None

    # ---- the job -----------------------------------------------------------------------------------------------------

    async def _transfer(self, job: Job, note: Note) -> None:
        upload = await self._rows.get(job.payload["upload"])
        if upload is None or upload.round != job.payload["round"]:
            return
        if upload.state in OPEN:
            upload = await Attempt(self._tools, job, note, upload).run()
            self._metrics.upload(upload.state)
        if upload.state is UploadState.SENT:
            await self._promise_to_follow(upload)
        if upload.state is UploadState.DUPLICATE:
            await self._messages.promise_where(upload, upload.channel, upload.thread_ts, upload.attestation.by)
        await self._show(job, upload)
        await self._messages.show_queue()

    async def _broken(self, job: Job, exc: BaseException) -> None:
        """Something that nobody thought of. What had begun to be sent may be there."""
        upload = await self._rows.get(job.payload["upload"])
        if upload is None or isinstance(exc, TakenOver):
            return
        state = UploadState.ASKING if upload.state is UploadState.SENDING else UploadState.FAILED
        how = {"state": state, "reason": "unexpected", "words": job.reference}
        await self._rows.change(upload.id, only=OPEN, of_round=job.payload["round"], **how)
        self._metrics.upload(state)
        await self._show(job, upload)

    async def _show(self, job: Job, upload: Upload) -> None:
        """Tell how it ended."""
        try:
            await self._messages.show(upload)
        except SlackUnavailable as exc:
            raise again(job) from exc

    # ---- afterwards --------------------------------------------------------------------------------------------------

    async def _promise_to_follow(self, upload: Upload) -> None:
        await self._jobs.add(*follow_job(upload))

    async def _follow(self, job: Job, _note: Note) -> None:
        """Ask for the call at widening intervals until it is analysed, for a day at most."""
        upload = await self._rows.get(job.payload["upload"])
        if upload is None or upload.state is not UploadState.SENT:
            return
        age = self._clock.now() - job.created_at
        is_untold = bool(upload.channel) and not upload.message_ts and age < UNTOLD
        conversation = None if is_untold else await self._analysed(upload, age)
        if conversation is None:
            if age < FOLLOWED:
                raise Retry(after=min(FIRST_LOOK * 1.6 ** (job.attempts - 1), LONGEST_LOOK))
            await self._rows.change(upload.id, reason="unanalysed")
        try:
            if conversation is None:
                await self._messages.show(upload)
            else:
                await self._messages.show_analysed(upload, conversation)
        except SlackUnavailable as exc:
            raise again(job) from exc

    async def _analysed(self, upload: Upload, age: timedelta) -> Conversation | None:
        try:
            call = upload.call or await self._find(upload)
            conversation = await self._conversations.one(Kind.CALL, call) if call else None
            if conversation is None or not conversation.is_analysed:
                return None
            conversation = await self._conversations.marked(conversation)
        except (KickscaleError, RangeTooWide, GoneError) as exc:
            log.info("upload %d can't be followed now (%s)", upload.id, type(exc).__name__)
            return None
        return None if conversation.is_internal and age < UNLISTED else conversation

    async def _find(self, upload: Upload) -> str:
        """The id of its call, where the answer to the upload had none."""
        if not has_key(await self.operation()):
            return ""
        finding = await self._client.find_by_external_id(
            upload.external_id, *window(upload, self._clock.now()), since=upload.created_at
        )
        if finding.call:
            await self._rows.change(upload.id, call=finding.call)
        return finding.call

    async def operation(self) -> operations.Upload:
        """How the API takes a recording."""
        await self._bindings.ready()
        return self._client.binding.upload
