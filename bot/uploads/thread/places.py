"""Places in the queue of uploads."""

from bot.model.uploads import Progress, Upload, UploadState
from bot.storage.upload_stores import UploadStore

LATEST = 10


class QueuePlaces:
    """`lanes` is how many uploads are sent at a time."""

    def __init__(self, uploads: UploadStore, lanes: int) -> None:
        self._uploads = uploads
        self._lanes = lanes

    async def of(self, upload: Upload) -> Progress | None:
        """Return the place of an upload that waits; 0 if it begins next."""
        if upload.state is not UploadState.QUEUED:
            return None
        before = await self._uploads.place(upload)
        return Progress(size=upload.size, step="queued", place=max(0, before - self._lanes + 1))

    async def latest(self, channel: str, count: int = LATEST) -> tuple[list[Upload], dict[int, int]]:
        """Return a channel's latest uploads, and by id the places of those that wait."""
        uploads = await self._uploads.of_channel(channel, count)
        waiting = [(upload.id, await self.of(upload)) for upload in uploads]
        return uploads, {id_: progress.place for id_, progress in waiting if progress is not None}
