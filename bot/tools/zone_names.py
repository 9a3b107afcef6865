"""Time zones as people type them."""

import functools
from collections.abc import Mapping
from zoneinfo import available_timezones

from bot.tools.spelling import fold, nearest
from bot.tools.timezones import canonical

_FIXED = ("EST", "MST", "HST")
"""These zones of the IANA database have no summer time, which is hardly what people mean by them."""
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
"""The zone of most people who use the abbreviation."""


def zone_named(text: str) -> str | None:
    """Return the canonical IANA name for a text in any case, e.g. `america/new york`.

    None if there is none, and for EST, MST and HST (`is_fixed`).
    """
    return _known().get(fold("-".join(text.split())))


def is_fixed(text: str) -> bool:
    """Return whether it is EST, MST or HST, which are zones but have no summer time."""
    return fold(text) in map(fold, _FIXED)


def zone_near(text: str) -> str | None:
    """Return the IANA name that may be meant: the zone of an abbreviation or city, or one with a similar spelling.

    None for an offset like `GMT+2`: zones with a similar spelling have different offsets, and that of `Etc/GMT+2` is
    the opposite.
    """
    if any(map(str.isdecimal, text)):
        return None
    known = {key: name for key, name in _known().items() if not key.startswith("etc/")}
    near = nearest(text, known)
    return _ABBREVIATIONS.get(fold(text)) or city_zone(text) or (near and known[near])


def city_zone(text: str) -> str | None:
    """Return the IANA name whose city this is, e.g. `New York`; None if there is none."""
    return _cities().get(fold("-".join(text.split())))


@functools.cache
def _cities() -> Mapping[str, str]:
    return {key.rpartition("/")[2]: name for key, name in _known().items() if "/" in key and not key.startswith("etc/")}


@functools.cache
def _known() -> Mapping[str, str]:
    """Return the canonical names by the folded form of every IANA name."""
    names = available_timezones() - {"Factory", "localtime", *_FIXED}
    return {fold(name): canonical(name) for name in sorted(names)}
