"""The answer to `stats`: figures, charts with the same as text, and a table."""

from collections.abc import Iterator

from bot import domains, ids
from bot.model.questions import Question
from bot.model.stats import Aspect, Bucket, Share, Stats
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, context, header, inline, label, section
from bot.render.kit.charts import bar_chart, table
from bot.render.kit.freshness import freshness_notes
from bot.render.kit.limits import Block, Payload, message
from bot.texts import Texts, formatting

DOMAIN = 60
DOMAINS_SHOWN = 3
ZONE = 60
NAME = 50


def stats_message(texts: Texts, question: Question, stats: Stats) -> Payload:
    """Return the figures, how they changed over time, what is in common, and *Share in channel*."""
    share = button(texts("list.share"), ids.SHARE, value=f"{question.id}:0")
    buttons = [actions([share], ids.PAGING)] if stats.total and question.is_in_channel else []
    return _message(texts, stats, [context(" · ".join(_notes(texts, stats))), *buttons])


def shared_stats_message(texts: Texts, stats: Stats, *, shared_by: str) -> Payload:
    """Return the same, shared by the Slack user `shared_by`."""
    return _message(texts, stats, [context(" · ".join([texts("share.by", user=shared_by), *_notes(texts, stats)]))])


def _message(texts: Texts, stats: Stats, tail: list[Block]) -> Payload:
    lines = [line for line in _lines(texts, stats) if line]
    heading = _heading(texts, stats)
    blocks = [header(label(heading, 150)), section("\n".join(lines))]
    if stats.total:
        blocks += _charts(texts, stats)
        blocks += _table(texts, stats)
    return message(inline(f"{heading}: {_total(texts, stats)}", 300), blocks, tail=tail)


def _heading(texts: Texts, stats: Stats) -> str:
    days = times.days(texts, stats.days)
    if not stats.domains:
        return texts("stats.heading", days=days)
    names = [domains.display(domain) for domain in stats.domains[:DOMAINS_SHOWN]]
    if len(stats.domains) > len(names):
        names.append(texts("more.customer", count=len(stats.domains) - len(names)))
    return texts("stats.heading_with", domains=", ".join(names), days=days)


# ---- figures ---------------------------------------------------------------------------------------------------------


def _lines(texts: Texts, stats: Stats) -> Iterator[str]:
    if stats.total:
        yield f"*{_total(texts, stats)}* · {texts('stats.length', length=times.length(texts, stats.seconds))}"
    else:
        yield texts("stats.none")
    if stats.usual is not None:
        yield _usual(texts, round(stats.usual.count), round(stats.usual.seconds))
    if stats.last_contact is not None and stats.days_since is not None:
        at = times.moment(texts, stats.last_contact)
        yield texts("stats.last_contact", at=at, ago=ago(texts, stats.days_since))
    elif stats.domains:
        yield texts("stats.no_contact")
    if stats.total:
        yield (
            f"{texts('stats.open_items', number=stats.open_items)} · {texts('stats.questions', number=stats.questions)}"
        )
    if stats.own is not None and stats.own.count:
        total = texts("stats.total", count=stats.own.count)
        yield texts("stats.own", total=total, length=times.length(texts, stats.own.seconds))
    if stats.team is not None:
        yield texts(
            "stats.team",
            reps=stats.team.reps,
            number=formatting.decimal(texts.language, stats.team.count),
            length=times.length(texts, round(stats.team.seconds)),
        )


def _usual(texts: Texts, count: int, seconds: int) -> str:
    if not count:
        return texts("stats.usual_few")
    if seconds < 60:
        return texts("stats.usual_short", count=count)
    return texts("stats.usual", count=count, length=times.length(texts, seconds))


