"""What each language must define for commands, filters and dates: data, not code."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """A period that ends today."""

    days: int = 0
    months: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """Every key is folded (`bot.tools.spelling.fold`). Of several keys with one meaning, the first one is suggested."""

    commands: Mapping[str, str]
    topics: Mapping[str, str]
    """What `help` explains in addition to the commands."""
    fillers: tuple[str, ...]
    """Words that people write and that mean nothing to the bot: `show me`, `with`, `please`."""
    search_fillers: tuple[str, ...]
    """The same at the beginning of a search, where most other words are looked for: `search my calls for`."""
    joining: tuple[str, ...]
    """The same among the words of a search: `price and discount, please`."""
    finding: tuple[str, ...]
    """Commands for a search that are a list before the name of one: `find calls with acme`."""
    mine: tuple[str, ...]
    """`my calls`: those of the person who asks."""
    me: tuple[str, ...]
    """`owner:me`, `calls by me`; but in `show me calls` it means nothing."""
    by: tuple[str, ...]
    """What stands before `me` then."""
    authors: tuple[str, ...]
    """What stands before `me` in a search."""
    showing: tuple[str, ...]
    """What stands beside `me` when it means nothing: `show me`."""
    latest: tuple[str, ...]
    """`the latest calls`: before the name of a command they mean nothing, since lists begin with the newest."""
    setting_up: tuple[str, ...]
    """`set up a digest`, `turn uploads on`: before the name of a command they mean nothing but that."""
    digest: Mapping[str, str]
    digest_options: Mapping[str, str]
    every: tuple[str, ...]
    """`every weekday`: words before a digest's days."""
    weekly: tuple[str, ...]
    """`weekly on Friday`: the same, but without a day it isn't clear on which."""
    mornings: tuple[str, ...]
    """`every morning`, `monday morning`: a digest's usual time."""
    everyone: tuple[str, ...]
    """`all customers`: what stands before them in a digest."""
    times: Mapping[str, int]
    """Times of day that have a name, in hours."""
    time_fillers: tuple[str, ...]
    """`9 o'clock`: words around a time of day."""
    languages: Mapping[str, str]
    """What a digest can be written in, as `lang:` names it."""
    uploads: Mapping[str, str]
    filters: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    """The filters that accept one of a few values."""
    bare_values: Mapping[str, str]
    """Values that are understood without their filter: `inbound` is `direction:inbound`."""
    first: tuple[str, ...]
    """`oldest first`."""
    days_ago: Mapping[str, int]
    """One of them may have several words."""
    this: tuple[str, ...]
    last: tuple[str, ...]
    before_last: tuple[str, ...]
    """The one before the last one, in a single word: `vorletzte`."""
    since: tuple[str, ...]
    after: tuple[str, ...]
    """`after 15 November`: from the day after it on."""
    beginning: tuple[str, ...]
    """`since the beginning of the month`."""
    start: tuple[str, ...]
    """What may stand before the first of two days: `from`."""
    to: tuple[str, ...]
    between: tuple[str, ...]
    both: tuple[str, ...]
    """`between 1 November and 5 November`."""
    until_now: tuple[str, ...]
    """`10 November until now`."""
    ago: tuple[str, ...]
    """`3 days ago`."""
    before: tuple[str, ...]
    """`vor 3 Tagen`."""
    ahead: tuple[str, ...]
    """Words for days that are still to come."""
    hence: tuple[str, ...]
    """`in 2 weeks`."""
    to_date: Mapping[str, str]
    """`ytd`: the period that has begun."""
    numbered: Mapping[str, str]
    """`Q3`, `KW47`, `week 47`: periods that have a number."""
    date_fillers: tuple[str, ...]
    """`in November`, `the 20th of November`: words within dates that mean nothing."""
    numbers: Mapping[str, int]
    """`two weeks`."""
    ordinals: Mapping[str, int]
    """`third quarter`, `first of November`."""
    day_parts: tuple[str, ...]
    """`yesterday evening`: that whole day."""
    periods: Mapping[str, str]
    """`last-week`, `this-quarter`: calendar periods."""
    ranges: Mapping[str, str]
    """How calendar periods are written for people, by `this-week` or `last-week`; and `last-units` for counted ones."""
    units: Mapping[str, Span]
    """`last-7-days`: what can be counted."""
    short_units: Mapping[str, Span]
    """`7d`."""
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    """0 is Monday."""
    plural_weekdays: Mapping[str, int]
    """`mondays`: in a digest's days, but not a date."""
    day_groups: Mapping[str, tuple[int, ...]]
    halves: Mapping[str, int]
    """How many hours `am` and `pm` add, with 12 as 0."""
    short_weekdays: frozenset[str] = frozenset()
    """Weekdays that are also other words (`so`, `do`), so they aren't a date by themselves."""


def merge(*languages: Words) -> Words:
    """Return the words of all languages. If two have the same one, the first language decides what it means."""
    return Words(**{field.name: _merge([getattr(words, field.name) for words in languages]) for field in fields(Words)})


def _merge(values: list[Any]) -> Any:
    first = values[0]
    if isinstance(first, frozenset):
        return first.union(*values)
    if isinstance(first, tuple):
        return tuple(dict.fromkeys(word for words in values for word in words))
    merged: dict[str, Any] = {}
    for words in values:
        for word, meaning in words.items():
            nested = isinstance(meaning, Mapping)
            merged[word] = _merge([merged[word], meaning]) if nested and word in merged else merged.get(word, meaning)
    return merged
