"""The rows of the benchmarks that can also be run alone: records, the start, the transfer and digests."""

import statistics
from pathlib import Path

from tests.benchmarks import digests, records, start, transfer
from tests.benchmarks.processes import MIB
from tests.benchmarks.table import Row

TWICE = 2.0
START = 1.8
RATE = 0.9
MEMORY = 16 * MIB
COMPUTING = 0.4
FLAT = 16 * MIB
"""By how much memory may differ between a thousand digests and ten thousand."""
UPLOADS = 3
DEAR = (
    "of the computing for each digest, the database takes 27% (seven writes, which share two transactions with others),"
    " three requests to Slack 22%, and rendering 15% (schedstat of the threads, cProfile). With 16 jobs at a time,"
    " not 8, it is a sixth less, but acknowledgements beside them take 58 ms and more at p99, not 39 (2026-11-29)"
)


async def read_records() -> list[Row]:
    ratio = records.measure()
    return [
        Row(
            "reading a record for a list, decoding included",
            "`json.loads` of it",
            f"{ratio:.2f}",
            "1",
            f"{ratio:.2f}",
            "2 times",
            ratio <= TWICE,
        )
    ]


async def become_ready() -> list[Row]:
    measured = await start.measure()
    bare, ours = measured.bare, measured.bot
    return [
        Row(
            "start to ready",
            "a bare Bolt async app",
            f"{ours.wall:.2f} s",
            f"{bare.wall:.2f} s",
            f"{ours.wall / bare.wall:.2f}",
            f"{START} times",
            ours.wall <= START * bare.wall,
            (f"of computing {ours.cpu:.2f} s and {bare.cpu:.2f} s; medians of {start.ROUNDS}",),
        )
    ]


async def upload() -> list[Row]:
    ratios, rises = await transfer.measure_bot(UPLOADS)
    ratio = statistics.median(ratios)
    return [
        Row(
            "upload of 1 GB",
            "a plain streaming copy between the same servers",
            f"{max(rises) / MIB:.1f} MiB of memory",
            "",
            f"{ratio:.2f} of its rate",
            f"{RATE} of its rate, 16 MB of memory",
            ratio >= RATE and max(rises) <= MEMORY,
            (f"median of {UPLOADS}",),
        )
    ]


async def post_digests(before: Path | None) -> list[Row]:
    """Compare with the digests of the checkout `before`, if there is one."""
    rows: list[Row] = []
    measured: dict[int, digests.Row] = {}
    for count in digests.COUNTS:
        ours, theirs = await digests.measure_digests(count, before)
        measured[count] = ours
        few = measured.get(digests.FEW, ours)
        is_flat = ours.requests == measured[digests.COUNTS[0]].requests and ours.memory <= few.memory + FLAT
        is_cheap = theirs is None or count < digests.FEW or ours.cpu <= COMPUTING * theirs.cpu
        rows.append(
            Row(
                f"digests of {_counted(count, 'domain')} at one moment",
                f"one query per domain: {_counted(count, 'request')}" + ("; the commit before" if theirs else ""),
                f"{ours.requests} requests, {ours.cpu:.2f} s of computing",
                f"{theirs.cpu:.2f} s before" if theirs else f"{ours.plain:.2f} s for the pages alone",
                f"{ours.cpu / theirs.cpu:.2f}" if theirs else f"{ours.cpu / ours.plain:.2f}",
                "requests flat; 0.4 of the computing for 1,000" if theirs else "requests and memory flat",
                is_flat and is_cheap,
                (f"{ours.seconds:.1f} s until all are posted, memory rises by {ours.memory / MIB:.0f} MiB",),
                "" if is_cheap else DEAR,
            )
        )
    return rows


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
