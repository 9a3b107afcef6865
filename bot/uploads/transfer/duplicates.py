"""Finds earlier uploads of the same bytes."""

import logging
from typing import Protocol

from bot.errors import BotError, RecordingRefused
from bot.model.uploads import Upload
from bot.storage.upload_stores import UploadStore
from bot.uploads.recordings.counting import Counted
from bot.uploads.sources import Source
from bot.uploads.transfer.record import Record
from bot.uploads.transfer.watching import Cancelled, Watch

log = logging.getLogger(__name__)


class SourceOpener(Protocol):
    async def of(self, upload: Upload) -> Source:
        """Return an upload's recording. Raises RecordingRefused, SlackError."""
        ...


class MayBeSame(Exception):
    """A recording of the same size is on its way, and may be the same one."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Duplicates:
    def __init__(self, record: Record, watch: Watch, uploads: UploadStore, sources: SourceOpener) -> None:
        self._record = record
        self._watch = watch
        self._uploads = uploads
        self._sources = sources

    async def find_first(self, source: Source) -> Upload | None:
        """Return the earlier upload of the same bytes. Raises MayBeSame while one that may be the same is under way."""
        earlier = await self._uploads.earlier_of_size(self._record.upload)
        if not earlier:
            return None
        own = await self.require_hash(source)
        may_come = ""
        for upload in earlier:
            sha256 = upload.sha256 or (await self._hash_of(upload) if upload.state.has_call else "")
            if sha256 == own and upload.state.has_call:
                return upload
            if not upload.state.has_call and sha256 in ("", own):
                may_come = may_come or upload.name
        if may_come:
            raise MayBeSame(may_come)
        return None

    async def require_hash(self, source: Source) -> str:
        """Return the recording's hash, and record it in the upload. Raises RecordingRefused, SlackError, Cancelled."""
        sha256 = self._record.upload.sha256
        if not sha256:
            sha256 = await self._hash(source)
            await self._record.change(sha256=sha256)
        return sha256

    async def hash_for_later(self) -> None:
        """Record the hash, so that the recording is recognised later, even if its source is gone by then."""
        if not self._record.upload.sha256:
            try:
                await self.require_hash(await self._sources.of(self._record.upload))
            except (BotError, Cancelled) as exc:
                log.info("upload %d can't be hashed (%s)", self._record.upload.id, type(exc).__name__)

    async def _hash(self, source: Source) -> str:
        counted = Counted(source.chunks(), source.size)
        await self._watch.through(_read_all(counted), counted, "checking")
        return counted.sha256

    async def _hash_of(self, other: Upload) -> str:
        """Return the hash of an upload whose end nobody saw, so that it has none; empty if its source is gone."""
        try:
            sha256 = await self._hash(await self._sources.of(other))
        except RecordingRefused:
            return ""
        await self._uploads.change(other.id, sha256=sha256)
        return sha256


async def _read_all(counted: Counted) -> None:
    async for _ in counted:
        pass
