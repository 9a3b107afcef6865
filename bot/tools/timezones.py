"""Time zones: by name, and the one in which somebody's days are meant."""

import functools
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model.people import Person


@functools.cache
def zone(name: str) -> ZoneInfo:
    """The one of this IANA name, read once: `ZoneInfo` itself keeps no more than eight that are not in use, and so
    would read the others from the disk for each subscription anew. Raises what `ZoneInfo` does.
    """
    return ZoneInfo(name)


def zone_of(person: Person | None, default: str) -> ZoneInfo:
    """The person's own time zone, else the default one: also where this machine does not know theirs."""
    try:
        return zone((person.timezone if person else "") or default)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the zone database, such as Europe
        return zone(default)
