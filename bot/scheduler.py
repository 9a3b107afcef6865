"""Wakes the services at their times; what is due is theirs to decide, by their own clock.

The waits are the event loop's, which nobody changes by setting the machine's clock. A library that waits for moments
on that clock would stand still for an hour after it was set back by one.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any

log = logging.getLogger(__name__)

Wake = Callable[[], Awaitable[None]]


class Scheduler:
    def __init__(self) -> None:
        self._recurring: list[Coroutine[Any, Any, None]] = []
        self._planned: dict[tuple[str, datetime], asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_running = False

    def every(self, interval: timedelta, name: str, wake: Wake, *, first: timedelta | None = None) -> None:
        """Call `wake` once an interval, the first time after one, or after `first`; what it raises is logged."""
        self._recurring.append(_repeat(interval.total_seconds(), name, wake, first))
        if self._is_running:
            self._start_recurring()

    def replan(self, name: str, waits: Mapping[datetime, timedelta], wake: Wake) -> None:
        """Call `wake` once at each of these moments, which come in so long; at no others that were planned before."""
        if not self._is_running:
            return
        for key in [key for key in self._planned if key[0] == name and key[1] not in waits]:
            self._planned.pop(key).cancel()
        loop = asyncio.get_running_loop()
        for moment, wait in waits.items():
            key = name, moment
            if key not in self._planned:
                self._planned[key] = loop.call_later(wait.total_seconds(), self._wake_planned, key, wake)

    def start(self) -> None:
        self._is_running = True
        self._start_recurring()

    def stop(self) -> None:
        """Wake nobody any more, and cancel what is under way."""
        self._is_running = False
        for timer in self._planned.values():
            timer.cancel()
        self._planned.clear()
        for waiting in self._recurring:
            waiting.close()
        for task in self._tasks:
            task.cancel()

    def _start_recurring(self) -> None:
        while self._recurring:
            self._spawn(self._recurring.pop(0))

    def _wake_planned(self, key: tuple[str, datetime], wake: Wake) -> None:
        del self._planned[key]
        self._spawn(_logged(key[0], wake))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _repeat(seconds: float, name: str, wake: Wake, first: timedelta | None) -> None:
    wait = seconds if first is None else first.total_seconds()
    while True:
        # Spread a little, so that many bots do not ask one API at the same moment.
        await asyncio.sleep(wait + random.uniform(0, seconds / 20))  # noqa: S311 no secret
        await _logged(name, wake)
        wait = seconds


async def _logged(name: str, wake: Wake) -> None:
    try:
        await wake()
    except Exception:
        log.exception("the job %s failed", name)
