"""Time zones by name."""

import functools
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
        return zone(name or default)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the zone database, such as Europe
        return zone(default)
