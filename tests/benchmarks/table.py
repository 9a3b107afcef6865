"""The rows of the table that the benchmarks print, and the page that `--write` makes of it."""

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

HEADINGS = ("work", "against", "ours", "floor", "ratio", "target", "verdict")
LIBRARIES = ("aiohttp", "httpx", "slack-bolt", "slack-sdk", "sqlite-utils")


@dataclass(frozen=True)
class Row:
    """One line of the table. All but the verdict are texts as people read them."""

    work: str
    against: str
    ours: str
    floor: str
    ratio: str
    target: str
    is_reached: bool
    notes: tuple[str, ...] = ()
    """Printed below the table: what went into the figures."""
    why_missed: str = ""
    """Printed there too if the target is missed: what was found to be in the way, and when."""

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = "reached" if self.is_reached else "missed"
        return self.work, self.against, self.ours, self.floor, self.ratio, self.target, verdict


def as_text(rows: Sequence[Row]) -> str:
    """Return the table in columns, and the notes below it."""
    lines = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    printed = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    ]
    return "\n".join([*printed, "", *_notes(rows)])


def as_page(rows: Sequence[Row]) -> str:
    """Return the page for `docs/benchmarks.md`."""
    lines = [
        "# Benchmarks",
        "",
        "How fast the bot is and what it needs, beside the least that the work would take. All of it was measured in",
        "one run of `uv run python -m tests.benchmarks --write` on one machine: compare the ratios, not the seconds.",
        "",
        f"Measured on {date.today().isoformat()}, on {machine()}.",  # noqa: DTZ011 the day of whoever runs it
        f"Versions: {versions()}.",
        "",
        "The bot, or the bare app that it is compared with, has one core to itself. The servers that it talks to, and",
        "the people who ask, have the other one.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'---|' * len(HEADINGS)}",
        *(f"| {' | '.join(row.cells)} |" for row in rows),
        "",
        *(f"- {note}" for note in _notes(rows)),
    ]
    return "\n".join(lines) + "\n"


def _notes(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(f"{row.work}: {note}" for row in rows for note in (*row.notes, *_reasons(row))))


def _reasons(row: Row) -> Iterable[str]:
    return () if row.is_reached or not row.why_missed else (f"missed: {row.why_missed}",)


def machine() -> str:
    """Return the processor, its cores and the memory."""
    information = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in information.splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = models[0] if models else platform.machine()
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB of memory, {platform.system()} {platform.release()}"


def versions() -> str:
    """Return the commit and the versions of what the figures depend on."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout  # noqa: S607
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"commit {commit.strip() or 'unknown'}, Python {platform.python_version()}, {libraries}"
