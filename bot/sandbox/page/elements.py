"""Buttons, menus and inputs as HTML: https://docs.slack.dev/reference/block-kit/block-elements

Everything that can be used carries `data-action` and `data-block`, its action_id and block_id; a button that asks first
has `data-confirm`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

from bot.sandbox.page.markup import plain_html, text_html, token
from bot.sandbox.page.reader import Reader
from bot.sandbox.slack import inputs

_STYLES = {"primary", "danger"}


def element(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    """Return any element that may be in a section, a context, an actions block or an input."""
    match node["type"]:
        case "plain_text" | "mrkdwn":
            return f"<span>{text_html(node, reader)}</span>"
        case "button":
            return _button(node, block, reader)
        case "image":
            return f'<img src="{escape(node.get("image_url", ""))}" alt="{escape(node["alt_text"])}">'
        case "overflow":
            return _overflow(node, block, reader)
        case "checkboxes" | "radio_buttons":
            return _choices(node, block, reader)
        case "file_input":
            return f'<input type="file"{_identity(node, block)}>'
        case kind if kind.endswith("_select"):
            return _select(node, block, reader)
        case _:
            return _input(node, block, reader)


def _identity(node: Mapping[str, Any], block: Mapping[str, Any]) -> str:
    action, block_id = escape(str(node.get("action_id", ""))), escape(str(block.get("block_id", "")))
    return f' data-action="{action}" data-block="{block_id}"'


def _button(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    style = node.get("style", "")
    kind = f"button {style}" if style in _STYLES else "button"
    value = f' data-value="{escape(str(node["value"]))}"' if "value" in node else ""
    asks = ' data-confirm="1"' if "confirm" in node else ""
    spoken = f' aria-label="{escape(node["accessibility_label"])}"' if "accessibility_label" in node else ""
    label = text_html(node["text"], reader)
    if "url" in node:
        rel = 'target="_blank" rel="noopener noreferrer"'
        return f'<a class="{kind}" href="{escape(node["url"])}" {rel}{_identity(node, block)}{spoken}>{label}</a>'
    return f'<button type="button" class="{kind}"{_identity(node, block)}{value}{asks}{spoken}>{label}</button>'


def confirm(dialog: Mapping[str, Any], reader: Reader) -> str:
    """Return the dialog in which a button asks first."""
    style = "danger" if dialog.get("style") == "danger" else "primary"
    return (
        f'<div class="modal confirm" role="alertdialog"><header><h1>{text_html(dialog["title"], reader)}</h1></header>'
        f'<div class="body">{text_html(dialog["text"], reader)}</div><footer>'
        f'<button type="button" class="button">{text_html(dialog["deny"], reader)}</button>'
        f'<button type="button" class="button {style}">{text_html(dialog["confirm"], reader)}</button></footer></div>'
    )


def _overflow(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    options = "".join(
        f'<button type="button" data-value="{escape(str(option.get("value", "")))}">'
        f"{text_html(option['text'], reader)}</button>"
        for option in node["options"]
    )
    return f'<details class="overflow"{_identity(node, block)}><summary class="button">⋯</summary>{options}</details>'


def _choices(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    state = _state(node, block, reader)
    chosen = state.get("selected_options") or [state.get("selected_option")]
    picked = {option["value"] for option in chosen if option}
    kind = "checkbox" if node["type"] == "checkboxes" else "radio"
    options = "".join(
        f'<label class="choice"><input type="{kind}" name="{escape(str(node.get("action_id", "")))}" '
        f'value="{escape(option["value"])}"{" checked" if option["value"] in picked else ""}>'
        f"<span>{text_html(option['text'], reader)}{_description(option, reader)}</span></label>"
        for option in node["options"]
    )
    return f"<div{_identity(node, block)}>{options}</div>"


def _description(option: Mapping[str, Any], reader: Reader) -> str:
    return f"<small>{text_html(option['description'], reader)}</small>" if option.get("description") else ""


def _select(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    chosen = list(_entered(_state(node, block, reader), reader))
    shown = "".join(f"<span>{choice}</span>" for choice in chosen) or _placeholder(node, reader)
    return f'<div class="select" tabindex="0"{_identity(node, block)}>{shown}</div>'


def _placeholder(node: Mapping[str, Any], reader: Reader) -> str:
    return f'<span class="placeholder">{text_html(node.get("placeholder"), reader)}</span>'


def _input(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    state, identity = _state(node, block, reader), _identity(node, block)
    if node["type"] in {"datepicker", "timepicker", "datetimepicker"}:
        shown = "".join(_entered(state, reader)) or _placeholder(node, reader)
        return f'<div class="select" tabindex="0"{identity}>{shown}</div>'
    hint, value = escape(str(node.get("placeholder", {}).get("text", ""))), escape(str(state.get("value") or ""))
    if node.get("multiline"):
        return f'<textarea rows="4" placeholder="{hint}"{identity}>{value}</textarea>'
    return f'<input type="text" value="{value}" placeholder="{hint}"{identity}>'


def _state(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> Mapping[str, Any]:
    entered = reader.values.get(block.get("block_id", ""), {}).get(node.get("action_id"))
    return entered or inputs.initial(node)


def _entered(state: Mapping[str, Any], reader: Reader) -> Iterator[str]:
    """Yield what was entered, as HTML."""
    for key, value in state.items():
        for item in value if isinstance(value, list) else [value]:
            match key:
                case "type":
                    pass
                case _ if item is None:
                    pass
                case "selected_option" | "selected_options":
                    yield text_html(item["text"], reader)
                case "selected_user" | "selected_users":
                    yield token(f"@{item}", reader)
                case "selected_channel" | "selected_channels" | "selected_conversation" | "selected_conversations":
                    yield token(f"#{item}", reader)
                case "selected_date_time":
                    yield f"{datetime.fromtimestamp(item, reader.zone):%Y-%m-%d %H:%M}"
                case _:
                    yield plain_html(str(item))
