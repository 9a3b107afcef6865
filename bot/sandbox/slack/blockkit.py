"""Whether Slack would accept these blocks: https://docs.slack.dev/reference/block-kit/blocks

`message` and `view` return Slack's complaints in its own words; an empty list if there are none. `complete` adds the
ids that Slack generates.
"""

import copy
import json
from collections.abc import Callable
from typing import Any, Literal

from bot.sandbox.slack.checks import Node, plain_text, text, unique
from bot.sandbox.slack.elements import IN_ACTIONS, IN_INPUT, IN_SECTION, INTERACTIVE, element, image_source
from bot.sandbox.slack.richtext import rich_text, table

Surface = Literal["message", "modal", "home"]

MESSAGE_BLOCKS = 50
"""https://docs.slack.dev/reference/block-kit/blocks"""
VIEW_BLOCKS = 100
"""https://docs.slack.dev/reference/views"""
VIEW_BYTES = 250_000
"""`view_too_large`: https://docs.slack.dev/reference/methods/views.open"""
_MARKDOWN_CHARACTERS = 12_000
"""All markdown blocks of a payload together: https://docs.slack.dev/reference/block-kit/blocks/markdown-block"""


def message(blocks: Any) -> list[str]:
    """Return what is wrong with a message's blocks."""
    problems: list[str] = []
    _blocks(Node({"blocks": blocks}, "", problems), "message", MESSAGE_BLOCKS, at_least=0)
    return problems


def view(payload: Any, surfaces: tuple[str, ...] = ("modal",)) -> list[str]:
    """Return what is wrong with a view of one of those types, apart from its size: see `is_too_large`.

    https://docs.slack.dev/reference/views/modal-views and https://docs.slack.dev/reference/views/home-tab-views
    """
    problems: list[str] = []
    node = Node(payload, "/view", problems)
    kind = node.kind()
    if kind == "modal" and kind in surfaces:
        _modal(node)
    elif kind == "home" and kind in surfaces:
        node.is_object(("type", "blocks"), ("private_metadata", "callback_id", "external_id"))
        _blocks(node, "home", VIEW_BLOCKS, at_least=0)
    elif kind:
        node.unsupported()
    for key, at_most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        node.string(key, at_most, 0)
    return ["failed to match all allowed schemas [json-pointer:/view]", *problems] if problems else []


def is_too_large(payload: Any) -> bool:
    return len(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()) > VIEW_BYTES


def _modal(node: Node) -> None:
    node.is_object(
        ("type", "title", "blocks"),
        (
            "close",
            "submit",
            "private_metadata",
            "callback_id",
            "clear_on_close",
            "notify_on_close",
            "external_id",
            "submit_disabled",
        ),
    )
    for key in ("title", "close", "submit"):
        node.optional(key, lambda label: plain_text(label, 24))
    node.flags("clear_on_close", "notify_on_close", "submit_disabled")
    for block in _blocks(node, "modal", VIEW_BLOCKS, at_least=0):
        if isinstance(block.value, dict) and block.value.get("type") == "input" and not node.has("submit"):
            # Slack says "must define `submit` to use an `input` block in modals".
            block.at("input").wrong("must define `submit` to use an `input` block in modals")


def _blocks(node: Node, surface: Surface, at_most: int, at_least: int) -> list[Node]:
    blocks = list(node.items("blocks", at_most, at_least))
    markdown = tables = charts = 0
    for block in blocks:
        kind = block.kind()
        if not kind:
            continue
        check, surfaces = BLOCKS.get(kind, (None, ()))
        if check is None or surface not in surfaces:
            block.unsupported()
            continue
        check(block)
        block.string("block_id", 255)
        if kind == "markdown" and isinstance(block.value.get("text"), str):
            markdown += len(block.value["text"])
        tables += kind == "table"
        charts += kind == "data_visualization"
    unique(blocks, "block_id")
    if markdown > _MARKDOWN_CHARACTERS:
        node.at("blocks").wrong(f"markdown must be less than {_MARKDOWN_CHARACTERS + 1} characters")
    if tables > 1:
        # "only_one_table_allowed": https://docs.slack.dev/reference/block-kit/blocks/table-block
        node.at("blocks").wrong("only one table allowed")
    if charts > 2:
        node.at("blocks").wrong("at most two charts allowed")
    return blocks


