"""Time zones by name."""

import functools
from collections.abc import Mapping
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@functools.cache
def zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name, read once: `ZoneInfo` itself keeps only eight that are not in use, and would
    read the others from disk again for each subscription. Raises what `ZoneInfo` does.
    """
    return ZoneInfo(name)


def zone_or_default(name: str, default: str) -> ZoneInfo:
    """Return the zone of this name, or the default one if the name is empty or unknown to this machine."""
    try:
        return zone(canonical(name or default))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the zone database, such as Europe
        return zone(default)


def canonical(name: str) -> str:
    """Today's name of a zone that was renamed, such as Europe/Kyiv for Europe/Kiev; any other name as it is."""
    return _renamed().get(name, name)


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
