"""Blocks as HTML: https://docs.slack.dev/reference/block-kit/blocks"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from bot.sandbox.page.charts import chart
from bot.sandbox.page.client import client
from bot.sandbox.page.elements import element, hint_id, label_id
from bot.sandbox.page.markup import text_html
from bot.sandbox.page.reader import Reader
from bot.sandbox.page.rich import markdown, rich_text, table


def blocks_html(blocks: Iterable[Mapping[str, Any]], reader: Reader) -> str:
    return "".join(f'<div class="block {escape(block["type"])}">{_block(block, reader)}</div>' for block in blocks)


def _block(block: Mapping[str, Any], reader: Reader) -> str:  # noqa: C901 an arm for each type of block
    match block["type"]:
        case "header":
            return f"<h2>{text_html(block['text'], reader)}</h2>"
        case "section":
            return _section(block, reader)
        case "context" | "actions":
            return "".join(element(item, block, reader) for item in block["elements"])
        case "divider":
            return "<hr>"
        case "image":
            title = f"<p>{text_html(block['title'], reader)}</p>" if "title" in block else ""
            return f'{title}<img src="{escape(block.get("image_url", ""))}" alt="{escape(block["alt_text"])}">'
        case "input":
            return _input(block, reader)
        case "markdown":
            return markdown(block["text"], reader)
        case "table":
            return table(block["rows"], block.get("column_settings") or [], reader)
        case "rich_text":
            return rich_text(block["elements"], reader)
        case "data_visualization":
            return chart(block)
        case kind:
            return f"<em>{escape(kind)}</em>"


def _section(block: Mapping[str, Any], reader: Reader) -> str:
    text = f"<div>{text_html(block['text'], reader)}</div>" if "text" in block else ""
    fields = "".join(f"<div>{text_html(field, reader)}</div>" for field in block.get("fields") or ())
    body = f'<div class="text">{text}{f"""<div class="fields">{fields}</div>""" if fields else ""}</div>'
    accessory = block.get("accessory")
    return f'{body}<div class="accessory">{element(accessory, block, reader)}</div>' if accessory else body


def _input(block: Mapping[str, Any], reader: Reader) -> str:
    label = text_html(block["label"], reader)
    optional = f' <span class="optional">({client(reader.locale).optional})</span>' if block.get("optional") else ""
    hint = f'<p class="hint" id="{hint_id(block)}">{text_html(block["hint"], reader)}</p>' if "hint" in block else ""
    problem = reader.errors.get(block.get("block_id", ""), "")
    error = f'<p class="error" role="alert">{escape(problem, quote=False)}</p>' if problem else ""
    label = f'<div class="label" id="{label_id(block)}">{label}{optional}</div>'
    return f"{label}{element(block['element'], block, reader)}{error}{hint}"
