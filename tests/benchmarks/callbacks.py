"""The bot, with the CPU time of each callback of its event loop: `python -m tests.benchmarks.callbacks`.

Runs `kickscale-bot run`, and at its end writes a JSON document into the file that CALLBACKS names: how many callbacks
took how long, the longest ones, and how many tasks were left over. A callback is one step of a task, or what a
transport does with the bytes that arrived. The garbage collector runs in whichever callback happens to allocate.
"""

import asyncio
import gc
import heapq
import json
import os
import signal
import sys
import time
from asyncio.events import Handle
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from bot.cli import run as command

T = TypeVar("T")
NOT_INSTALLED = ("greenlet", "pygments")
"""What comes with the tests' packages only: structlog and httpx import it if it is there, which takes 1.7 MiB."""
LONGEST = 60
"""How many of the longest are described."""
LONG = 3_000
"""Microseconds from which a callback is a candidate."""
LEEWAY = 500_000
"""Nanoseconds by which a callback's time may be too high. To ask for the thread's CPU time is expensive, so it isn't
asked for before and after each callback, but once those since the last time took so long by the wall clock.
"""


class Timer:
    """Measures each callback from `start` on."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        """By microseconds, rounded down to three digits."""
        self._longest: list[tuple[float, int, str]] = []
        self._collected = 0.0
        self._collections: list[tuple[float, int]] = []

    def start(self) -> None:
        run = Handle._run  # noqa: SLF001 the loop calls each callback through it
        counts, wall_time, cpu_time = self._counts, time.perf_counter_ns, time.thread_time_ns
        last, spent = cpu_time(), 0

        def timed(handle: Handle) -> None:
            nonlocal last, spent
            began = wall_time()
            run(handle)
            took = wall_time() - began
            spent += took
            if spent > LEEWAY:
                now = cpu_time()
                took = min(took, now - last)
                last, spent = now, 0
            took //= 1_000
            counts[took if took < 1_000 else took // 100 * 100] += 1
            if took >= LONG:
                self._note(handle, took / 1e3)

        setattr(Handle, "_run", timed)  # noqa: B010 mypy knows it as a method
        gc.callbacks.append(self._collect)
        signal.signal(signal.SIGUSR1, self._forget)

    def _forget(self, *_: object) -> None:
        """Forget what was measured so far: nobody waits for a bot that isn't ready yet."""
        self._counts.clear()
        self._longest.clear()
        self._collections.clear()

    def _collect(self, phase: str, facts: Mapping[str, int]) -> None:
        if not facts["generation"]:
            return
        if phase == "start":
            self._collected = time.thread_time()
        else:
            took = (time.thread_time() - self._collected) * 1e3
            heapq.heappush(self._collections, (took, facts["generation"]))
            if len(self._collections) > LONGEST:
                heapq.heappop(self._collections)

    def _note(self, handle: Handle, took: float) -> None:
        heapq.heappush(self._longest, (took, id(handle), _description(handle)))
        if len(self._longest) > LONGEST:
            heapq.heappop(self._longest)

    def result(self) -> dict[str, Any]:
        return {
            "counts": {str(took): count for took, count in sorted(self._counts.items())},
            "longest": [(round(took, 1), what) for took, _, what in sorted(self._longest, reverse=True)],
            "collections": [
                (round(took, 1), generation) for took, generation in sorted(self._collections, reverse=True)
            ],
        }


def _description(handle: Handle) -> str:
    """Return which coroutine took a step and where it is now, or which function was called."""
    callback = handle._callback  # type: ignore[attr-defined]  # noqa: SLF001
    task = getattr(callback, "__self__", None)
    if not isinstance(task, asyncio.Task):
        return str(getattr(callback, "__qualname__", callback))
    coroutine: Any = task.get_coro()
    names = []
    while (name := getattr(coroutine, "__qualname__", None)) is not None:
        names.append(name)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "ag_await", None)
    return " > ".join([names[0], *names[-2:]] if len(names) > 3 else names) + (" (ended)" if task.done() else "")


def percentile(counts: Mapping[str, int], share: float) -> float:
    """Return how many milliseconds this share of the callbacks took at most."""
    left = sum(counts.values()) * share
    for took, count in sorted((int(took), count) for took, count in counts.items()):
        left -= count
        if left <= 0:
            return took / 1e3
    return 0.0


left: list[int] = []
"""How many tasks were left over when the bot had stopped."""


def count_left(run: Callable[[T], Awaitable[None]]) -> Callable[[T], Awaitable[None]]:
    async def run_and_count(start: T) -> None:
        await run(start)
        left.append(len(asyncio.all_tasks()) - 1)

    return run_and_count


if __name__ == "__main__":
    sys.modules.update(dict.fromkeys(NOT_INSTALLED))  # type: ignore[arg-type]  # None: it can't be imported
    timer = Timer()
    timer.start()
    vars(command)["_run"] = count_left(command._run)  # noqa: SLF001 what `kickscale-bot run` does in its event loop
    command.run(standalone_mode=False)
    Path(os.environ["CALLBACKS"]).write_text(json.dumps({**timer.result(), "left": sum(left)}))
