"""The queue of uploads: what is promised, and what people do to uploads on their way."""

from bot.clock import Clock
from bot.model.uploads import UNDER_WAY, Progress, Upload, UploadState
from bot.storage.stores import JobQueue
from bot.storage.upload_stores import UploadStore
from bot.uploads.thread.edits import ProgressEdits
from bot.uploads.thread.message import UploadMessages
from bot.uploads.transfer.following import Following
from bot.uploads.transfer.job import TRANSFER, Transfer, transfer_key


class UploadQueue:
    """`lanes` is the job queue in which as many transfers run as are allowed at a time."""

    def __init__(  # noqa: PLR0917 the two queues, and what shows what people did
        self,
        lanes: JobQueue,
        uploads: UploadStore,
        messages: UploadMessages,
        progress: ProgressEdits,
        following: Following,
        clock: Clock,
    ) -> None:
        self._lanes = lanes
        self._uploads = uploads
        self._messages = messages
        self._progress = progress
        self._following = following
        self._clock = clock

    async def promise(self, upload: Upload) -> None:
        """Promise to finish an upload that was recorded; to promise it twice changes nothing."""
        await self._lanes.promise(TRANSFER, transfer_key(TRANSFER, upload), Transfer(upload.id, upload.round))
        await self._messages.promise(upload)

    async def recover(self) -> None:
        """Promise again what a kill left without a job, and forget the addresses where nothing is served any more."""
        await self._uploads.expire_addresses(self._clock.now())
        for upload in await self._uploads.in_state(*UNDER_WAY):
            if not upload.is_from_disk:
                await self.promise(upload)
        for upload in await self._uploads.in_state(UploadState.SENT):
            if not upload.reason:
                await self._following.promise(upload)

    async def get(self, id: int) -> Upload | None:  # noqa: A002
        return await self._uploads.get(id)

    async def cancel(self, id: int, user: str) -> Upload | None:  # noqa: A002
        """Stop an upload, if not all of it was sent yet; return it as it is then."""
        # Whichever of the two states it is in: an attempt may be taking it from the queue right now, or returning it.
        await self._uploads.change(id, only=UNDER_WAY, cancelled_by=user)
        if await self._uploads.change(id, only=(UploadState.QUEUED,), state=UploadState.CANCELLED):
            upload = await self._uploads.get(id)
            if upload is not None:
                await self._messages.show(upload)
                await self._messages.show_queue()
            return upload
        upload = await self._uploads.get(id)
        if upload is not None:
            # It may take minutes to find out first whether it arrived.
            size = upload.size
            self._progress.tick(upload, lambda: Progress(size=size))
        return upload

    async def confirm_arrival(self, id: int) -> Upload | None:  # noqa: A002
        """Record that a person says that the recording did arrive; return the upload as it is then."""
        if await self._uploads.change(id, only=(UploadState.ASKING,), state=UploadState.SENT, failure=None):
            upload = await self._uploads.get(id)
            if upload is not None:
                await self._following.promise(upload)
                await self._messages.show(upload)
        return await self._uploads.get(id)

    async def send_again(self, id: int) -> Upload | None:  # noqa: A002
        """Start an upload again because a person says that it didn't arrive; return it as it is then."""
        if await self._uploads.send_again(id):
            upload = await self._uploads.get(id)
            if upload is not None:
                await self.promise(upload)
                await self._messages.show(upload)
        return await self._uploads.get(id)
