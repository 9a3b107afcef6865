"""rich_text and table blocks: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block and …/table-block"""

from bot.sandbox.slack.checks import Node

_TABLE_ROWS = 100
_TABLE_COLUMNS = 20
_TABLE_CHARACTERS = 10_000

_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")

_INLINE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (("text",), ("style",)),
    "link": (("url",), ("text", "unsafe", "style")),
    "emoji": (("name",), ("unicode", "skin_tone", "style")),
    "user": (("user_id",), ("style",)),
    "usergroup": (("usergroup_id",), ("style",)),
    "channel": (("channel_id",), ("style",)),
    "broadcast": (("range",), ("style",)),
    "date": (("timestamp", "format"), ("url", "fallback", "style")),
    "color": (("value",), ("style",)),
}


def rich_text(node: Node) -> None:
    node.is_object(("type", "elements"), ("block_id",))
    for part in node.items("elements", 1000, 0):
        _part(part)


def _part(node: Node) -> None:
    match node.kind():
        case "rich_text_section":
            node.is_object(("type", "elements"))
            _inline(node)
        case "rich_text_preformatted":
            node.is_object(("type", "elements"), ("border", "language"))
            _inline(node)
        case "rich_text_quote":
            node.is_object(("type", "elements"), ("border",))
            _inline(node)
        case "rich_text_list":
            node.is_object(("type", "style", "elements"), ("indent", "offset", "border"))
            node.one_of("style", "bullet", "ordered")
            node.integer("indent", 0, 8)
            for item in node.items("elements", 1000, 0):
                if item.kind() == "rich_text_section":
                    item.is_object(("type", "elements"))
                    _inline(item)
                else:
                    item.unsupported()
        case "":
            pass
        case _:
            node.unsupported()


def _inline(node: Node) -> None:
    for item in node.items("elements", 1000, 0):
        kind = item.kind()
        if not kind:
            continue
        if kind not in _INLINE:
            item.unsupported()
            continue
        required, optional = _INLINE[kind]
        item.is_object(("type", *required), optional)
        item.string("text", 40_000)
        item.one_of("range", "here", "channel", "everyone")
        if item.has("style") and item.at("style").is_object((), _STYLES):
            item.at("style").flags(*_STYLES)


def table(node: Node) -> int:
    """Check a table, and return how many characters are in its cells."""
    node.is_object(("type", "rows"), ("block_id", "column_settings"))
    characters = 0
    for row in node.items("rows", _TABLE_ROWS):
        if not isinstance(row.value, list):
            row.wrong("must be an array")
            continue
        if len(row.value) > _TABLE_COLUMNS:
            row.wrong(f"no more than {_TABLE_COLUMNS} items allowed")
        for index in range(len(row.value)):
            characters += _cell(row.at(index))
    for column in node.items("column_settings", _TABLE_COLUMNS):
        if column.is_object((), ("align", "is_wrapped")):
            column.one_of("align", "left", "center", "right")
            column.flags("is_wrapped")
    if characters > _TABLE_CHARACTERS:
        node.wrong(f"must be less than {_TABLE_CHARACTERS + 1} characters")
    return characters


def _cell(node: Node) -> int:
    match node.kind():
        case "raw_text":
            node.is_object(("type", "text"))
            return len(node.string("text", _TABLE_CHARACTERS))
        case "rich_text":
            rich_text(node)
            return sum(len(content) for content in _texts(node.value))
        case "":
            return 0
        case _:
            node.unsupported()
            return 0


def _texts(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [content for value in node.values() for content in _texts(value)]
    if isinstance(node, list):
        return [content for item in node for content in _texts(item)]
    return []
