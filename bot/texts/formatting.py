"""How each language writes plurals, numbers, lists, days and times: by CLDR (https://cldr.unicode.org), through Babel.

Babel is imported when it is first used: importing it takes a tenth of the bot's start.
"""

import functools
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from bot.texts.languages import ENGLISH

if TYPE_CHECKING:
    from babel import Locale

LOCALES = {ENGLISH: "en_150"}
"""English as it is written in Europe: the day before the month, and 24 hours. Other languages as they are."""
DAY = "yMMMEd"
DAY_OF_A_YEAR = "MMMEd"
SHORT_DAY = "MMMd"
MONTH = "yMMM"
TIME = "Hm"
UNUSED = (
    "unit_patterns",
    "unit_display_names",
    "compound_unit_patterns",
    "currency_names",
    "currency_names_plural",
    "currency_symbols",
    "compact_currency_formats",
    "compact_decimal_formats",
    "meta_zones",
    "time_zones",
    "date_fields",
)
"""What Babel knows of a locale and nothing here asks for."""
UNUSED_OF_TERRITORIES: tuple[Literal["territory_languages", "territory_currencies"], ...] = (
    "territory_languages",
    "territory_currencies",
)
_MOST = 1_000
"""How many results of a function are kept: digests that are due at one moment name the same days and numbers."""


@functools.cache
def _locale(language: str) -> "Locale":
    from babel import Locale

    return Locale.parse(LOCALES.get(language, language))


def prepare(languages: Sequence[str]) -> None:
    """Import Babel and read its data, so that the first answer doesn't have to wait for that."""
    for language in languages:
        interval(language, date(2026, 1, 1), date(2026, 1, 2))
        join(language, [number(language, 1), plural_form(language, 1)])
    _free_unused()


def _free_unused() -> None:
    """Free three megabytes: of a locale, Babel reads everything at once, and keeps it."""
    from babel import localedata
    from babel.core import get_global

    # With those from which the languages inherit. It isn't Babel's public interface: without it, nothing is freed.
    for data in getattr(localedata, "_cache", {}).values():
        for part in UNUSED:
            data.pop(part, None)
    for part in UNUSED_OF_TERRITORIES:
        cast("dict[str, Any]", get_global(part)).clear()


@functools.lru_cache(_MOST)
def plural_form(language: str, count: float) -> str:
    """Return CLDR's name of the form that goes with a number: `one` or `other` in English and German."""
    return _locale(language).plural_form(count)


@functools.lru_cache(_MOST)
def number(language: str, value: float) -> str:
    """Return e.g. `1,234.5`, or `1.234,5` in German."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=_locale(language))


def decimal(language: str, value: float) -> str:
    """Return a number with exactly one decimal place."""
    from babel.numbers import format_decimal

    return format_decimal(value, format="#,##0.0", locale=_locale(language))


def percent(language: str, share: float) -> str:
    """Return e.g. `42%` for 0.42."""
    from babel.numbers import format_percent

    return format_percent(share, locale=_locale(language))


def join(language: str, items: Sequence[str], style: Literal["standard", "or"] = "standard") -> str:
    """Return `a, b and c`, or with the other style `a, b or c`."""
    from babel.lists import format_list

    return format_list(items, style=style, locale=_locale(language))


@functools.lru_cache(_MOST)
def day(language: str, at: date, *, with_year: bool = True) -> str:
    """Return e.g. `Fri, 27 Nov 2026`."""
    from babel.dates import format_skeleton

    return format_skeleton(DAY if with_year else DAY_OF_A_YEAR, at, locale=_locale(language))


def short_day(language: str, at: date) -> str:
    """Return e.g. `27 Nov`."""
    from babel.dates import format_skeleton

    return format_skeleton(SHORT_DAY, at, locale=_locale(language))


def month(language: str, at: date) -> str:
    """Return e.g. `Nov 2026`."""
    from babel.dates import format_skeleton

    return format_skeleton(MONTH, at, locale=_locale(language))


def interval(language: str, first: date, last: date) -> str:
    """Return two days as a range, in which a month or year that both share is only mentioned once."""
    from babel.dates import format_interval

    # CLDR has thin spaces around the dash, which not every font of a terminal has.
    return format_interval(first, last, DAY, locale=_locale(language)).replace("\u2009", " ")


def moment(language: str, at: datetime, *, with_year: bool = True) -> str:
    """Return e.g. `Fri, 27 Nov 2026, 15:00`, in the zone of `at`."""
    # Without the zone: the same moment in two zones is equal, but isn't written in the same way.
    return _local_moment(language, at.replace(tzinfo=None), with_year=with_year)


@functools.lru_cache(_MOST)
def _local_moment(language: str, at: datetime, *, with_year: bool) -> str:
    from babel.dates import format_skeleton

    locale = _locale(language)
    time = format_skeleton(TIME, at, locale=locale)
    return str(locale.datetime_formats["medium"]).format(time, day(language, at.date(), with_year=with_year))


def language_name(language: str, code: str) -> str:
    """Return the name of the language with this code, e.g. `German` for `de`; the code if it has none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code.strip(), sep="-").get_display_name(_locale(language)) or code
    except (ValueError, UnknownLocaleError, TypeError):
        return code


def weekdays(language: str, days: Sequence[int]) -> list[str]:
    """Return the names of weekdays, of which 0 is Monday."""
    from babel.dates import get_day_names

    names = get_day_names("wide", context="stand-alone", locale=_locale(language))
    return [names[number] for number in days]
