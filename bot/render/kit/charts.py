"""Slack's own charts and tables, within their limits.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block and …/table-block
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.render.kit.blocks import context
from bot.render.kit.limits import Block, Payload, clip, one_line

CHART = "data_visualization"
MOST_POINTS = 20
MOST_SERIES = 6
TITLE = 50
LABEL = 20
MOST_ROWS = 100
CELL = 100
"""Characters. All cells together may have 10,000, and a whole message not many more."""


def bar_chart(title: str, categories: Sequence[str], series: Mapping[str, Sequence[float]]) -> Block:
    """Return a bar chart. Every series has a value for each category.

    No two categories may begin with the same 20 characters: those are their labels.
    """
    labels = [clip(one_line(category), LABEL) for category in categories][:MOST_POINTS]
    return {
        "type": CHART,
        "title": clip(title, TITLE),
        "chart": {
            "type": "bar",
            "series": [
                {
                    "name": clip(name, LABEL),
                    "data": [{"label": label, "value": value} for label, value in zip(labels, values, strict=False)],
                }
                for name, values in list(series.items())[:MOST_SERIES]
            ],
            "axis_config": {"categories": labels},
        },
    }


def without_charts(payload: Payload) -> Payload | None:
    """Return the message without its charts, which are newer than the other blocks; None if it has none."""
    others = [block for block in payload["blocks"] if block["type"] != CHART]
    return {**payload, "blocks": others} if len(others) < len(payload["blocks"]) else None


def with_charts_as_text(payload: Payload) -> Payload | None:
    """Return the message with a line of text for each chart of one series; None if it has none."""
    blocks = [_as_text(block) if block["type"] == CHART else block for block in payload["blocks"]]
    return {**payload, "blocks": blocks} if blocks != payload["blocks"] else None


def _as_text(chart: Block) -> Block:
    (series,) = chart["chart"]["series"]
    return context(f"{chart['title']}: " + ", ".join(f"{point['label']}: {point['value']}" for point in series["data"]))


def table(rows: Iterable[Sequence[str]], *, heads: Iterable[int] = (0,), right: Iterable[int] = ()) -> Block:
    """Return a table; the rows `heads` are in bold, and the columns `right` are aligned to the right."""
    bold = set(heads)
    shown = [[_cell(text, is_head=place in bold) for text in row] for place, row in enumerate(rows)][:MOST_ROWS]
    figures = set(right)
    return {
        "type": "table",
        "rows": shown,
        "column_settings": [
            {"align": "right" if place in figures else "left", "is_wrapped": place not in figures}
            for place in range(len(shown[0]))
        ],
    }


def _cell(text: str, *, is_head: bool) -> Block:
    shown = clip(one_line(text), CELL) or "\u2013"
    if not is_head:
        return {"type": "raw_text", "text": shown}
    bold = {"type": "text", "text": shown, "style": {"bold": True}}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [bold]}]}
