"""Weeks, months, quarters and years: where they begin and end. Weeks begin on Monday."""

import calendar
from datetime import date, timedelta

from bot.commands.lexicon.words import Span
from bot.model.commands import Days

WEEKEND = (5, 6)
"""Saturday and Sunday, with 0 for Monday."""


def period_start(period: str, day: date) -> date:
    match period:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case _:
            return day.replace(month=1, day=1)


def period_of(span: Span) -> str:
    """Return the calendar period that is counted by this unit; empty for days."""
    return {(7, 0): "week", (0, 1): "month", (0, 3): "quarter", (0, 12): "year"}.get((span.days, span.months), "")


def month_of(year: int, month: int) -> Days:
    return Days(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def weekend(saturday: date) -> Days:
    return Days(saturday, saturday + timedelta(days=1))
