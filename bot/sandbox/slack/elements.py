"""The elements of Block Kit: https://docs.slack.dev/reference/block-kit/block-elements"""

from collections.abc import Callable

from bot.sandbox.slack.checks import Node, confirm, option, option_group, plain_text, unique

_SELECTS = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
_MULTI_SELECTS = tuple(f"multi_{kind}" for kind in _SELECTS)
_PICKERS = ("checkboxes", "radio_buttons", "datepicker", "timepicker")

# Where each is allowed: the table on https://docs.slack.dev/reference/block-kit/block-elements
IN_SECTION = frozenset(("button", "image", "overflow", *_PICKERS, *_SELECTS, *_MULTI_SELECTS))
IN_ACTIONS = frozenset(("button", "overflow", "datetimepicker", *_PICKERS, *_SELECTS))
IN_INPUT = frozenset(
    (
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "file_input",
        "datetimepicker",
        *_PICKERS,
        *_SELECTS,
        *_MULTI_SELECTS,
    )
)
INTERACTIVE = IN_ACTIONS | IN_INPUT | (IN_SECTION - {"image"})


def element(node: Node, allowed: frozenset[str]) -> None:
    """Check an element where `allowed` ones may be."""
    kind = node.kind()
    if not kind:
        return
    check = _CHECKS.get(kind)
    if check is None or kind not in allowed:
        node.unsupported()
        return
    check(node)
    node.string("action_id", 255)


