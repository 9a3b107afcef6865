"""Recordings that the API fetches from the bot, at addresses that only the two know."""

import functools
import logging
from collections.abc import AsyncIterator, Callable

from bot.clock import Clock
from bot.errors import BotError
from bot.storage.upload_stores import UploadStore
from bot.uploads.recordings.counting import Counted
from bot.uploads.sources import Source, Sources

log = logging.getLogger(__name__)


class CountedSource:
    """A `Source` that reports how many of its bytes were read."""

    def __init__(self, source: Source, report: Callable[[int], None]) -> None:
        self._source = source
        self._report = report
        self.name = source.name
        self.size = source.size
        self.head = source.head
        self.tail = source.tail

    def chunks(self) -> AsyncIterator[bytes]:
        return aiter(Counted(self._source.chunks(), self.size, self._report))


class ServedRecordings:
    def __init__(self, uploads: UploadStore, sources: Sources, clock: Clock) -> None:
        self._uploads = uploads
        self._sources = sources
        self._clock = clock
        self._fetched: dict[int, int] = {}

    def fetched(self, upload: int) -> int:
        """Return how many bytes of an upload the API fetched the last time that it began to."""
        return self._fetched.get(upload, 0)

    async def open(self, address: str) -> Source | None:
        """Return the recording that is served at this address; None if there is none any more."""
        upload = await self._uploads.at_address(address, self._clock.now())
        if upload is None or not upload.state.may_be_fetched:
            return None
        try:
            source = await self._sources.of(upload)
            return CountedSource(source, functools.partial(self._fetched.__setitem__, upload.id))
        except BotError as exc:
            log.warning("the recording of upload %d can't be served (%s)", upload.id, type(exc).__name__)
            return None
