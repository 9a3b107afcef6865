"""Recordings on the disk that are still what they were when the upload was planned."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot.errors import RecordingRefused
from bot.model.uploads import Upload
from bot.uploads.from_disk.plan import Planned
from bot.uploads.sources import CHUNK, PathSource, Source


class PromisedSource(PathSource):
    """A file that was read before. `tail` returns its last bytes only if all bytes are still what was read then."""

    def __init__(self, path: Path, size: int, sha256: str) -> None:
        super().__init__(path, size)
        self._sha256 = sha256

    def require_size(self) -> None:
        """Raise RecordingRefused if it is gone, or certainly another file."""
        try:
            size = self._path.stat().st_size
        except OSError as exc:
            raise RecordingRefused("gone_from_disk", self.name) from exc
        if size != self.size:
            raise RecordingRefused("changed_on_disk", self.name)

    async def chunks(self) -> AsyncIterator[bytes]:
        digest = hashlib.sha256()
        position = 0
        while position < self.size:
            chunk = await asyncio.to_thread(self._read, position, min(CHUNK, self.size - position))
            await asyncio.to_thread(digest.update, chunk)
            position += len(chunk)
            if not chunk or (position == self.size and digest.hexdigest() != self._sha256):
                raise RecordingRefused("changed_on_disk", self.name)
            yield chunk


class DiskSources:
    """Opens the paths of this run, as a `bot.uploads.transfer.duplicates.SourceOpener`."""

    def __init__(self) -> None:
        self._sources: dict[int, PromisedSource] = {}

    def put(self, upload: Upload, planned: Planned) -> None:
        self._sources[upload.id] = PromisedSource(planned.path, planned.size, planned.sha256)

    async def of(self, upload: Upload) -> Source:
        source = self._sources.get(upload.id)
        if source is None:
            raise RecordingRefused("gone_from_disk", upload.name)
        await asyncio.to_thread(source.require_size)
        return source


def hash_file(path: Path, read: Callable[[int], None]) -> tuple[int, str]:
    """Return a file's size in bytes, and its hash. `read` is called with the size of each chunk. Raises OSError."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            read(len(chunk))
    return size, digest.hexdigest()
