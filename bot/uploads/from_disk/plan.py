"""The plan for an upload from disk, and the candidates that it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be a recording."""

    path: Path
    values: Mapping[str, str]
    """The values from its list, by field name."""
    where: str
    """The file, or the line of a list, for messages."""
    is_found: bool = False
    """It was found in a folder, not passed by name."""
    is_listed: bool = False
    """It comes from a list."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A recording to upload, with the values of the fields."""

    path: Path
    size: int
    """Bytes."""
    fields: Mapping[str, str]
    sha256: str = ""
    """The hash of its bytes; empty until they have been read."""


@dataclass(slots=True)
class Plan:
    recordings: list[Planned] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """One sentence per problem, with the file or line that it is about."""
    skipped: dict[Path, str] = field(default_factory=dict)
    """Paths that are skipped, with the reason."""
    undated: list[Path] = field(default_factory=list)
    """Recordings that will be sent without saying when they were made."""
    date_field: str = ""
    """The field that would say it; empty if Kickscale has none."""
