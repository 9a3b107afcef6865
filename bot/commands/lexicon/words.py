"""What each language must define for commands, filters and dates: data, not code."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A period that ends today."""

    days: int = 0
    months: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """Every key is folded. Of several keys with one meaning, the first one is suggested."""

    commands: Mapping[str, str]
    topics: Mapping[str, str]
    """What `help` explains in addition to the commands."""
    digest: Mapping[str, str]
    digest_options: Mapping[str, str]
    languages: Mapping[str, str]
    """What a digest can be written in, as `lang:` names it."""
    uploads: Mapping[str, str]
    filters: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    """The filters that accept one of a few values."""
    days_ago: Mapping[str, int]
    this: tuple[str, ...]
    last: tuple[str, ...]
    since: tuple[str, ...]
    to: tuple[str, ...]
    periods: Mapping[str, str]
    """`last-week`, `this-quarter`: calendar periods."""
    units: Mapping[str, Span]
    """`last-7-days`: what can be counted."""
    short_units: Mapping[str, Span]
    """`7d`."""
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    """0 is Monday."""
    day_groups: Mapping[str, tuple[int, ...]]
    halves: Mapping[str, int]
    """How many hours `am` and `pm` add, with 12 as 0."""
