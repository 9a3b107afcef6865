"""Slack's limits, kept in this one place: every payload of the bot's leaves through `message` or `view`.

Lengths are counted as sent, after escaping, in UTF-16 units, the strictest of the ways that Slack might count.
Limits of blocks: https://docs.slack.dev/reference/block-kit/blocks and …/composition-objects.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Block = dict[str, Any]
Payload = dict[str, Any]

MESSAGE_BLOCKS = 50
MESSAGE_SIZE = 12_000
"""Characters of a message's blocks as JSON. Slack refuses more than about 13,200 (slackapi/bolt-js#2509, #2867)."""
MESSAGE_TEXT = 3_000
"""Slack cuts at 40,000 and advises 4,000 (https://docs.slack.dev/reference/methods/chat.postMessage)."""
VIEW_BLOCKS = 100
VIEW_SIZE = 240_000
"""Bytes of a view as JSON; over 250 KB is `view_too_large` (https://docs.slack.dev/reference/methods/views.open)."""
SECTION_TEXT = 3_000
FIELD_TEXT = 2_000
FIELDS = 10
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
CONTEXT_TEXT = 2_000
ACTIONS = 25
INPUT_TEXT = 2_000
"""Label and hint of an input."""
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
URL = 3_000
TITLE = 24

# ---- text from outside ---------------------------------------------------------------------------------------------

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control characters, what turns the direction of the text around it, and what takes no room at all; a joiner stays,
# since emoji and Persian need it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_STACKED = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")