def _section(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/section-block"""
    node.is_object(("type",), ("text", "block_id", "fields", "accessory", "expand"))
    if not node.has("text") and not node.has("fields"):
        node.at("type").wrong("must define either `text` or `fields`")
    node.optional("text", lambda body: text(body, 3000))
    for field in node.items("fields", 10):
        text(field, 2000)
    node.optional("accessory", lambda inner: element(inner, IN_SECTION))
    node.flags("expand")


def _header(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/header-block"""
    node.is_object(("type", "text"), ("block_id",))
    node.optional("text", lambda title: plain_text(title, 150))


def _divider(node: Node) -> None:
    node.is_object(("type",), ("block_id",))


def _context(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/context-block"""
    node.is_object(("type", "elements"), ("block_id",))
    for item in node.items("elements", 10):
        if isinstance(item.value, dict) and item.value.get("type") in ("plain_text", "mrkdwn"):
            text(item, 3000)
        else:
            element(item, frozenset({"image"}))


def _actions(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/actions-block

    An action_id "should be unique among all other action_ids in the containing block", and is otherwise refused:
    `action_id` "x" already exists.
    """
    node.is_object(("type", "elements"), ("block_id",))
    items = list(node.items("elements", 25))
    for item in items:
        element(item, IN_ACTIONS)
    unique(items, "action_id")


def _image(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/image-block"""
    node.is_object(("type", "alt_text"), ("block_id", "image_url", "slack_file", "title"))
    image_source(node)
    node.optional("title", lambda title: plain_text(title, 2000))


def _input(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/input-block"""
    node.is_object(("type", "label", "element"), ("block_id", "dispatch_action", "hint", "optional"))
    node.optional("label", lambda label: plain_text(label, 2000))
    node.optional("hint", lambda hint: plain_text(hint, 2000))
    node.optional("element", lambda inner: element(inner, IN_INPUT))
    node.flags("dispatch_action", "optional")


def _markdown(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/markdown-block"""
    node.is_object(("type", "text"), ("block_id",))
    node.string("text", _MARKDOWN_CHARACTERS)


def _table(node: Node) -> None:
    table(node)


def _chart(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block

    Only charts with axes: every series has a point for each category, and all have different names.
    """
    node.is_object(("type", "title", "chart"), ("block_id",))
    node.string("title", 50)
    node.optional("chart", _axes)


def _axes(chart: Node) -> None:
    chart.is_object(("type", "series", "axis_config"), ())
    if chart.kind() not in ("bar", "line", "area"):
        chart.unsupported()
        return
    config = chart.value.get("axis_config")
    categories = config.get("categories") if isinstance(config, dict) else None
    if not isinstance(categories, list) or not 0 < len(set(map(str, categories))) == len(categories) <= 20:
        chart.at("axis_config").wrong("must have 1 to 20 categories, each once")
    for series in chart.items("series", 12):
        series.is_object(("name", "data"), ())
        series.string("name", 20)
        points = list(series.items("data", 20))
        for point in points:
            point.is_object(("label", "value"), ())
            point.string("label", 20)
        if [point.value.get("label") for point in points if isinstance(point.value, dict)] != categories:
            series.at("data").wrong("must have the labels of the categories")


_EVERYWHERE = ("message", "modal", "home")
# The type `file` is missing on purpose: "You can't add this block to app surfaces directly"
# (https://docs.slack.dev/reference/block-kit/blocks/file-block).
BLOCKS: dict[str, tuple[Callable[[Node], None] | None, tuple[str, ...]]] = {
    "section": (_section, _EVERYWHERE),
    "header": (_header, _EVERYWHERE),
    "divider": (_divider, _EVERYWHERE),
    "context": (_context, _EVERYWHERE),
    "actions": (_actions, _EVERYWHERE),
    "image": (_image, _EVERYWHERE),
    "input": (_input, _EVERYWHERE),
    "rich_text": (rich_text, _EVERYWHERE),
    "markdown": (_markdown, ("message",)),
    "table": (_table, ("message",)),
    "data_visualization": (_chart, ("message",)),
}


def complete(blocks: list[dict[str, Any]], new_id: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return a copy in which every block has a block_id, and everything interactive an action_id."""
    completed = copy.deepcopy(blocks)
    for block in completed:
        block.setdefault("block_id", new_id("b"))
        for item in interactive(block):
            item.setdefault("action_id", new_id("a"))
    return completed


def interactive(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the elements of a block that people can use."""
    elements = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
    return [item for item in elements if isinstance(item, dict) and item.get("type") in INTERACTIVE]