def _total(texts: Texts, stats: Stats) -> str:
    total = texts("stats.total", count=stats.total)
    kinds = [texts("stats.calls", count=stats.calls)] if stats.calls else []
    kinds += [texts("stats.meetings", count=stats.meetings)] if stats.meetings else []
    return texts("stats.kinds", total=total, kinds=", ".join(kinds)) if kinds else total


def ago(texts: Texts, days: int) -> str:
    """Return how many days ago something was."""
    return texts(("stats.today", "stats.yesterday")[days]) if days < 2 else texts("stats.days_ago", count=days)


def _notes(texts: Texts, stats: Stats) -> list[str]:
    notes = [texts("list.scope.external"), texts("list.zone", zone=inline(stats.timezone, ZONE))]
    return notes + freshness_notes(texts, stats.freshness, stats.first_copied)


# ---- charts ----------------------------------------------------------------------------------------------------------


def _charts(texts: Texts, stats: Stats) -> Iterator[Block]:
    """Yield two charts, each with the same as text for people who can't see it; none for a single day or nothing."""
    if len(stats.buckets) < 2 or not any(bucket.calls + bucket.meetings for bucket in stats.buckets):
        return
    labels = [_label(texts, stats, bucket) for bucket in stats.buckets]
    kinds = {
        texts("stats.series.calls"): [bucket.calls for bucket in stats.buckets],
        texts("stats.series.meetings"): [bucket.meetings for bucket in stats.buckets],
    }
    title = texts(f"stats.chart.{stats.unit}")
    yield bar_chart(title, labels, {name: counts for name, counts in kinds.items() if any(counts)})
    counts = [formatting.number(texts.language, bucket.calls + bucket.meetings) for bucket in stats.buckets]
    yield context(_points(texts, stats, title, labels, counts))
    if not any(bucket.seconds for bucket in stats.buckets):
        return
    hours = [round(bucket.seconds / 3600, 1) for bucket in stats.buckets]
    title = texts(f"stats.hours.{stats.unit}")
    yield bar_chart(title, labels, {texts("stats.series.hours"): hours})
    yield context(_points(texts, stats, title, labels, [formatting.number(texts.language, value) for value in hours]))


def _label(texts: Texts, stats: Stats, bucket: Bucket) -> str:
    return (
        formatting.month(texts.language, bucket.first)
        if stats.unit == "month"
        else formatting.short_day(texts.language, bucket.first)
    )


def _points(texts: Texts, stats: Stats, title: str, labels: list[str], values: list[str]) -> str:
    points = " · ".join(  # not a comma, which German numbers have
        texts("stats.point", label=name, value=value) for name, value in zip(labels, values, strict=True)
    )
    if stats.is_cut:
        return texts("stats.points_cut", title=title, number=len(labels), points=points)
    return texts("stats.points", title=title, points=points)


# ---- table -----------------------------------------------------------------------------------------------------------


def _table(texts: Texts, stats: Stats) -> Iterator[Block]:
    rows: list[tuple[str, ...]] = []
    heads = []
    for aspect, breakdown in stats.breakdowns.items():
        heads.append(len(rows))
        rows.append((texts(f"stats.aspect.{aspect}"), texts("stats.column.count"), texts("stats.column.hours")))
        rows += [_row(texts, _name(texts, aspect, share), share) for share in breakdown.shares]
        if breakdown.others:
            rows.append(_row(texts, texts(f"more.{aspect}", count=breakdown.others), breakdown.rest))
    if rows:
        yield table(rows, heads=heads, right=(1, 2))


def _row(texts: Texts, name: str, share: Share) -> tuple[str, str, str]:
    count = formatting.number(texts.language, share.count)
    return name, count, formatting.decimal(texts.language, share.seconds / 3600)


def _name(texts: Texts, aspect: Aspect, share: Share) -> str:
    if not share.name:
        return texts("stats.unknown")
    if aspect == "direction" and share.name in ("inbound", "outbound"):
        return texts(f"stats.{share.name}")
    return domains.display(share.name) if aspect == "customer" else share.name
