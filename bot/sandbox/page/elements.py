"""Buttons, menus and inputs as HTML: https://docs.slack.dev/reference/block-kit/block-elements

Everything that can be used carries `data-action` and `data-block`, its action_id and block_id. What is entered has the
name under which `inputs.put_in` expects it.
"""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from bot.sandbox.page.client import client
from bot.sandbox.page.markup import attribute, plain_html, text_html
from bot.sandbox.page.reader import Reader
from bot.sandbox.slack import inputs

_STYLES = {"primary", "danger"}
_KINDS = {
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "datetime-local",
    "number_input": "number",
    "email_text_input": "email",
    "url_text_input": "url",
    "file_input": "file",
}
_LIMITS = {"min_length": "minlength", "max_length": "maxlength", "min_value": "min", "max_value": "max"}


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
        case kind if kind.endswith("_select"):
            return _select(node, block, reader)
        case _:
            return _input(node, block, reader)


def label_id(block: Mapping[str, Any]) -> str:
    """Return the id of an input's label."""
    return f"label-{escape(str(block.get('block_id', '')))}"


def hint_id(block: Mapping[str, Any]) -> str:
    """Return the id of an input's hint."""
    return f"hint-{escape(str(block.get('block_id', '')))}"


def field_name(node: Mapping[str, Any], block: Mapping[str, Any]) -> str:
    """Return the name for what is entered. Several elements are only in an actions block: their action_ids differ."""
    named = node.get("action_id") if block.get("type") == "actions" else block.get("block_id")
    return str(named or "")


def _identity(node: Mapping[str, Any], block: Mapping[str, Any]) -> str:
    action, block_id = escape(str(node.get("action_id", ""))), escape(str(block.get("block_id", "")))
    return f' data-action="{action}" data-block="{block_id}"'


def _labelling(block: Mapping[str, Any]) -> str:
    """Return the attributes by which an input names its label and its hint."""
    hint = f' aria-describedby="{hint_id(block)}"' if "hint" in block else ""
    return f' aria-labelledby="{label_id(block)}"{hint}'


def _field(node: Mapping[str, Any], block: Mapping[str, Any], spoken: str = "") -> str:
    """Return the attributes of something to fill in: its name, and its label."""
    in_input = block.get("type") == "input"
    named = escape(field_name(node, block))
    labelling = _labelling(block) if in_input else f' aria-label="{attribute(spoken)}"'
    required = " required" if in_input and not block.get("optional") else ""
    dispatch = "" if in_input else " data-dispatch"
    return f' name="{named}"{labelling}{required}{dispatch}{_identity(node, block)}'


