"""Time zones by name."""

import functools
from collections.abc import Mapping
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@functools.cache
def zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name. Raises what `ZoneInfo` raises.

    `ZoneInfo` itself caches only eight unused zones, and would read the others from disk for each subscription.
    """
    return ZoneInfo(name)


def find(name: str) -> ZoneInfo | None:
    """Return the zone of this name; None if the name is empty or unknown to this machine."""
    try:
        return zone(canonical(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the zone database, e.g. Europe
        return None


def zone_or_default(name: str, default: str) -> ZoneInfo:
    """Return the zone of this name, or the default one if the name is empty or unknown to this machine."""
    return find(name) or zone(canonical(default))


def canonical(name: str) -> str:
    """Return the current name of a renamed zone, e.g. Europe/Kyiv for Europe/Kiev; any other name as it is."""
    return _renamed().get(name, name)


@functools.cache
def _renamed() -> Mapping[str, str]:
    """Return the new names of zones by their old ones.

    These are the links of the IANA database, without those between zones of different countries that have the same
    time: somebody in Europe/Amsterdam would not look for Europe/Brussels.

    https://data.iana.org/time-zones/theory.html#naming
    """
    folder = files("tzdata") / "zoneinfo"
    rows = (folder / "zone.tab").read_text("utf-8").splitlines()
    own = {row.split("\t")[2] for row in rows if row and not row.startswith("#")}
    lines = (folder / "tzdata.zi").read_text("utf-8").splitlines()
    links = [line.split() for line in lines if line.startswith("L ")]
    plain = {"Etc/UTC": "UTC", "Etc/GMT": "GMT"}
    renamed = {name: plain.get(target, target) for _, target, name in links if name not in own}
    return {**renamed, **plain}
