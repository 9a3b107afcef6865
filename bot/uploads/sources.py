"""Where a recording comes from: a file in Slack, or one on the disk."""

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path, PurePath
from typing import Protocol

from bot.errors import RecordingRefused
from bot.kickscale.binding import operations
from bot.model.uploads import SlackFile, Upload
from bot.slack.client import Slack
from bot.slack.downloads import Downloads, refusal
from bot.uploads.recordings.boxes import index_length, is_cut_off
from bot.uploads.recordings.sniff import HEAD, ISO, Container, recognised

CHUNK = 1 << 20

_UNKNOWN = ("", "application/octet-stream", "binary/octet-stream")
_ENDINGS = {
    *(".3ga", ".aac", ".amr", ".awb", ".caf", ".ds2", ".dss", ".flac", ".flv", ".gsm", ".m2ts", ".m4a", ".m4b", ".m4v"),
    *(".mka", ".mkv", ".mts", ".oga", ".ogg", ".opus", ".spx", ".vox", ".weba", ".wma", ".wmv"),
}
"""Endings that `mimetypes` knows only on some machines, or on none."""
_MEDIA = ("application/mp4", "application/mxf", "application/ogg", "application/vnd.ms-asf")


class Source(Protocol):
    """A recording that can be read from its beginning any number of times."""

    name: str
    size: int
    """Bytes."""

    async def head(self, length: int = HEAD) -> bytes: ...

    async def tail(self, length: int) -> bytes:
        """Return its end; empty if it can only be read as a whole."""
        ...

    def chunks(self) -> AsyncIterator[bytes]: ...


class SlackSource:
    def __init__(self, files: Downloads, file: SlackFile) -> None:
        self._files = files
        self.file = file
        self.name = file.name
        self.size = file.size

    async def head(self, length: int = HEAD) -> bytes:
        return await self._files.head(self.file, length)

    async def tail(self, length: int) -> bytes:
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

    async def tail(self, length: int) -> bytes:
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
            raise RecordingRefused("gone_from_disk", self.name) from exc


class Sources:
    """Opens recordings in Slack."""

    def __init__(self, slack: Slack, files: Downloads) -> None:
        self._slack = slack
        self._files = files

    async def slack_file(self, id: str) -> SlackSource:  # noqa: A002
        """Raises RecordingRefused if it has no bytes that the bot could read, and SlackError."""
        return self.of_file(await self._slack.files.get(id))

    def of_file(self, file: SlackFile) -> SlackSource:
        """Raises RecordingRefused if it has no bytes that the bot could read."""
        require_bytes(file)
        return SlackSource(self._files, file)

    async def of(self, upload: Upload) -> SlackSource:
        """Return an upload's recording. Raises RecordingRefused, SlackError."""
        return await self.slack_file(upload.source)


def require_bytes(file: SlackFile) -> None:
    """Raise RecordingRefused for a file that Slack doesn't store, or hides."""
    if reason := refusal(file):
        raise RecordingRefused(reason, file.name)
    if not file.size:
        raise RecordingRefused("empty", file.name)


def may_be_recording(file: SlackFile) -> bool:
    """Return whether a file is called audio or video, or nothing says what it is; then its bytes decide."""
    return _kind(file) in _UNKNOWN or claims_to_be_recording(file)


def claims_to_be_recording(file: SlackFile) -> bool:
    """Return whether Slack or its name calls a file audio or video."""
    kind = _kind(file)
    return kind in _MEDIA or kind.partition("/")[0] in ("audio", "video")


def _kind(file: SlackFile) -> str:
    """Return a file's media type from Slack, or else from its name; one of `_UNKNOWN` if neither says."""
    named = "audio/*" if PurePath(file.name).suffix.lower() in _ENDINGS else mimetypes.guess_type(file.name)[0]
    return named or "" if file.mimetype in _UNKNOWN else file.mimetype


async def require_accepted(operation: operations.Upload, source: Source) -> Container:
    """Return the container of a recording. Raises RecordingRefused if it isn't one or isn't accepted; SlackError."""
    if not source.size:
        raise RecordingRefused("empty", source.name)
    # Without a limit in the settings or from the API, Kickscale decides: Slack's own limit is another matter.
    if operation.max_bytes is not None and source.size > operation.max_bytes:
        raise RecordingRefused("too_large", source.name, {"limit": str(operation.max_bytes)})
    head = await source.head()
    container = recognised(head)
    if container is None:
        raise RecordingRefused("not_media", source.name)
    if container.name in ISO:
        length = index_length(head, source.size)
        if is_cut_off(head, await source.tail(length) if length else b"", source.size):
            raise RecordingRefused("cut_off", source.name)
    # The API names endings of file names, which say both more and less than the container: .opus is in Ogg.
    known_as = {container.name, PurePath(source.name).suffix[1:].lower()}
    if operation.formats and known_as.isdisjoint(operation.formats):
        raise RecordingRefused("format", source.name, {"limit": ", ".join(operation.formats)})
    return container
