"""How people use the elements of a message or a view, as Slack reports it to the app."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.sandbox.slack import blockkit
from bot.sandbox.slack.refusals import Refused
from bot.sandbox.slack.state import Json

_VALUES = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}


def find(blocks: Iterable[Json], action: str, value: str | None, index: int) -> tuple[Json, Json]:
    """Return the block and the element for an action_id, or for the text on a button.

    Of several, those with the button's `value` count, and of these the one at `index`. Raises LookupError.
    """
    matches = [
        (block, element)
        for block in blocks
        for element in blockkit.interactive(block)
        if action in {element.get("action_id"), label(element)}
        and (value is None or element["type"] != "button" or element.get("value") == value)
    ]
    if index >= len(matches):
        there = sorted({label(element) or element["action_id"] for b in blocks for element in blockkit.interactive(b)})
        known = ", ".join(there)
        raise Refused(
            "button" if there else "no_buttons",
            f"There is no button “{action}” here. Available: {known or 'none'}.",
            button=action,
            known=known,
        )
    return matches[index]


def label(element: Mapping[str, Any]) -> str:
    text = element.get("text")
    return str(text.get("text", "")) if isinstance(text, Mapping) else ""


def chosen(element: Mapping[str, Any], value: Any, user_id: Callable[[str], str] = str) -> Json:
    """Return the state of an element after entering `value`. Raises LookupError for what can't be chosen.

    Options are given by value or text, people as `user_id` understands them, moments as a datetime or Unix seconds.
    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
    """
    kind = str(element["type"])
    if kind in {"static_select", "radio_buttons", "overflow", "external_select"}:
        return {"type": kind, "selected_option": None if value is None else _option(element, value)}
    if kind in {"multi_static_select", "checkboxes", "multi_external_select"}:
        return {"type": kind, "selected_options": [_option(element, choice) for choice in value or ()]}
    if kind == "users_select" and value:
        value = user_id(value)
    if kind == "datetimepicker" and isinstance(value, datetime):
        value = int(value.timestamp())
    if kind in _VALUES:
        return {"type": kind, _VALUES[kind]: value}
    return {"type": kind, "value": None if value is None or value == "" else str(value)}


def _option(element: Mapping[str, Any], value: Any) -> Json:
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group["options"]
    for option in options:
        if value in {option["value"], option["text"]["text"]}:
            return {key: option[key] for key in ("text", "value", "description") if key in option}
    known = ", ".join(option["value"] for option in options)
    raise Refused("option", f"{value!r} isn't one of the options: {known}.", value=str(value), known=known)


def initial(element: Mapping[str, Any]) -> Json:
    """Return an element's initial state."""
    kind = str(element["type"])
    if "initial_option" in element:
        return chosen(element, element["initial_option"]["value"])
    if "initial_options" in element:
        return chosen(element, [option["value"] for option in element["initial_options"]])
    for key, value in element.items():
        if key.startswith("initial_"):
            return chosen(element, value)
    return chosen(element, [] if kind == "checkboxes" or kind.startswith("multi_") else None)


def state_of(element: Mapping[str, Any], block: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an element's state: what was entered according to `values` (as `state.values`), or its initial one."""
    entered: Mapping[str, Any] | None = values.get(block.get("block_id", ""), {}).get(element.get("action_id"))
    return entered or initial(element)


def is_empty(state: Mapping[str, Any]) -> bool:
    return not any(value for key, value in state.items() if key != "type")


def put_in(
    blocks: Iterable[Json],
    entered: Mapping[str, Any],
    values: Mapping[str, Any],
    user_id: Callable[[str], str] = str,
) -> Json:
    """Return `state.values` of a view: initial states, those that were entered before, and those entered now.

    `values` is by block_id or action_id. Raises LookupError for inputs that aren't there.
    """
    states: Json = {}
    missing = set(values)
    for block in blocks:
        for element in blockkit.interactive(block):
            if element["type"] in {"button", "overflow"}:
                continue
            action = element["action_id"]
            state = entered.get(block["block_id"], {}).get(action) or initial(element)
            for key in (block["block_id"], action):
                if key in values:
                    state = chosen(element, values[key], user_id)
                    missing.discard(key)
            states.setdefault(block["block_id"], {})[action] = state
    if missing:
        name = ", ".join(sorted(missing))
        raise Refused("input", f"The form has no input {name}.", name=name)
    return states


def check_submittable(blocks: Iterable[Json], values: Mapping[str, Any]) -> None:
    """Raise ValueError for a form that Slack's client would not submit."""
    for block in blocks:
        for element in blockkit.interactive(block):
            state = values.get(block["block_id"], {}).get(element["action_id"])
            if state is None:
                continue
            if is_empty(state):
                if block["type"] == "input" and not block.get("optional"):
                    name = element["action_id"]
                    sentence = f"{name}: Please complete this required field."
                    raise Refused("required", sentence, name=_label_of(block, name))
            elif problem := _problem(element, state):
                name = element["action_id"]
                reason = f"entered.{problem.replace(' ', '_')}"
                raise Refused(reason, f"{name}: {problem}", name=_label_of(block, name))


def _label_of(block: Mapping[str, Any], name: str) -> str:
    """Return what the form calls an input."""
    return str((block.get("label") or {}).get("text") or name)


def _problem(element: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    text = str(state.get("value"))
    match element["type"]:
        case "plain_text_input" if len(text) > int(element.get("max_length", 3000)):
            return "too long"
        case "plain_text_input" if len(text) < int(element.get("min_length", 0)):
            return "too short"
        case "number_input":
            return _number_problem(element, text)
        case "email_text_input" if "@" not in text:
            return "no email address"
        case "url_text_input" if "://" not in text:
            return "no URL"
        case "datetimepicker" if not isinstance(state["selected_date_time"], int):
            return "no moment"
    return ""


def _number_problem(element: Mapping[str, Any], text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "no number"
    if number != int(number) and not element["is_decimal_allowed"]:
        return "no whole number"
    if not Decimal(element.get("min_value", "-Infinity")) <= number <= Decimal(element.get("max_value", "Infinity")):
        return "out of range"
    return ""
