"""The time zone in which somebody's days are meant."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.models import Person


def zone_of(person: Person | None, default: str) -> ZoneInfo:
    """The person's own time zone, else the default one: also where this machine does not know theirs."""
    try:
        return ZoneInfo((person.timezone if person else "") or default)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the zone database, such as Europe
        return ZoneInfo(default)
