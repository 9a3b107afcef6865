"""Slack's limits. Every message and modal of the bot is made by `message` or `view`, which keep them.

Lengths are counted after escaping, in UTF-16 units: the strictest of the ways in which Slack might count.
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
_MARGIN = 1_000
"""How much of a size stays unused: a view has more than its blocks, and Slack may count a little differently."""

# ---- text from outside ---------------------------------------------------------------------------------------------

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control characters, characters that change the direction of the text around them, and characters without a width. The
# joiners stay, since emoji and Persian need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_STACKED = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")

# mrkdwn can't escape its own signs, so those that could format something are replaced by look-alikes.
_LOOK_ALIKE = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})
_UNDERSCORE = re.compile("(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_EMOJI = re.compile(r":(?=([\w+'-]*+):)")
_EMOJI_LETTER = re.compile("[a-z+]", re.IGNORECASE)
"""A name of only digits is no emoji: `10:30:00` is a time."""
_QUOTE = re.compile(r"^[ \t]*>+", re.MULTILINE)
_ESCAPED = re.compile("[*~`_:&<>]")
"""What `escape` may change."""

# What may not be cut in half: an entity, a link or date in <>, a flag, and a character with its combining marks.
_UNIT = re.compile(
    "&(?:amp|lt|gt);|<[^<>]*>|[\U0001f1e6-\U0001f1ff]{2}"
    "|.(?:[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d.){0,16}",
    re.DOTALL,
)


def clean(text: str) -> str:
    """Return `text` without invisible characters and those that break a layout. Line breaks stay."""
    if text.isascii() and text.isprintable():  # most is, and nothing of that has to go
        return text.strip()
    text = _SURROGATE.sub("\ufffd", _BREAKS.sub("\n", text)).expandtabs(4)
    return _STACKED.sub(r"\1", _UNSEEN.sub("", text)).strip()


def one_line(text: str) -> str:
    """Return `text` cleaned and on one line; empty if nothing of it is visible."""
    text = " ".join(clean(text).split())
    return text if any(character.isprintable() and character != " " for character in text) else ""


def entities(text: str) -> str:
    """Escape the three signs that Slack reserves (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape(text: str) -> str:
    """Return `text` from outside for mrkdwn, unable to forge links, mentions, emoji or formats. Line breaks stay."""
    text = clean(text)
    if not _ESCAPED.search(text):
        return text
    text = _QUOTE.sub(lambda quote: "\u203a" * len(quote[0].strip()), text).translate(_LOOK_ALIKE)
    return entities(_EMOJI.sub(_replace_colon, _UNDERSCORE.sub("\u02cd", text)))


def _replace_colon(emoji: re.Match[str]) -> str:
    return "\u2236" if _EMOJI_LETTER.search(emoji[1]) else ":"


def width(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """Return `text` cut to at most `limit`, with an ellipsis if it was cut. No entity or link is cut in half."""
    return text if width(text) <= limit else text[: _cut_position(text, limit - 1)].rstrip() + "…"


def split(text: str, limit: int) -> list[str]:
    """Return `text` in pieces of at most `limit`, cut at the ends of lines or words if possible."""
    pieces = []
    while width(text) > limit:
        end = _cut_position(text, limit) or 1
        for sign in ("\n", " "):
            if (at := text.rfind(sign, end // 2, end)) > 0:
                end = at + 1
                break
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip("\n")
    return [piece for piece in (*pieces, text) if piece]


def _cut_position(text: str, limit: int) -> int:
    """Return where to cut `text`, so that at most `limit` remains and nothing is cut in half."""
    size = end = 0
    for unit in _UNIT.finditer(text):
        size += width(unit[0])
        if size > limit:
            break
        end = unit.end()
    return end


# ---- payloads ------------------------------------------------------------------------------------------------------


def message(text: str, blocks: Iterable[Block], *, tail: Sequence[Block] = (), cut: Block | None = None) -> Payload:
    """Return a message that Slack accepts. `text` is for notifications and screen readers, and escaped already.

    If the blocks don't fit, the last ones are left out with their buttons, and `cut` takes their place. `tail` always
    stays at the end.
    """
    return {
        "text": clip(text, MESSAGE_TEXT),
        "blocks": _fit(blocks, tail, cut, max_blocks=MESSAGE_BLOCKS, max_size=MESSAGE_SIZE, measure=_characters),
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
    """Return a modal that Slack accepts; `blocks`, `tail` and `cut` as in `message`. With `submit` it is a form."""
    payload: Payload = {
        "type": "modal",
        "callback_id": callback_id,
        "title": {"type": "plain_text", "text": clip(title, TITLE)},
        "close": {"type": "plain_text", "text": clip(close, TITLE)},
        "blocks": _fit(blocks, tail, cut, max_blocks=VIEW_BLOCKS, max_size=VIEW_SIZE, measure=_bytes),
    }
    if submit:
        payload["submit"] = {"type": "plain_text", "text": clip(submit, TITLE)}
    if private_metadata:
        payload["private_metadata"] = private_metadata
    return payload


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _characters(block: Block) -> int:
    return width(_compact(block)) + 1


def _bytes(block: Block) -> int:
    # slack-sdk sends a view with everything beyond ASCII as \uXXXX, which is never shorter than UTF-8.
    return len(json.dumps(block)) + 2


def _fit(
    blocks: Iterable[Block], tail: Sequence[Block], cut: Block | None, *, max_blocks: int, max_size: int, measure: Any
) -> list[Block]:
    body, end, mark = _fit_blocks(blocks), _fit_blocks(tail), _fit_blocks([cut] if cut else [])
    room = max_size - sum(map(measure, end)) - _MARGIN
    if len(body) + len(end) <= max_blocks and sum(map(measure, body)) <= room:
        return body + end
    room -= sum(map(measure, mark))
    start: list[Block] = []
    for block in body[: max_blocks - len(end) - len(mark)]:
        room -= measure(block)
        if room < 0:
            break
        start.append(block)
    if start and body[len(start)]["type"] in ("actions", "context"):  # it belongs to the block above
        start.pop()
    return start + mark + end


def _fit_blocks(blocks: Iterable[Block]) -> list[Block]:
    return [fitted for block in blocks if (fitted := _fit_block(block))]


def _fit_block(block: Mapping[str, Any]) -> Block | None:
    """Return the block within its own limits; None if nothing of it remains."""
    fitted = dict(block)
    match block["type"]:
        case "header":
            return _put(fitted, "text", _fit_text(block.get("text"), HEADER_TEXT))
        case "section":
            _put(fitted, "text", _fit_text(block.get("text"), SECTION_TEXT))
            _put(fitted, "fields", _fit_texts(block.get("fields"), FIELDS, FIELD_TEXT))
            _put(fitted, "accessory", _fit_button(block.get("accessory")))
            return fitted if "text" in fitted or "fields" in fitted else None
        case "context":
            return _put(fitted, "elements", _fit_texts(block.get("elements"), CONTEXT_ELEMENTS, CONTEXT_TEXT))
        case "actions":
            buttons = [fitted_button for button in block["elements"] if (fitted_button := _fit_button(button))]
            return _put(fitted, "elements", buttons[:ACTIONS])
        case "input":
            _put(fitted, "hint", _fit_text(block.get("hint"), INPUT_TEXT))
            return _put(fitted, "label", _fit_text(block["label"], INPUT_TEXT))
        case _:
            return fitted


def _put(block: Block, key: str, value: Any) -> Block | None:
    """Set this field and return the block; without a value, remove the field and return None."""
    if value:
        block[key] = value
        return block
    block.pop(key, None)
    return None


def _fit_texts(texts: Iterable[Mapping[str, Any]] | None, max_count: int, limit: int) -> list[Block]:
    return [fitted for text in texts or () if (fitted := _fit_text(text, limit))][:max_count]


def _fit_text(text: Mapping[str, Any] | None, limit: int) -> Block | None:
    return {**text, "text": clip(text["text"], limit)} if text and text["text"].strip() else None


def _fit_button(button: Mapping[str, Any] | None) -> Block | None:
    """Return None if the value or the address is too long, since these can't be cut."""
    if not button or not _fits(button.get("value", ""), BUTTON_VALUE) or not _fits(button.get("url", ""), URL):
        return None
    return {**button, "text": _fit_text(button["text"], BUTTON_TEXT)}


def _fits(text: str, limit: int) -> bool:
    return width(text) <= limit and not _SURROGATE.search(text)
