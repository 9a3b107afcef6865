"""rich_text, tables and Markdown as HTML.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block , …/table-block , …/markdown-block
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from bot.sandbox.page.markup import anchor, mention, mrkdwn, token
from bot.sandbox.page.reader import Reader

_STYLES = {"bold": "strong", "italic": "em", "strike": "s", "code": "code", "underline": "u"}
_HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_BULLET = re.compile(r"^\s*[-*]\s+", re.MULTILINE)


def rich_text(parts: Iterable[Mapping[str, Any]], reader: Reader) -> str:
    return "".join(_part(part, reader) for part in parts)


def _part(part: Mapping[str, Any], reader: Reader) -> str:
    match part["type"]:
        case "rich_text_list":
            tag = "ol" if part.get("style") == "ordered" else "ul"
            items = "".join(f"<li>{_inline(item['elements'], reader)}</li>" for item in part["elements"])
            start = int(part.get("offset", 0)) + 1
            return f'<{tag} class="indent-{int(part.get("indent", 0))}" start="{start}">{items}</{tag}>'
        case "rich_text_quote":
            return f"<blockquote>{_inline(part['elements'], reader)}</blockquote>"
        case "rich_text_preformatted":
            return f"<pre>{_inline(part['elements'], reader)}</pre>"
        case _:
            return f"<p>{_inline(part['elements'], reader)}</p>"


def _inline(elements: Iterable[Mapping[str, Any]], reader: Reader) -> str:
    return "".join(_styled(item, _element(item, reader)) for item in elements)


def _element(item: Mapping[str, Any], reader: Reader) -> str:
    match item["type"]:
        case "link":
            return anchor(item["url"], escape(item.get("text") or item["url"], quote=False))
        case "user" | "channel" as kind:
            return token(f"{'@' if kind == 'user' else '#'}{item[f'{kind}_id']}", reader)
        case "broadcast":
            return mention(f"@{item['range']}")
        case "emoji":
            return mrkdwn(f":{item['name']}:", reader)
        case "date":
            return token(f"!date^{item['timestamp']}^{item['format']}|{item.get('fallback', '')}", reader)
        case _:
            return escape(str(item.get("text", "")), quote=False).replace("\n", "<br>")


def _styled(item: Mapping[str, Any], html: str) -> str:
    for style, tag in _STYLES.items():
        if item.get("style", {}).get(style):
            html = f"<{tag}>{html}</{tag}>"
    return html


def table(rows: Sequence[Sequence[Mapping[str, Any]]], settings: Sequence[Mapping[str, Any] | None], r: Reader) -> str:
    """Return a table, whose first row is its heading."""
    lines = []
    for number, row in enumerate(rows):
        tag = "td" if number else "th"
        cells = (
            f'<{tag} class="{_align(settings, column)}">{_cell(cell, r)}</{tag}>' for column, cell in enumerate(row)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _align(settings: Sequence[Mapping[str, Any] | None], column: int) -> str:
    setting = settings[column] if column < len(settings) else None
    align = (setting or {}).get("align", "left")
    return align if align in {"left", "center", "right"} else "left"


def _cell(cell: Mapping[str, Any], reader: Reader) -> str:
    if cell["type"] == "rich_text":
        return rich_text(cell["elements"], reader)
    return escape(str(cell["text"]), quote=False)


def markdown(text: str, reader: Reader) -> str:
    """Return a Markdown block: its headings, bold texts, links and lists, turned into mrkdwn."""
    text = _HEADING.sub(r"*\1*", _BULLET.sub("• ", text))
    return mrkdwn(_LINK.sub(r"<\2|\1>", _STRONG.sub(r"*\1*", text)), reader)
