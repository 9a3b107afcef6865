"""Slack's mrkdwn as HTML: https://docs.slack.dev/messaging/formatting-message-text"""

import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.page.reader import Reader
from bot.sandbox.slack.dates import link_of, show_date
from bot.sandbox.slack.mrkdwn import unescape

_VERBATIM = re.compile(r"```\n?(?P<block>.+?)```|`(?P<span>[^`\n]+)`|<(?P<token>[^<>\n]+)>", re.DOTALL)
_MARKS = tuple(
    (re.compile(rf"(?<![\w{mark}]){mark}(\S(?:[^\n]*?\S)??){mark}(?![\w{mark}])"), tag)
    for mark, tag in ((r"\*", "strong"), ("_", "em"), ("~", "s"))
)
_KEPT = re.compile("\ue000(\\d+)\ue001")
"""The place of something that is HTML already, so that no mark is read in it."""
_EMOJI = {"white_check_mark": "✅", "warning": "⚠️", "x": "❌", "telephone_receiver": "📞", "calendar": "📅"}
_EMOJI_NAME = re.compile(r":([a-z0-9_+-]+):")


def mrkdwn(text: str, reader: Reader) -> str:
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return f"\ue000{len(kept) - 1}\ue001"

    def verbatim(match: re.Match[str]) -> str:
        if (block := match["block"]) is not None:
            return keep(f"<pre>{_plain(block)}</pre>")
        if (span := match["span"]) is not None:
            return keep(f"<code>{_plain(span)}</code>")
        return keep(token(match["token"], reader))

    text = escape(unescape(_VERBATIM.sub(verbatim, text.replace("\ue000", "").replace("\ue001", ""))), quote=False)
    for mark, tag in _MARKS:
        text = mark.sub(rf"<{tag}>\1</{tag}>", text)
    text = "".join(_lines(_EMOJI_NAME.sub(lambda name: _EMOJI.get(name[1], name[0]), text).split("\n")))
    while _KEPT.search(text):  # a code span may be the label of a link
        text = _KEPT.sub(lambda place: kept[int(place[1])], text)
    return text


def _lines(lines: list[str]) -> list[str]:
    """Return the lines as HTML, with those that begin with `>` as quotes."""
    shown: list[str] = []
    for line in lines:
        quoted = line.startswith("&gt;")
        body = line.removeprefix("&gt;").removeprefix(" ") if quoted else line
        if quoted and shown and shown[-1].startswith("<blockquote>"):
            shown[-1] = f"{shown[-1].removesuffix('</blockquote>')}<br>{body}</blockquote>"
        elif quoted:
            shown.append(f"<blockquote>{body}</blockquote>")
        else:
            is_first = not shown or shown[-1].startswith("<blockquote>")
            shown.append(body if is_first else f"<br>{body}")
    return shown


def _plain(text: str) -> str:
    return escape(unescape(text), quote=False)


def token(inner: str, reader: Reader) -> str:
    """Return what is between `<` and `>` as HTML: a mention, a date or a link."""
    target, _, label = inner.partition("|")
    match target[:1]:
        case "@" | "#" as sign:
            return mention(f"{sign}{reader.names.get(target[1:]) or label or target[1:]}")
        case "!" if target.startswith("!date^"):
            shown = _plain(show_date(target, label, reader.zone, reader.now, reader.locale))
            return anchor(unescape(link_of(target)), shown) if link_of(target) else shown
        case "!" if target.startswith("!subteam^"):
            return mention(label or f"@{target.removeprefix('!subteam^')}")
        case "!":
            return mention(f"@{target[1:]}")
    return anchor(unescape(target), _plain(label or target.removeprefix("mailto:")))


def mention(name: str) -> str:
    return f'<span class="mention">{_plain(name)}</span>'


def anchor(url: str, html: str) -> str:
    """Return a link if `url` is one that a browser may open, otherwise only its text."""
    try:
        is_safe = urlsplit(url).scheme in ("http", "https", "mailto")
    except ValueError:
        is_safe = False
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{html}</a>' if is_safe else html


def text_html(node: Any, reader: Reader) -> str:
    """Return a text object as HTML; empty if there is none."""
    if not isinstance(node, Mapping):
        return ""
    body = str(node.get("text", ""))
    return mrkdwn(body, reader) if node.get("type") == "mrkdwn" else plain_html(body)


def plain_html(text: str) -> str:
    """Return plain_text as HTML. Slack stores it escaped."""
    return _plain(text).replace("\n", "<br>")


def attribute(text: str) -> str:
    """Return plain_text as the value of an attribute."""
    return escape(unescape(text))
