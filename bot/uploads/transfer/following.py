"""What happens to an upload after it was sent: its call is looked for until it is analysed."""

import logging
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.errors import GoneError, KickscaleError, RangeTooWide, SlackUnavailable
from bot.kickscale.client import KickscaleClient
from bot.model.conversation import Conversation, Kind
from bot.model.job import Job, NoProgress, Note, Retry
from bot.model.uploads import Upload, UploadState
from bot.storage.stores import JobQueue
from bot.storage.upload_stores import UploadStore
from bot.tools.backoff import Backoff
from bot.uploads.operation import CurrentOperation
from bot.uploads.retrying import ALWAYS
from bot.uploads.thread.message import UploadMessages
from bot.uploads.transfer.finding import has_key, range_of_call
from bot.uploads.transfer.job import FOLLOW, Follow, follow_key

log = logging.getLogger(__name__)

FOLLOWED = timedelta(days=1)
"""How long to wait for the analysis."""
UNPOSTED = timedelta(minutes=15)
"""How long the summary waits for the message that is to show it."""
UNLISTED = timedelta(minutes=15)
"""How long the API may leave a new call out of all lists, as if it were internal. The thread keeps what it shows."""
LOOKS = Backoff(first=5.0, factor=1.6, longest=3_600.0)
"""Between two looks at the call."""


class Calls:
    """Uploads' calls in Kickscale."""

    def __init__(
        self,
        uploads: UploadStore,
        client: KickscaleClient,
        conversations: Conversations,
        operation: CurrentOperation,
    ) -> None:
        self._uploads = uploads
        self._client = client
        self._conversations = conversations
        self._operation = operation

    async def analysed(self, upload: Upload, now: datetime) -> Conversation | None:
        """Return an upload's call once it is analysed; None if it isn't, or if Kickscale doesn't answer."""
        try:
            call = upload.call or await self._find(upload, now)
            conversation = await self._conversations.read(Kind.CALL, call) if call else None
            if conversation is None or not conversation.is_analysed:
                return None
            return await self._conversations.mark_internal(conversation)
        except (KickscaleError, RangeTooWide, GoneError) as exc:
            log.info("can't check the state of upload %d right now (%s)", upload.id, type(exc).__name__)
            return None

    async def _find(self, upload: Upload, now: datetime) -> str:
        """Return the id of the call if the answer to the upload had none, and record it."""
        if not has_key(await self._operation()):
            return ""
        finding = await self._client.find_by_external_id(
            upload.external_id, *range_of_call(upload, now), since=upload.created_at
        )
        if finding.call:
            await self._uploads.change(upload.id, call=finding.call)
        return finding.call


class Following:
    def __init__(
        self, queue: JobQueue, uploads: UploadStore, calls: Calls, messages: UploadMessages, clock: Clock
    ) -> None:
        self._queue = queue
        self._uploads = uploads
        self._calls = calls
        self._messages = messages
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(FOLLOW, self._follow)

    async def promise(self, upload: Upload) -> None:
        """Promise to look for the analysis of an upload that was sent."""
        await self._queue.promise(FOLLOW, follow_key(upload), Follow(upload.id))

    async def _follow(self, job: Job[Follow, NoProgress], _note: Note[NoProgress]) -> None:
        """Look for the call at growing intervals until it is analysed, for a day at most."""
        upload = await self._uploads.get(job.payload.upload)
        if upload is None or upload.state is not UploadState.SENT:
            return
        now = self._clock.now()
        age = now - job.created_at
        is_unposted = bool(upload.channel) and not upload.message_ts and age < UNPOSTED
        conversation = None if is_unposted else await self._calls.analysed(upload, now)
        if conversation is not None and conversation.is_internal and age < UNLISTED:
            conversation = None
        if conversation is None:
            if age < FOLLOWED:
                raise Retry(after=LOOKS.pause(job.attempts))
            await self._uploads.change(upload.id, is_unanalysed=True)
        try:
            if conversation is None:
                await self._messages.show(upload)
            else:
                await self._messages.show_analysed(upload, conversation)
        except SlackUnavailable as exc:
            raise ALWAYS.after(job, self._clock.now(), exc) from exc
