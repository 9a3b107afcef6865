"""Counts conversations by day, week or month, and by what they have in common. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.commands.calendar_periods import period_start
from bot.model.commands import Days
from bot.model.conversation import Kind
from bot.model.mirror import Figures, Total
from bot.model.stats import Aspect, Breakdown, Bucket, Share, Team, Unit, Usual

MOST_BUCKETS = 20
"""As many as a chart may have points."""
MOST_SHARES = 5
LONGEST = 100 * 3600
"""Seconds. A longer duration is a mistake, and isn't counted."""
DAYS_ALONE = 14
"""Up to so many days are counted one by one."""
FEWEST_REPS = 5
"""An average over fewer people would say something about each of them."""


def seconds_of(figures: Iterable[Figures]) -> int:
    return sum(figure.duration for figure in figures if 0 < figure.duration < LONGEST)


# ---- by time ---------------------------------------------------------------------------------------------------------


def unit_for(days: Days) -> Unit:
    """Return what the days are counted by."""
    count = (days.last - days.first).days + 1
    if count <= DAYS_ALONE:
        return "day"
    return "week" if len(_starts(days, "week")) <= MOST_BUCKETS else "month"


def buckets(figures: Iterable[Figures], days: Days, zone: ZoneInfo) -> tuple[Bucket, ...]:
    """Return a bucket for each day, week or month of these days, the oldest first."""
    unit = unit_for(days)
    found: dict[date, list[Figures]] = {start: [] for start in _starts(days, unit)}
    for figure in figures:
        if figure.starts_at is not None:
            found[max(days.first, _start(figure.starts_at.astimezone(zone).date(), unit))].append(figure)
    return tuple(
        Bucket(
            first,
            calls=sum(figure.kind is Kind.CALL for figure in within),
            meetings=sum(figure.kind is Kind.MEETING for figure in within),
            seconds=seconds_of(within),
        )
        for first, within in found.items()
    )


def _starts(days: Days, unit: Unit) -> list[date]:
    starts = {
        max(days.first, _start(date.fromordinal(number), unit)): None
        for number in range(days.first.toordinal(), days.last.toordinal() + 1)
    }
    return list(starts)


def _start(day: date, unit: Unit) -> date:
    return day if unit == "day" else period_start(unit, day)


def usual(earlier: Total, before: timedelta, length: timedelta) -> Usual | None:
    """Return the average of what was `before`, for a time of this length; None if fewer than two such times are known.

    That is the rule of digests, too.
    """
    if length <= timedelta(0) or before < 2 * length:
        return None
    times = before / length
    return Usual(earlier.count / times, earlier.seconds / times)


# ---- by what they have in common -------------------------------------------------------------------------------------


def breakdowns(figures: Sequence[Figures], domains: Sequence[str]) -> Mapping[Aspect, Breakdown]:
    """Return the breakdowns that say something: with two lines at least. By customer unless one was asked for."""
    calls = [figure for figure in figures if figure.kind is Kind.CALL]
    found: dict[Aspect, Breakdown] = {}
    if len(domains) != 1 or "*" in domains[0]:
        found["customer"] = _by((domain, figure) for figure in figures for domain in figure.domains or ("",))
    found["direction"] = _by((figure.direction, figure) for figure in calls)
    found["type"] = _by((figure.type, figure) for figure in figures)
    found["outcome"] = _by((figure.outcome, figure) for figure in figures)
    return {aspect: breakdown for aspect, breakdown in found.items() if len(breakdown.shares) > 1}


def _by(named: Iterable[tuple[str, Figures]]) -> Breakdown:
    groups: dict[str, list[Figures]] = defaultdict(list)
    written: dict[str, str] = {}
    for name, figure in named:
        key = " ".join(name.casefold().split())
        written.setdefault(key, " ".join(name.split()))
        groups[key].append(figure)
    shares = [Share(written[key], len(within), seconds_of(within)) for key, within in groups.items()]
    # What isn't known comes last: it says least.
    shares.sort(key=lambda share: (not share.name, -share.count, share.name))
    rest = shares[MOST_SHARES:]
    count, seconds = sum(share.count for share in rest), sum(share.seconds for share in rest)
    return Breakdown(tuple(shares[:MOST_SHARES]), len(rest), Share("", count, seconds))


# ---- by people -------------------------------------------------------------------------------------------------------


def own(figures: Iterable[Figures], address: str) -> Share:
    """Return how many are this person's own; `address` is folded."""
    theirs = [figure for figure in figures if figure.owner == address]
    return Share("", len(theirs), seconds_of(theirs))


def team(figures: Iterable[Figures]) -> Team | None:
    """Return the average of all reps; None if they are too few."""
    owned = [figure for figure in figures if figure.owner]
    reps = len({figure.owner for figure in owned})
    return Team(reps, len(owned) / reps, seconds_of(owned) / reps) if reps >= FEWEST_REPS else None


def cut(all_buckets: tuple[Bucket, ...]) -> tuple[tuple[Bucket, ...], bool]:
    """Return the latest buckets, as many as a chart shows, and whether there were more."""
    return all_buckets[-MOST_BUCKETS:], len(all_buckets) > MOST_BUCKETS
