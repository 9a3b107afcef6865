"""The figures of a digest: how many conversations there were, what is usual, and a chart of the days."""

from collections.abc import Iterator

from bot.model.conversation import Kind
from bot.model.digests import Digest
from bot.render.conversations import cards
from bot.render.kit import times
from bot.render.kit.charts import MOST_POINTS, bar_chart
from bot.render.kit.limits import Block
from bot.texts import Texts, formatting

WEEK = 7
"""Days from which on a chart says more than a figure."""
SATURDAY = 5


def figures(texts: Texts, digest: Digest) -> str:
    """Return mrkdwn that says how many conversations there were, how long they took, and what is usual."""
    conversations = digest.conversations
    kinds = (
        (sum(conversation.kind is Kind.MEETING for conversation in conversations), "meetings"),
        (sum(conversation.kind is Kind.CALL for conversation in conversations), "calls"),
    )
    parts = [" + ".join(texts(f"digestpost.{kind}", count=count) for count, kind in kinds if count)]
    seconds = sum(
        conversation.duration
        for conversation in conversations
        if conversation.duration and 0 < conversation.duration < cards.LONGEST
    )
    if seconds:
        parts.append(texts("digestpost.total", length=times.length(texts, seconds)))
    if digest.usual_count is not None:
        parts.append(_usual(texts, digest.usual_count, digest.usual_seconds or 0))
    return f"*{parts[0]}*" + "".join(f" · {part}" for part in parts[1:])


def chart(texts: Texts, digest: Digest) -> Iterator[Block]:
    """Render a bar for each day if there is a week or more, but none for quiet Saturdays and Sundays.

    Of many days, only the last ones are shown.
    """
    if len(digest.counts) <= WEEK:  # a week begins and ends on the same day of the week
        return
    days = [(day, count) for day, count in digest.counts if count or day.weekday() < SATURDAY]
    counts = days[-MOST_POINTS:]
    title = texts("digestpost.chart_last" if len(counts) < len(days) else "digestpost.chart", days=len(counts))
    labels = [formatting.short_day(texts.language, day) for day, _ in counts]
    yield bar_chart(title, labels, {texts("digestpost.chart_series"): [count for _, count in counts]})


def _usual(texts: Texts, count: float, seconds: float) -> str:
    """Return mrkdwn in whole numbers: nobody has 0.2 conversations, and how long 0.2 of one takes says nothing."""
    whole = int(count + 0.5)
    if not whole:
        return texts("digestpost.usual.few" if count else "digestpost.usual.none")
    key = "just" if abs(count - whole) < 0.05 else "about"
    if seconds < 60:
        return texts(f"digestpost.usual.{key}", count=whole)
    return texts(f"digestpost.usual.{key}_total", count=whole, length=times.length(texts, int(seconds)))
