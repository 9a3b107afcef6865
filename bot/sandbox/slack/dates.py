"""Dates in texts, as a client with a 24-hour clock shows them.

https://docs.slack.dev/messaging/formatting-message-text#date-formatting
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from babel import Locale
from babel.dates import format_date, format_skeleton

ENGLISH = "en-US"
_NEAR = {"en": {0: "today", -1: "yesterday", 1: "tomorrow"}, "de": {0: "heute", -1: "gestern", 1: "morgen"}}


def show_date(token: str, fallback: str, zone: tzinfo, now: datetime, locale: str = ENGLISH) -> str:
    """Return what a reader in `zone` sees of `!date^seconds^format^link`; the `fallback` if it isn't valid."""
    parts = token.split("^")
    try:
        moment = datetime.fromtimestamp(int(parts[1]), UTC).astimezone(zone)
        today = now.astimezone(zone)
        return re.sub(r"\{(\w+)\}", lambda match: _part(moment, match.group(1), today, locale), parts[2])
    except (ValueError, IndexError, KeyError, OverflowError, OSError):
        return fallback


def link_of(token: str) -> str:
    """Return the link of a date; empty if it has none."""
    return "".join(token.split("^", 3)[3:])


def _part(moment: datetime, token: str, now: datetime, locale: str) -> str:
    language = Locale.parse(locale, sep="-")
    if token.endswith("_pretty"):
        near = _NEAR.get(language.language, {}).get((moment.date() - now.date()) // timedelta(days=1))
        return near or _part(moment, token.removesuffix("_pretty"), now, locale)
    parts = {"date_num": f"{moment:%Y-%m-%d}", "time": f"{moment:%H:%M}", "time_secs": f"{moment:%H:%M:%S}"}
    return parts[token] if token in parts else _date(moment, token, language)


def _date(moment: datetime, token: str, language: Locale) -> str:
    if language.language != "en":
        parts = {
            "date_slash": format_skeleton("yMMdd", moment, locale=language),
            "date": format_date(moment, "long", language),
            "date_short": format_skeleton("yMMMd", moment, locale=language),
            "date_long": format_date(moment, "full", language),
        }
        return parts[token]
    day = moment.day
    ordinal = f"{day}{'th' if 10 < day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
    parts = {
        "date_slash": f"{moment:%d/%m/%Y}",
        "date": f"{moment:%B} {ordinal}, {moment.year}",
        "date_short": f"{moment:%b} {day}, {moment.year}",
        "date_long": f"{moment:%A, %B} {ordinal}, {moment.year}",
    }
    return parts[token]
