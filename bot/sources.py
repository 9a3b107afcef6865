"""Where a recording comes from: a file in Slack, or one on the disk."""

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from bot.errors import RecordingRefused
from bot.models import SlackFile, Upload
from bot.recordings.sniff import HEAD
from bot.slack import Slack
from bot.slack_files import SlackFiles

CHUNK = 1 << 20
TAIL = 256 * 1024
"""What is read of a recording's end: where it is not at the beginning, the table of an MP4 file is there."""
LARGEST = 1_000_000_000
"""Bytes, where the API's document names no limit: Slack's own (https://docs.slack.dev/messaging/working-with-files)."""

_UNREADABLE = {"external": "external", "tombstone": "gone", "hidden_by_limit": "hidden"}


class Source(Protocol):
    """A recording that can be read, from its beginning, any number of times."""

    name: str
    size: int
    """Bytes."""

    async def head(self, length: int = HEAD) -> bytes: ...

    async def tail(self, length: int = TAIL) -> bytes:
        """Its end, or nothing where only the whole of it can be read."""
        ...

    def chunks(self) -> AsyncIterator[bytes]: ...


class SlackSource:
    def __init__(self, files: SlackFiles, file: SlackFile) -> None:
        self._files = files
        self.file = file
        self.name = file.name
        self.size = file.size

    async def head(self, length: int = HEAD) -> bytes:
        return await self._files.head(self.file, length)

    async def tail(self, length: int = TAIL) -> bytes:
        return await self._files.tail(self.file, length)

    def chunks(self) -> AsyncIterator[bytes]:
        return self._files.chunks(self.file)


class PathSource:
    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self.name = path.name
        self.size = size

    async def head(self, length: int = HEAD) -> bytes:
        return await asyncio.to_thread(self._read, 0, length)

    async def tail(self, length: int = TAIL) -> bytes:
        return await asyncio.to_thread(self._read, max(0, self.size - length), length)

    async def chunks(self) -> AsyncIterator[bytes]:
        position = 0
        while chunk := await asyncio.to_thread(self._read, position, CHUNK):
            yield chunk
            position += len(chunk)

    def _read(self, position: int, length: int) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(position)
                return file.read(length)
        except OSError as exc:
            raise RecordingRefused("gone", self.name) from exc


class Sources:
    """Opens the recording of an upload."""

    def __init__(self, slack: Slack, files: SlackFiles) -> None:
        self._slack = slack
        self._files = files

    async def slack_file(self, id: str) -> SlackSource:  # noqa: A002
        """Raises RecordingRefused for what has no bytes that the bot could read, SlackError."""
        file = await self._slack.file(id)
        require_bytes(file)
        return SlackSource(self._files, file)

    async def of(self, upload: Upload, path: str) -> Source:
        """The upload's file in Slack, or the one at `path` on this machine. Raises RecordingRefused, SlackError."""
        if not path:
            return await self.slack_file(upload.source)
        try:
            stat = await asyncio.to_thread(Path(path).stat)
        except OSError as exc:
            raise RecordingRefused("gone", upload.name) from exc
        return PathSource(Path(path), stat.st_size)


def require_bytes(file: SlackFile, largest: int | None = None) -> None:
    """Raise RecordingRefused for a file that Slack does not hold, hides, or that is larger than can be taken."""
    reason = _UNREADABLE.get(file.mode, "") or ("" if file.url else "gone")
    if reason:
        raise RecordingRefused(reason, file.name)
    if not file.size:
        raise RecordingRefused("empty", file.name)
    limit = min(largest or LARGEST, LARGEST)
    if file.size > limit:
        raise RecordingRefused("too_large", file.name, {"limit": str(limit)})


def may_be_recording(file: SlackFile) -> bool:
    """Whether Slack or its name calls it audio or video, or nothing can be told of it yet."""
    if file.mode == "file_access":
        return True
    guessed = file.mimetype if "/" in file.mimetype else (mimetypes.guess_type(file.name)[0] or "")
    if guessed in ("", "application/octet-stream"):
        guessed = mimetypes.guess_type(file.name)[0] or ""
    return guessed.partition("/")[0] in ("audio", "video")
