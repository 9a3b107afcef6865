"""Dates in texts, as a client with a 24-hour clock shows them.

https://docs.slack.dev/messaging/formatting-message-text#date-formatting
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo


def show_date(token: str, fallback: str, zone: tzinfo, now: datetime) -> str:
    """Return what a reader in `zone` sees of `!date^seconds^format^link`; the `fallback` if it isn't valid."""
    parts = token.split("^")
    try:
        moment = datetime.fromtimestamp(int(parts[1]), UTC).astimezone(zone)
        return re.sub(r"\{(\w+)\}", lambda match: _part(moment, match.group(1), now.astimezone(zone)), parts[2])
    except (ValueError, IndexError, KeyError, OverflowError, OSError):
        return fallback


def link_of(token: str) -> str:
    """Return the link of a date; empty if it has none."""
    return "".join(token.split("^", 3)[3:])


def _part(moment: datetime, token: str, now: datetime) -> str:
    day = moment.day
    ordinal = f"{day}{'th' if 10 < day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
    parts = {
        "date_num": f"{moment:%Y-%m-%d}",
        "date_slash": f"{moment:%d/%m/%Y}",
        "date": f"{moment:%B} {ordinal}, {moment.year}",
        "date_short": f"{moment:%b} {day}, {moment.year}",
        "date_long": f"{moment:%A, %B} {ordinal}, {moment.year}",
        "time": f"{moment:%H:%M}",
        "time_secs": f"{moment:%H:%M:%S}",
    }
    if token.endswith("_pretty"):
        near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get((moment.date() - now.date()) // timedelta(days=1))
        return near or parts[token.removesuffix("_pretty")]
    return parts[token]
