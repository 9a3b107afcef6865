"""Time zones as people type them."""

import functools
from collections.abc import Mapping
from zoneinfo import available_timezones

from bot.tools.spelling import fold, nearest
from bot.tools.timezones import canonical

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
