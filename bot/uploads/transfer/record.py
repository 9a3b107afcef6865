"""What one attempt writes down: the row of its upload, and the progress of its job."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, Protocol, Unpack

from bot.clock import Clock
from bot.model.job import Job, Note, Retry
from bot.model.uploads import Progress, Upload, UploadChanges, UploadState
from bot.storage.upload_stores import UploadStore
from bot.uploads.transfer.job import AttemptProgress, Transfer


class ProgressDisplay(Protocol):
    def tick(self, upload: Upload, progress: Callable[[], Progress]) -> None:
        """Show how far an upload is, without making it wait."""


class Record:
    """The upload and the progress are always what was last written, or read."""

    def __init__(  # noqa: PLR0917 an attempt's job, and where it writes
        self,
        job: Job[Transfer, AttemptProgress],
        note: Note[AttemptProgress],
        upload: Upload,
        uploads: UploadStore,
        display: ProgressDisplay,
        clock: Clock,
    ) -> None:
        self._note = note
        self._round = upload.round
        self._uploads = uploads
        self._display = display
        self._clock = clock
        self.upload = upload
        self.progress = job.progress

    async def change(self, *, only: tuple[UploadState, ...] = (), **changes: Unpack[UploadChanges]) -> bool:
        """Write these fields. Return False and write nothing if the upload is in none of the states `only`."""
        # Nor if it was cancelled in the queue and started again: then it belongs to another attempt, and both would
        # send it if this one could still write.
        changed = await self._uploads.change(self.upload.id, only=only, of_round=self._round, **changes)
        await self.refresh()
        return changed

    async def refresh(self) -> None:
        self.upload = await self._uploads.get(self.upload.id) or self.upload

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody pressed *Cancel*, or the upload was started again and isn't this attempt's any more."""
        return bool(self.upload.cancelled_by) or self.upload.round != self._round

    async def note(self, progress: AttemptProgress) -> None:
        """Replace what is noted in the job. Raises TakenOver."""
        await self._note(progress)
        self.progress = progress

    async def count_trouble(self) -> tuple[int, datetime]:
        """Count one more problem that another attempt may get past. Return how many there were, and when they began."""
        tries, since = self.troubles
        await self.note(replace(self.progress, tries=tries + 1, since=since.isoformat()))
        return tries + 1, since

    @property
    def troubles(self) -> tuple[int, datetime]:
        """How many problems there were, and when they began."""
        return self.progress.tries, self.progress.in_trouble_since or self._clock.now()

    def show(self, progress: Callable[[], Progress]) -> None:
        self._display.tick(self.upload, progress)

    def retry(self, after: float, step: Literal["checking", "asking", "retrying"], why: str = "") -> Retry:
        """Return what to raise for another attempt in so many seconds; meanwhile the message shows `step` and `why`."""
        again_at = self._clock.now() + timedelta(seconds=after)
        progress = Progress(size=self.upload.size, step=step, again_at=again_at, why=why)
        self.show(lambda: progress)
        return Retry(after=after)
