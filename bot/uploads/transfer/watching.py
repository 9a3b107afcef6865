"""Watch bytes on their way: show how far they are, and stop them when somebody presses *Cancel*."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from bot.clock import Clock
from bot.model.uploads import Progress
from bot.uploads.transfer.record import Record

T = TypeVar("T")

LOOK = 3.0
"""Seconds between two looks at how far an upload is, and whether it was cancelled."""


class Cancelled(Exception):
    """A person pressed *Cancel* before the last byte was sent."""


class Meter(Protocol):
    """How many bytes of a recording have passed."""

    @property
    def handed_over(self) -> int:
        """As long as these aren't all, the other side can't have the whole recording."""
        ...

    @property
    def sent(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Fetch:
    """Bytes that the API fetches by itself: anybody who knows the address can get all of them."""

    handed_over: int
    fetched: Callable[[], int]

    @property
    def sent(self) -> int:
        return self.fetched()


class Watch:
    """Watches work on an upload, and shows its progress at every `looks_per_edit`th look."""

    def __init__(self, record: Record, clock: Clock, looks_per_edit: int) -> None:
        self._record = record
        self._clock = clock
        self._looks_per_edit = looks_per_edit

    async def through(self, work: Awaitable[T], meter: Meter, step: Literal["checking", "sending"]) -> T:
        """Do the work and return its result. Raises Cancelled, and whatever the work raises."""
        record = self._record
        task = asyncio.ensure_future(work)
        started = self._clock.elapsed()

        def progress() -> Progress:
            seconds = (self._clock.elapsed() - started).total_seconds()
            rate = meter.sent / seconds if seconds >= 1 else None
            left = (record.upload.size - meter.sent) / rate if rate else None
            return Progress(sent=meter.sent, size=record.upload.size, rate=rate, left=left, step=step)

        try:
            looks = 0
            while True:
                pause = asyncio.ensure_future(self._clock.sleep(LOOK))
                await asyncio.wait({task, pause}, return_when=asyncio.FIRST_COMPLETED)
                pause.cancel()
                if task.done():
                    return task.result()
                await record.refresh()
                if task.done():
                    return task.result()
                if record.is_cancelled and meter.handed_over < record.upload.size:
                    raise Cancelled
                looks += 1
                if looks % self._looks_per_edit == 0:
                    record.show(progress)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
