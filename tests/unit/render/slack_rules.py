"""Slack's limits and syntax, taken from its documentation independently of the bot, so that each checks the other."""

import json
import re
from collections.abc import Iterator
from typing import Any

Payload = dict[str, Any]

_TOKENS = re.compile(r"<!date\^[1-9]\d*\^[^<>|^]+\|[^<>|]+>|<[@#][A-Z0-9]+>|<https?://[^<>|\s`*~]+\|[^<>]+>")
_QUOTE = re.compile("^> ", re.MULTILINE)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
_INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BUTTON = {"type", "text", "action_id", "value", "url", "style", "confirm"}


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def check_message(payload: Payload) -> None:
    assert set(payload) == {"text", "blocks"}
    _mrkdwn(payload["text"], 4000)
    _blocks(payload["blocks"], 50)
    assert [button.get("style") for button in buttons(payload).values()].count("primary") <= 1
    assert len(json.dumps(payload["blocks"], ensure_ascii=False)) <= 13_200
    json.dumps(payload, ensure_ascii=False).encode("utf-8")


def check_view(payload: Payload) -> None:
    is_form = any(block["type"] == "input" for block in payload["blocks"])
    form = {"submit", "private_metadata"} if is_form else set()
    assert set(payload) == {"type", "callback_id", "title", "close", "blocks"} | form
    assert payload["type"] == "modal"
    assert len(payload["callback_id"]) <= 255
    assert len(payload.get("private_metadata", "")) <= 3000
    for key in {"title", "close", "submit"} & set(payload):
        assert payload[key]["type"] == "plain_text"
        assert 0 < units(payload[key]["text"]) <= 24
    _blocks(payload["blocks"], 100)
    assert [button.get("style") for button in buttons(payload).values()].count("primary") <= 1
    assert len(json.dumps(payload).encode()) <= 250_000
    json.dumps(payload, ensure_ascii=False).encode("utf-8")


def _blocks(blocks: list[Payload], most: int) -> None:
    assert 0 < len(blocks) <= most
    assert sum(block["type"] == "data_visualization" for block in blocks) <= 2
    assert sum(block["type"] == "table" for block in blocks) <= 1
    for block in blocks:
        _block(block)
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(ids) == len(set(ids))
    assert all(0 < len(id_) <= 255 for id_ in ids)


def _block(block: Payload) -> None:
    {
        "section": _section,
        "header": lambda header: _text(header["text"], 150, "plain_text"),
        "context": _context,
        "actions": _actions,
        "rich_text": _rich_text,
        "divider": lambda _: None,
        "input": _input,
        "data_visualization": _chart,
        "table": _table,
    }[block["type"]](block)


def _section(block: Payload) -> None:
    assert "text" in block or "fields" in block
    if "text" in block:
        _text(block["text"], 3000)
    if "fields" in block:
        assert 0 < len(block["fields"]) <= 10
        for field in block["fields"]:
            _text(field, 2000)
    if "accessory" in block:
        _button(block["accessory"])


def _context(block: Payload) -> None:
    assert 0 < len(block["elements"]) <= 10
    for element in block["elements"]:
        _text(element, 3000)


def _actions(block: Payload) -> None:
    assert 0 < len(block["elements"]) <= 25
    for element in block["elements"]:
        _button(element)
    actions = [element["action_id"] for element in block["elements"]]
    assert len(actions) == len(set(actions))


def _input(block: Payload) -> None:
    assert set(block) - {"hint"} == {"type", "block_id", "label", "element", "optional"}
    for key in {"label", "hint"} & set(block):
        _text(block[key], 2000, "plain_text")
    element = block["element"]
    assert 0 < len(element["action_id"]) <= 255
    options = element.get("options", [])
    for option in options:
        _text(option["text"], 75, "plain_text")
        assert 0 < units(option["value"]) <= 150
    assert len({option["value"] for option in options}) == len(options)
    match element["type"]:
        case "plain_text_input":
            initial = element.get("initial_value", "x")
            assert 0 < units(initial) <= 3000
            assert not _INVISIBLE.search(initial)
        case "datetimepicker":
            assert len(str(element.get("initial_date_time", 1_000_000_000))) == 10
        case "timepicker":
            assert re.fullmatch("[0-2][0-9]:[0-5][0-9]", element["initial_time"])
        case "users_select":
            assert re.fullmatch("[UW][A-Z0-9]+", element.get("initial_user", "U1"))
        case "static_select":
            assert 0 < len(options) <= 100
            assert element.get("initial_option", options[0]) in options
        case kind:
            assert kind == "checkboxes"
            assert 0 < len(options) <= 10


def _rich_text(block: Payload) -> None:
    for part in block["elements"]:
        assert part["type"] == "rich_text_preformatted"
        for element in part["elements"]:
            assert element["type"] == "text"
            assert 0 < units(element["text"]) <= 3000


