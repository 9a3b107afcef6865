"""Charts as SVG: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block"""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil
from typing import Any

_WIDTH, _HEIGHT = 600, 200
_LEFT, _TOP, _BOTTOM = 34, 12, 26
_COLORS = ("#1264a3", "#2bac76", "#e8912d", "#cd2553", "#7c3085")
_LINES = 4


def chart(block: Mapping[str, Any]) -> str:
    """Return a chart with axes (bar, line or area) and its title."""
    drawn = block["chart"]
    series = drawn["series"]
    values = [float(point["value"]) for line in series for point in line["data"]]
    step = max(1, ceil(max(values, default=0) / _LINES))
    top = step * max(1, ceil(max(values, default=0) / step))
    labels = [str(label) for label in drawn["axis_config"]["categories"]]
    shares = [[float(point["value"]) / top for point in line["data"]] for line in series]
    if drawn["type"] == "bar":
        shapes = "".join(_bars(heights, number, len(series)) for number, heights in enumerate(shares))
    else:
        is_area = drawn["type"] == "area"
        shapes = "".join(_line(heights, number, is_area=is_area) for number, heights in enumerate(shares))
    title = escape(str(block["title"]))
    return (
        f'<figure class="chart"><figcaption>{title}</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f"{_grid(step, top)}{shapes}{_labels(labels)}</svg>{_legend(series)}</figure>"
    )


def _color(number: int) -> str:
    return _COLORS[number % len(_COLORS)]


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _slot(count: int) -> float:
    return (_WIDTH - _LEFT) / max(1, count)


def _grid(step: int, top: int) -> str:
    return "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{_y(at / top):.1f}" y2="{_y(at / top):.1f}"/>'
        f'<text x="{_LEFT - 8}" y="{_y(at / top) + 4:.1f}" text-anchor="end">{at}</text>'
        for at in range(0, top + 1, step)
    )


def _labels(labels: Sequence[str]) -> str:
    slot = _slot(len(labels))
    return "".join(
        f'<text x="{_LEFT + slot * (place + 0.5):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>'
        for place, label in enumerate(labels)
    )


def _bars(shares: Sequence[float], number: int, of: int) -> str:
    slot = _slot(len(shares))
    width = min(40.0, slot * 0.7) / of
    color = _color(number)
    return "".join(
        f'<rect x="{_LEFT + slot * (place + 0.5) + width * (number - of / 2):.1f}" y="{_y(share):.1f}" '
        f'width="{width:.1f}" height="{_y(0) - _y(share):.1f}" rx="2" fill="{color}"/>'
        for place, share in enumerate(shares)
    )


def _line(shares: Sequence[float], number: int, *, is_area: bool) -> str:
    slot = _slot(len(shares))
    color = _color(number)
    points = [f"{_LEFT + slot * (place + 0.5):.1f},{_y(share):.1f}" for place, share in enumerate(shares)]
    line = f'<polyline points="{" ".join(points)}" fill="none" stroke="{color}" stroke-width="2"/>'
    if not is_area or not points:
        return line
    first, last = points[0].split(",")[0], points[-1].split(",")[0]
    ends = f"{last},{_y(0):.1f} {first},{_y(0):.1f}"
    return f'<polygon points="{" ".join(points)} {ends}" fill="{color}" fill-opacity="0.2"/>{line}'


def _legend(series: Sequence[Mapping[str, Any]]) -> str:
    items = (
        f'<span><svg viewBox="0 0 10 10"><rect width="10" height="10" rx="2" fill="{_color(number)}"/></svg>'
        f"{escape(str(data['name']))}</span>"
        for number, data in enumerate(series)
    )
    return f'<div class="legend">{"".join(items)}</div>'
