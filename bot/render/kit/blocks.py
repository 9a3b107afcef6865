"""Blocks as plain dicts: slack-sdk's models check only a few limits, and drop fields that they don't know."""

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import quote, urlsplit

from bot.model.conversation import Conversation
from bot.render.kit.limits import Block, clean, clip, entities, escape, one_line, split, width

PREFORMATTED = 2_900
LINK = 500
CONFIRM = 300
"""Characters of a confirmation dialog's text. Its answers have 30."""

_STRONG = re.compile(r"(\*\*|__)(?=\S)([^\n]{1,300}?)(?<=\S)\1")
_HEADING = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
_BULLET = re.compile(r"^([ \t]{0,12})[*+-][ \t]+", re.MULTILINE)
_GAPS = re.compile(r"\n[ \t]*\n\s*\n")


def inline(text: str, limit: int) -> str:
    """Return text from outside as one line of mrkdwn."""
    return clip(escape(one_line(text)), limit)


def paragraphs(text: str, limit: int) -> str:
    """Return text from outside as mrkdwn of several lines. Analyses are written in Markdown: its signs are removed."""
    text = _BULLET.sub(r"\1• ", _HEADING.sub("", _STRONG.sub(r"\2", clean(text))))
    return clip(escape(_GAPS.sub("\n\n", text)), limit)


def label(text: str, limit: int) -> str:
    """Return text from outside as one line of plain_text, which has no formatting."""
    return clip(entities(one_line(text)), limit)


def code(text: str, limit: int) -> str:
    """Return text from outside as a code span of mrkdwn, which only a backtick could end."""
    shown = clip(entities(one_line(text).replace("`", "\u02cb")), limit)
    return f"`{shown}`" if shown else ""


def link(url: str, text: str) -> str:
    """Return mrkdwn that shows `text`, which is escaped already, as a link if `url` is a web address."""
    url = web_address(url).replace("*", "%2A").replace("~", "%7E")
    return f"<{entities(url)}|{text}>" if url and width(url) <= LINK else text


def web_address(url: str) -> str:
    """Return `url` percent-encoded; empty unless it is http or https, names a host, and has no credentials in it."""
    try:
        url = quote(url.strip(), safe="%/:?#[]@!$&'()*+,;=~-._")
        parts = urlsplit(url)
        is_safe = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return f"{parts.scheme}{url[len(parts.scheme) :]}" if is_safe else ""


def mrkdwn(text: str) -> Block:
    # With verbatim, Slack doesn't turn addresses and channel names into links by itself.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def section(text: str, *, accessory: Block | None = None, block_id: str = "") -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory is not None:
        block["accessory"] = accessory
    if block_id:
        block["block_id"] = block_id
    return block


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def divider() -> Block:
    return {"type": "divider"}


def button(
    text: str, action_id: str, *, value: str = "", url: str = "", style: Literal["", "primary", "danger"] = ""
) -> Block:
    block: Block = {"type": "button", "text": plain(text), "action_id": action_id}
    if value:
        block["value"] = value
    if url:
        block["url"] = url
    if style:
        block["style"] = style
    return block


def confirmed(button: Block, *, title: str, text: str, deny: str) -> Block:
    """Return a button that removes something: it is red, and asks first; `deny` is the answer that changes nothing.

    https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
    """
    dialog = {
        "title": plain(title),
        "text": plain(clip(text, CONFIRM)),
        "confirm": button["text"],
        "deny": plain(deny),
        "style": "danger",
    }
    return {**button, "style": "danger", "confirm": dialog}


def actions(buttons: Iterable[Block], block_id: str) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(buttons)}


def preformatted(text: str) -> list[Block]:
    """Return blocks with text to copy. A rich_text shows it as it is: nothing has to be escaped, nothing is markup."""
    return [
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": piece}]}],
        }
        for piece in split(text, PREFORMATTED)
    ]


def kickscale_address(template: str, conversation: Conversation) -> str:
    """Return the conversation's address in the web application; empty if the settings have no template for it."""
    try:
        id_ = quote(conversation.id, safe="")
    except ValueError:
        return ""
    return web_address(template.replace("{kind}", conversation.kind).replace("{id}", id_))


def input_block(block_id: str, label: str, element: Block, *, hint: str = "", is_optional: bool = False) -> Block:
    """Return an input block (https://docs.slack.dev/reference/block-kit/blocks/input-block)."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element | {"action_id": block_id},
        "optional": is_optional,
    }
    return block | ({"hint": plain(hint)} if hint else {})
