"""Time zones: as people name them, and the one in which somebody's days are meant."""

import functools
from collections.abc import Mapping
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.commands.arguments import nearest
from bot.commands.lexicon.words import fold
from bot.model.people import Person

_FIXED = ("EST", "MST", "HST")
"""Zones in the IANA database, but without summer time: hardly what somebody means who types one."""
_ABBREVIATIONS = {
    **dict.fromkeys(("est", "edt"), "America/New_York"),
    **dict.fromkeys(("cst", "cdt"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("akst", "akdt"), "America/Anchorage"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    "hst": "Pacific/Honolulu",
    "cest": "Europe/Berlin",
    "bst": "Europe/London",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
}
"""Where most people live who use them."""


@functools.cache
def zone(name: str) -> ZoneInfo:
    """The one of this IANA name, read once: `ZoneInfo` itself keeps no more than eight that are not in use, and so
    would read the others from the disk for each subscription anew. Raises what `ZoneInfo` does.
    """
    return ZoneInfo(name)


def zone_of(person: Person | None, default: str) -> ZoneInfo:
    """The person's own time zone, else the default one: also where this machine does not know theirs."""
    try:
        return zone(canonical((person.timezone if person else "") or default))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the zone database, such as Europe
        return zone(default)


def canonical(name: str) -> str:
    """Today's name of a zone that was renamed, such as Europe/Kyiv for Europe/Kiev; any other name as it is."""
    return _renamed().get(name, name)


def zone_named(text: str) -> str | None:
    """The canonical IANA name that is meant by it, in any case: `america/new york`; None where there is none, and for
    EST, MST and HST (`is_fixed`).
    """
    return _known().get(fold("-".join(text.split())))


def is_fixed(text: str) -> bool:
    """Whether this is EST, MST or HST, which are zones but have no summer time."""
    return fold(text) in map(fold, _FIXED)


def zone_near(text: str) -> str | None:
    """The IANA name that may be meant: the zone of that abbreviation or city, or one that is spelled much like it.

    None for an offset such as `GMT+2`: what is spelled like it is another one, and `Etc/GMT+2` its very opposite.
    """
    if any(map(str.isdecimal, text)):
        return None
    word = fold(text)
    known = {key: name for key, name in _known().items() if not key.startswith("etc/")}
    city = next((name for key, name in known.items() if key.rpartition("/")[2] == word), None)
    near = nearest(text, known)
    return _ABBREVIATIONS.get(word) or city or (near and known[near])


@functools.cache
def _known() -> Mapping[str, str]:
    """Canonical names by the folded form of every IANA name."""
    names = available_timezones() - {"Factory", "localtime", *_FIXED}
    return {fold(name): canonical(name) for name in sorted(names)}


@functools.cache
def _renamed() -> Mapping[str, str]:
    """New names by old ones: the links of the IANA database, without those from one country's zone to another's that
    keeps the same time. Somebody in Europe/Amsterdam would not look for Europe/Brussels.

    https://data.iana.org/time-zones/theory.html#naming
    """
    folder = files("tzdata") / "zoneinfo"
    rows = (folder / "zone.tab").read_text("utf-8").splitlines()
    own = {row.split("\t")[2] for row in rows if row and not row.startswith("#")}
    lines = (folder / "tzdata.zi").read_text("utf-8").splitlines()
    links = [line.split() for line in lines if line.startswith("L ")]
    plain = {"Etc/UTC": "UTC", "Etc/GMT": "GMT"}
    found = {name: plain.get(target, target) for _, target, name in links if name not in own}
    return {**found, **plain}