# mrkdwn has no escape for its own signs, so those that could format get a look-alike.
_LOOK_ALIKE = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})
_UNDERSCORE = re.compile("(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_EMOJI = re.compile(r":(?=[\w+'-]*[a-z+][\w+'-]*:)", re.IGNORECASE)
_QUOTE = re.compile(r"^[ \t]*>+", re.MULTILINE)

# What may not be cut in half: an entity, a token of ours, a flag, a sign with all that is put on it.
_UNIT = re.compile(
    "&(?:amp|lt|gt);|<[^<>]*>|[\U0001f1e6-\U0001f1ff]{2}"
    "|.(?:[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d.){0,16}",
    re.DOTALL,
)


def clean(text: str) -> str:
    """`text` without what is not seen and what breaks a layout; the lines stay."""
    text = _SURROGATE.sub("\ufffd", _BREAKS.sub("\n", text)).expandtabs(4)
    return _STACKED.sub(r"\1", _UNSEEN.sub("", text)).strip()


def one_line(text: str) -> str:
    """`text`, cleaned, on one line; empty where nothing of it can be seen."""
    text = " ".join(clean(text).split())
    return text if any(each.isprintable() and each != " " for each in text) else ""


def entities(text: str) -> str:
    """The three signs that Slack reserves, as it wants them (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape(text: str) -> str:
    """`text` from outside for mrkdwn: it can forge no link, no mention, no emoji and no format. The lines stay."""
    text = _QUOTE.sub(lambda found: "\u203a" * len(found[0].strip()), clean(text)).translate(_LOOK_ALIKE)
    return entities(_EMOJI.sub("\u2236", _UNDERSCORE.sub("\u02cd", text)))


def width(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """At most `limit` of `text`, with an ellipsis where something went; entities, tokens and signs stay whole."""
    return text if width(text) <= limit else text[: _reach(text, limit - 1)].rstrip() + "…"


def split(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit`, cut at the ends of lines or words where there are any."""
    pieces = []
    while width(text) > limit:
        end = _reach(text, limit) or 1
        for sign in ("\n", " "):
            if (at := text.rfind(sign, end // 2, end)) > 0:
                end = at + 1
                break
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip("\n")
    return [piece for piece in (*pieces, text) if piece]


def _reach(text: str, limit: int) -> int:
    size = end = 0
    for unit in _UNIT.finditer(text):
        size += width(unit[0])
        if size > limit:
            break
        end = unit.end()
    return end


# ---- payloads ------------------------------------------------------------------------------------------------------


def message(text: str, blocks: Iterable[Block], *, tail: Sequence[Block] = (), cut: Block | None = None) -> Payload:
    """A message that Slack takes. `text` is what notifications and screen readers use, and is escaped already.

    Where the blocks don't fit, the last of them go, none without its buttons, `cut` says so, and `tail` stays.
    """
    return {
        "text": clip(text, MESSAGE_TEXT),
        "blocks": _fitted(blocks, tail, cut, most=MESSAGE_BLOCKS, size=MESSAGE_SIZE, measure=_characters),
    }


def view(
    title: str,
    blocks: Iterable[Block],
    *,
    close: str,
    callback_id: str,
    submit: str = "",
    private_metadata: str = "",
    tail: Sequence[Block] = (),
    cut: Block | None = None,
) -> Payload:
    """A modal that Slack takes; `blocks`, `tail` and `cut` as in `message`. With `submit` it is a form."""
    payload: Payload = {
        "type": "modal",
        "callback_id": callback_id,
        "title": {"type": "plain_text", "text": clip(title, TITLE)},
        "close": {"type": "plain_text", "text": clip(close, TITLE)},
        "blocks": _fitted(blocks, tail, cut, most=VIEW_BLOCKS, size=VIEW_SIZE, measure=_bytes),
    }
    if submit:
        payload["submit"] = {"type": "plain_text", "text": clip(submit, TITLE)}
    if private_metadata:
        payload["private_metadata"] = private_metadata
    return payload


def _characters(block: Block) -> int:
    return width(json.dumps(block, ensure_ascii=False, separators=(",", ":"))) + 1


def _bytes(block: Block) -> int:
    # As slack-sdk sends a view: everything beyond ASCII as \uXXXX, which is never shorter than UTF-8.
    return len(json.dumps(block)) + 2


def _fitted(
    blocks: Iterable[Block], tail: Sequence[Block], cut: Block | None, *, most: int, size: int, measure: Any
) -> list[Block]:
    body, end, mark = _all(blocks), _all(tail), _all([cut] if cut else [])
    room = size - sum(map(measure, end)) - 1_000
    if len(body) + len(end) <= most and sum(map(measure, body)) <= room:
        return body + end
    room -= sum(map(measure, mark))
    kept: list[Block] = []
    for block in body[: most - len(end) - len(mark)]:
        room -= measure(block)
        if room < 0:
            break
        kept.append(block)
    if kept and body[len(kept)]["type"] == "actions":  # of what is above them, which is nothing without
        kept.pop()
    return kept + mark + end


def _all(blocks: Iterable[Block]) -> list[Block]:
    return [fitted for block in blocks if (fitted := _block(block))]


def _block(block: Mapping[str, Any]) -> Block | None:
    """The block within its own limits, or None where nothing of it is left."""
    fitted = dict(block)
    match block["type"]:
        case "header":
            return _put(fitted, "text", _text(block.get("text"), HEADER_TEXT))
        case "section":
            _put(fitted, "text", _text(block.get("text"), SECTION_TEXT))
            _put(fitted, "fields", _texts(block.get("fields"), FIELDS, FIELD_TEXT))
            _put(fitted, "accessory", _button(block.get("accessory")))
            return fitted if "text" in fitted or "fields" in fitted else None
        case "context":
            return _put(fitted, "elements", _texts(block.get("elements"), CONTEXT_ELEMENTS, CONTEXT_TEXT))
        case "actions":
            buttons = [button for each in block["elements"] if (button := _button(each))]
            return _put(fitted, "elements", buttons[:ACTIONS])
        case "input":
            _put(fitted, "hint", _text(block.get("hint"), INPUT_TEXT))
            return _put(fitted, "label", _text(block["label"], INPUT_TEXT))
        case _:
            return fitted


def _put(block: Block, key: str, value: Any) -> Block | None:
    if value:
        block[key] = value
        return block
    block.pop(key, None)
    return None


def _texts(texts: Iterable[Mapping[str, Any]] | None, most: int, limit: int) -> list[Block]:
    return [fitted for each in texts or () if (fitted := _text(each, limit))][:most]


def _text(text: Mapping[str, Any] | None, limit: int) -> Block | None:
    return {**text, "text": clip(text["text"], limit)} if text and text["text"].strip() else None


def _button(button: Mapping[str, Any] | None) -> Block | None:
    """A value or an address can't be cut: a button that would need it is left out."""
    if not button or not _fits(button.get("value", ""), BUTTON_VALUE) or not _fits(button.get("url", ""), URL):
        return None
    return {**button, "text": _text(button["text"], BUTTON_TEXT)}


def _fits(text: str, limit: int) -> bool:
    return width(text) <= limit and not _SURROGATE.search(text)