def _button(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
    node.is_object(("type", "text"), ("action_id", "url", "value", "style", "confirm", "accessibility_label"))
    node.optional("text", lambda label: plain_text(label, 75))
    node.url("url")
    node.string("value", 2000)
    node.one_of("style", "primary", "danger")
    node.optional("confirm", confirm)
    node.string("accessibility_label", 75)


def _image(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/image-element"""
    node.is_object(("type", "alt_text"), ("image_url", "slack_file"))
    image_source(node)


def image_source(node: Node) -> None:
    """Check for either an `image_url` or a `slack_file`, and the `alt_text`."""
    node.string("alt_text", 2000)
    node.url("image_url")
    if node.has("image_url") == node.has("slack_file"):
        node.wrong("must define either `image_url` or `slack_file`")
    node.optional("slack_file", _slack_file)


def _slack_file(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object"""
    if node.is_object((), ("id", "url")) and node.has("id") == node.has("url"):
        node.wrong("must define either `id` or `url`")


def _overflow(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element"""
    node.is_object(("type", "options"), ("action_id", "confirm"))
    for item in node.items("options", 5):
        option(item, url=True)
    node.optional("confirm", confirm)


def _choices(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element and radio-button-group-element"""
    initial = "initial_options" if node.value["type"] == "checkboxes" else "initial_option"
    node.is_object(("type", "options"), ("action_id", initial, "confirm", "focus_on_load"))
    options = list(node.items("options", 10))
    for item in options:
        option(item, mrkdwn=True)
    unique(options, "value")
    _initial(node, [item.value for item in options])
    node.optional("confirm", confirm)
    node.flags("focus_on_load")


def _select(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element and multi-select-menu-element"""
    kind = str(node.value["type"])
    is_multi = kind.startswith("multi_")
    optional = {"action_id", "placeholder", "confirm", "focus_on_load"}
    if is_multi:
        optional.add("max_selected_items")
    elif kind in {"conversations_select", "channels_select"}:
        optional.add("response_url_enabled")
    match kind.removeprefix("multi_"):
        case "static_select":
            optional |= {"options", "option_groups", "initial_options" if is_multi else "initial_option"}
        case "external_select":
            optional |= {"min_query_length", "initial_options" if is_multi else "initial_option"}
        case "users_select":
            optional.add("initial_users" if is_multi else "initial_user")
        case "channels_select":
            optional.add("initial_channels" if is_multi else "initial_channel")
        case _:
            optional |= {"default_to_current_conversation", "filter"}
            optional.add("initial_conversations" if is_multi else "initial_conversation")
    node.is_object(("type",), optional)
    node.optional("placeholder", lambda hint: plain_text(hint, 150))
    node.integer("max_selected_items", 1, 100)
    node.optional("confirm", confirm)
    node.flags("focus_on_load", "response_url_enabled", "default_to_current_conversation")
    if kind.endswith("static_select"):
        _options(node)


def _options(node: Node) -> None:
    if node.has("options") == node.has("option_groups"):
        node.wrong("must define either `options` or `option_groups`")
    options = list(node.items("options", 100))
    for item in options:
        option(item)
    for group in node.items("option_groups", 100):
        option_group(group)
        if isinstance(group.value, dict) and isinstance(group.value.get("options"), list):
            options += [group.at("options").at(index) for index in range(len(group.value["options"]))]
    _initial(node, [item.value for item in options])


def _initial(node: Node, options: list[object]) -> None:
    """The initial choice must be exactly one of the options."""
    if node.has("initial_option") and node.value["initial_option"] not in options:
        initial = node.at("initial_option")
        initial.wrong("must match one of the options" if isinstance(initial.value, dict) else "must provide an object")
    for item in node.items("initial_options", len(options)):
        if item.value not in options:
            item.wrong("must match one of the options")


def _picker(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/date-picker-element, time-…, datetime-picker-element"""
    initial = {"datepicker": "initial_date", "timepicker": "initial_time", "datetimepicker": "initial_date_time"}
    kind = node.value["type"]
    optional = {"action_id", "confirm", "focus_on_load", initial[kind]}
    if kind != "datetimepicker":
        optional.add("placeholder")
    if kind == "timepicker":
        optional.add("timezone")
    node.is_object(("type",), optional)
    node.optional("placeholder", lambda hint: plain_text(hint, 150))
    node.pattern("initial_date", r"\d{4}-\d{2}-\d{2}", "must be a date in the format YYYY-MM-DD")
    node.pattern("initial_time", r"([01]\d|2[0-3]):[0-5]\d", "must be a time in the format HH:mm")
    node.integer("initial_date_time", 1_000_000_000, 9_999_999_999)
    node.optional("confirm", confirm)
    node.flags("focus_on_load")


def _written(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element, email-…, url-input-element"""
    optional = {"action_id", "initial_value", "dispatch_action_config", "focus_on_load", "placeholder"}
    if node.value["type"] == "plain_text_input":
        optional |= {"multiline", "min_length", "max_length"}
    node.is_object(("type",), optional)
    node.string("initial_value", 3000, 0)
    node.integer("min_length", 0, 3000)
    node.integer("max_length", 1, 3000)
    node.flags("multiline", "focus_on_load")
    node.optional("placeholder", lambda hint: plain_text(hint, 150))


def _number(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/number-input-element"""
    optional = {"action_id", "initial_value", "min_value", "max_value", "dispatch_action_config", "focus_on_load"}
    node.is_object(("type", "is_decimal_allowed"), optional | {"placeholder"})
    node.flags("is_decimal_allowed", "focus_on_load")
    for key in ("initial_value", "min_value", "max_value"):
        node.string(key, 255)
    node.optional("placeholder", lambda hint: plain_text(hint, 150))


def _file_input(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/file-input-element"""
    node.is_object(("type",), ("action_id", "filetypes", "max_files"))
    node.integer("max_files", 1, 10)


_CHECKS: dict[str, Callable[[Node], None]] = {
    "button": _button,
    "image": _image,
    "overflow": _overflow,
    "checkboxes": _choices,
    "radio_buttons": _choices,
    "datepicker": _picker,
    "timepicker": _picker,
    "datetimepicker": _picker,
    "plain_text_input": _written,
    "email_text_input": _written,
    "url_text_input": _written,
    "number_input": _number,
    "file_input": _file_input,
    **dict.fromkeys(_SELECTS, _select),
    **dict.fromkeys(_MULTI_SELECTS, _select),
}
