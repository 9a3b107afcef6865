"""What is to be uploaded from the disk: candidates, and the plan that they become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be a recording."""

    path: Path
    values: Mapping[str, str]
    """What its list says about it, by the names of the fields."""
    where: str
    """The file, or the line of a list, for a sentence about it."""
    is_found: bool = False
    """It was found in a folder, and isn't named itself."""
    is_listed: bool = False
    """It is in a list."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One recording, and the values of the upload's fields."""

    path: Path
    size: int
    """Bytes."""
    fields: Mapping[str, str]
    sha256: str = ""
    """Of its bytes, once they were read."""


@dataclass(slots=True)
class Plan:
    recordings: list[Planned] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """One sentence each, with the file or the line that it is about."""
    skipped: dict[Path, str] = field(default_factory=dict)
    """What is left out, and why."""