def _button(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    style = node.get("style", "")
    kind = f"button {style}" if style in _STYLES else "button"
    value = f' data-value="{escape(str(node["value"]))}"' if "value" in node else ""
    spoken = f' aria-label="{escape(node["accessibility_label"])}"' if "accessibility_label" in node else ""
    label = text_html(node["text"], reader)
    if "url" in node:
        rel = 'target="_blank" rel="noopener noreferrer"'
        return f'<a class="{kind}" href="{escape(node["url"])}" {rel}{_identity(node, block)}{spoken}>{label}</a>'
    return f'<button type="button" class="{kind}"{_identity(node, block)}{value}{spoken}>{label}</button>'


def confirm(dialog: Mapping[str, Any], reader: Reader) -> str:
    """Return the dialog in which a button asks first."""
    style = "danger" if dialog.get("style") == "danger" else "primary"
    return (
        f'<form class="modal confirm" method="dialog"><header><h1 id="confirm-title">'
        f'{text_html(dialog["title"], reader)}</h1></header><div class="body">{text_html(dialog["text"], reader)}</div>'
        f'<footer><button type="button" class="button" data-close>{text_html(dialog["deny"], reader)}</button>'
        f'<button type="submit" class="button {style}">{text_html(dialog["confirm"], reader)}</button></footer></form>'
    )


def _overflow(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    options = "".join(
        f'<button type="button" data-value="{escape(str(option.get("value", "")))}"{_identity(node, block)}>'
        f"{text_html(option['text'], reader)}</button>"
        for option in node["options"]
    )
    more = client(reader.locale).more
    return (
        f'<details class="overflow"><summary class="button" aria-label="{more}">⋯</summary>'
        f'<div class="menu">{options}</div></details>'
    )


def _choices(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    picked = _picked(inputs.state_of(node, block, reader.values))
    kind = "checkbox" if node["type"] == "checkboxes" else "radio"
    name = escape(field_name(node, block))
    required = " required" if len(node["options"]) == 1 and not block.get("optional") else ""
    options = "".join(
        f'<label class="choice"><input type="{kind}" name="{name}"{required} '
        f'value="{escape(option["value"])}"{" checked" if option["value"] in picked else ""}>'
        f"<span>{text_html(option['text'], reader)}{_description(option, reader)}</span></label>"
        for option in node["options"]
    )
    return f'<div role="group"{_labelling(block)}{_identity(node, block)}>{options}</div>'


def _description(option: Mapping[str, Any], reader: Reader) -> str:
    return f"<small>{text_html(option['description'], reader)}</small>" if option.get("description") else ""


def _select(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    """Return a menu. As long as nothing is chosen, it shows its placeholder."""
    picked = _picked(inputs.state_of(node, block, reader.values))
    groups = node.get("option_groups") or [{"options": node.get("options") or _known(node, reader)}]
    hint = (node.get("placeholder") or {}).get("text", "")
    many = " multiple" if node["type"].startswith("multi_") else ""
    shown = "" if many else f'<option value="">{plain_html(hint)}</option>'
    for group in groups:
        options = "".join(_option(option, picked) for option in group["options"])
        shown += (
            f'<optgroup label="{attribute(group["label"]["text"])}">{options}</optgroup>'
            if "label" in group
            else options
        )
    return f'<span class="select"><select{many}{_field(node, block, hint)}>{shown}</select></span>'


def _option(option: Mapping[str, Any], picked: set[str]) -> str:
    chosen = " selected" if option["value"] in picked else ""
    return f'<option value="{escape(option["value"])}"{chosen}>{plain_html(option["text"]["text"])}</option>'


def _known(node: Mapping[str, Any], reader: Reader) -> list[dict[str, Any]]:
    """Return the people or the channels, for a menu of those."""
    prefix = "U" if "users" in node["type"] else "C"
    names = sorted((name, id_) for id_, name in reader.names.items() if id_.startswith(prefix))
    return [{"value": id_, "text": {"text": name}} for name, id_ in names]


def _picked(state: Mapping[str, Any]) -> set[str]:
    """Return what is chosen: the values of options, or ids."""
    chosen = (item for value in state.values() for item in (value if isinstance(value, list) else [value]))
    return {item["value"] if isinstance(item, Mapping) else item for item in chosen if item}


def _input(node: Mapping[str, Any], block: Mapping[str, Any], reader: Reader) -> str:
    hint = (node.get("placeholder") or {}).get("text", "")
    field = f' placeholder="{attribute(hint)}"{_field(node, block, hint)}'
    value = escape(_written(inputs.state_of(node, block, reader.values), reader))
    field += "".join(f' {name}="{escape(str(node[key]))}"' for key, name in _LIMITS.items() if key in node)
    if node.get("multiline"):
        return f'<textarea rows="4"{field}>{value}</textarea>'
    return f'<input type="{_KINDS.get(node["type"], "text")}" value="{value}"{field}>'


def _written(state: Mapping[str, Any], reader: Reader) -> str:
    """Return what was entered as HTML's inputs take it: a moment in the reader's time zone."""
    if moment := state.get("selected_date_time"):
        return f"{datetime.fromtimestamp(moment, reader.zone):%Y-%m-%dT%H:%M}"
    return next((str(value) for key, value in state.items() if key != "type" and value), "")