def _chart(block: Payload) -> None:
    assert set(block) == {"type", "title", "chart"}
    assert 0 < units(block["title"]) <= 50
    chart = block["chart"]
    assert chart["type"] == "bar"
    labels = chart["axis_config"]["categories"]
    assert 0 < len(set(labels)) == len(labels) <= 20
    assert all(0 < units(label) <= 20 for label in labels)
    assert 0 < len(chart["series"]) <= 6
    assert len({series["name"] for series in chart["series"]}) == len(chart["series"])
    for series in chart["series"]:
        assert 0 < units(series["name"]) <= 20
        assert [point["label"] for point in series["data"]] == labels
        assert all(point["value"] >= 0 for point in series["data"])


def _table(block: Payload) -> None:
    assert 0 < len(block["rows"]) <= 100
    assert all(0 < len(row) <= 20 for row in block["rows"])
    texts = [text for row in block["rows"] for cell in row for text in _cell_texts(cell)]
    assert all(text.strip() for text in texts)
    assert sum(map(units, texts)) <= 10_000


def _cell_texts(cell: Payload) -> list[str]:
    if cell["type"] == "raw_text":
        return [cell["text"]]
    return [element["text"] for part in cell["elements"] for element in part["elements"]]


def _button(button: Payload) -> None:
    assert button["type"] == "button"
    assert set(button) <= _BUTTON
    _text(button["text"], 75, "plain_text")
    assert 0 < len(button["action_id"]) <= 255
    assert button.get("style", "primary") in {"primary", "danger"}
    if "value" in button:
        assert 0 < units(button["value"]) <= 2000
    for key, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)) if "confirm" in button else ():
        _text(button["confirm"][key], most, "plain_text")
    if "url" in button:
        assert units(button["url"]) <= 3000
        assert re.match(r"https?://", button["url"])


def _text(text: Payload, most: int, kind: str = "") -> None:
    assert text["type"] == (kind or text["type"])
    if text["type"] == "mrkdwn":
        assert text["verbatim"] is True, "else Slack makes links of addresses"
        _mrkdwn(text["text"], most)
    else:
        assert text["type"] == "plain_text"
        _characters(text["text"], most)
        assert "<" not in text["text"]
        assert ">" not in text["text"]


def _mrkdwn(text: str, most: int) -> None:
    _characters(text, most)
    bare = _QUOTE.sub("", _TOKENS.sub("", text))
    assert "<" not in bare, bare
    assert ">" not in bare, bare
    for line in text.split("\n"):
        assert line.count("`") % 2 == 0, line
        assert not line.startswith("&gt;"), line


def _characters(text: str, most: int) -> None:
    assert text.strip()
    assert units(text) <= most
    assert not _INVISIBLE.search(text)
    assert not _ENTITY.search(text)


def texts_in(payload: Any) -> Iterator[str]:
    """Every string in a payload."""
    if isinstance(payload, dict):
        for value in payload.values():
            yield from texts_in(value)
    elif isinstance(payload, list):
        for value in payload:
            yield from texts_in(value)
    elif isinstance(payload, str):
        yield payload


def shown(payload: Payload) -> str:
    """What can be read of the blocks: a line for each line, and the buttons in brackets."""
    lines = []
    for block in payload["blocks"]:
        texts = [block.get(key) for key in ("text", "label", "element", "hint")]
        if block["type"] == "data_visualization":
            lines.append("[chart]")
        for text in [*texts, *block.get("fields", []), *block.get("elements", [])]:
            lines += _readable(text) if text else []
        if "accessory" in block:
            lines += _readable(block["accessory"])
        lines += [" | ".join(text for cell in row for text in _cell_texts(cell)) for row in block.get("rows", [])]
    return "\n".join(lines)


def _readable(node: Payload) -> list[str]:
    match node["type"]:
        case "button":
            return [f"[{node['text']['text']}]"]
        case "rich_text_preformatted":
            return [element["text"] for element in node["elements"]]
        case "plain_text_input" | "datetimepicker" | "users_select":
            return [f"> {next((node[key] for key in node if key.startswith('initial_')), '')}"]
        case "static_select":
            chosen = node.get("initial_option", {})
            return [f"{'(x)' if option == chosen else '( )'} {option['text']['text']}" for option in node["options"]]
        case "checkboxes":
            return [f"[ ] {option['text']['text']}" for option in node["options"]]
        case _:
            return [str(node["text"])]


def all_buttons(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every button, also those beside a text."""
    if isinstance(node, dict):
        if node.get("type") == "button":
            yield node
        for value in node.values():
            yield from all_buttons(value)
    elif isinstance(node, list):
        for value in node:
            yield from all_buttons(value)


def buttons(payload: Payload) -> dict[str, Payload]:
    """The buttons in actions blocks, by what they say."""
    return {
        button["text"]["text"]: button
        for block in payload["blocks"]
        if block["type"] == "actions"
        for button in block["elements"]
    }
