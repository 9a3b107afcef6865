"""All benchmarks in one table: `uv run python -m tests.benchmarks`.

With `--write` the table goes to docs/benchmarks.md. `--only NAME` runs a part of them, and can be repeated. `--before`
names a checkout of an earlier commit, whose digests are measured too. This only works on Linux, and needs two cores.
"""

import argparse
import asyncio
import functools
import json
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.benchmarks import ack, alone, answers, load, memory, services
from tests.benchmarks.callbacks import percentile
from tests.benchmarks.processes import CORES, OTHERS
from tests.benchmarks.table import Row, as_page, as_text

PAGE = Path("docs/benchmarks.md")
MOST_CPU = 20.0
"""Milliseconds."""

MOST_SECONDS = 400.0
"""For one part. Some take two minutes."""

Measure = Callable[[], Awaitable[list[Row]]]


async def callbacks() -> list[Row]:
    """Return the row about the callbacks of all bots that have run so far."""
    counts: dict[str, int] = {}
    longest: list[tuple[float, str]] = []
    for ends in services.ends:
        longest += [(took, what) for took, what in ends["longest"]]
        for took, count in ends["counts"].items():
            counts[took] = counts.get(took, 0) + count
    if not counts:
        return []
    worst = sorted(longest, reverse=True)[:3]
    took = percentile(counts, 0.999)
    return [
        Row(
            "CPU of the longest callback in all of the above, p99.9",
            "20 ms",
            f"{took:.1f} ms",
            f"{percentile(counts, 0.5):.2f} ms at p50",
            f"{took / MOST_CPU:.2f}",
            f"{MOST_CPU:.0f} ms",
            took <= MOST_CPU,
            (
                f"{sum(counts.values()):,} callbacks, p99.99 {percentile(counts, 0.9999):.1f} ms; the longest: "
                + "; ".join(f"{took:.0f} ms in {what}" for took, what in worst),
            ),
        )
    ]


def parts(before: Path | None) -> Mapping[str, Measure]:
    """Return what measures the rows, by name, in the order of the table."""
    return {
        "ack": ack.measure,
        "answers": answers.measure,
        "records": alone.read_records,
        "start": alone.become_ready,
        "memory": memory.measure,
        "upload": alone.upload,
        "digests": functools.partial(alone.post_digests, before),
        "load": load.measure,
        "callbacks": callbacks,
    }


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="All benchmarks in one table.")
    parser.add_argument("--only", action="append", choices=parts(None), help="run this part; can be repeated")
    parser.add_argument("--before", type=Path, help="a checkout of an earlier commit, whose digests are measured too")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE}")
    parser.add_argument("--verbose", action="store_true", help="print the longest callbacks of every bot")
    arguments = parser.parse_args()
    if len(CORES) < 2:
        parser.error("the bot and its servers need a core each")
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    random.seed(1)
    rows: list[Row] = []
    measures = parts(arguments.before)
    # What this process serves is on the others' core too; `pinned` decides for each bot.
    os.sched_setaffinity(0, OTHERS)
    for name in arguments.only or measures:
        began = time.monotonic()
        rows += await _measured(name, measures[name])
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    if arguments.verbose:
        for ends in services.ends:
            print(json.dumps({name: ends[name] for name in ("longest", "collections", "left", "stopping")}, indent=1))
    print(as_text(rows))
    if arguments.write:
        PAGE.write_text(as_page(rows))


async def _measured(name: str, measure: Measure) -> list[Row]:
    """Return the rows, or one that says why there are none: one failure must not cost the others' figures."""
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await measure()
    except Exception as exc:  # noqa: BLE001 likewise
        return [Row(name, "", "not measured", "", "", "", is_reached=False, notes=(repr(exc)[:500],))]


asyncio.run(main())
