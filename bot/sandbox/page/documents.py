"""A message in its channel, a modal, and whole pages of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from typing import Any

from bot.sandbox.page.blocks import blocks_html
from bot.sandbox.page.client import client
from bot.sandbox.page.markup import mrkdwn, text_html
from bot.sandbox.page.reader import Reader
from bot.sandbox.slack.state import Message

EYE = (
    '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M1 8c3-6 11-6 14 0-3 6-11 6-14 0z"/>'
    '<circle cx="8" cy="8" r="2.3"/></svg>'
)
COLORS = 6
"""How many colors there are for people."""


def message_html(message: Message, reader: Reader, below: str = "", tools: str = "") -> str:
    """Return a message with its author and time; one that only its reader sees says so.

    `below` is what follows its content, `tools` what can be done with it, both as HTML.
    """
    at = datetime.fromtimestamp(float(message.ts), UTC).astimezone(reader.zone)
    own_words = client(reader.locale)
    name = reader.names.get(message.user, message.user)
    app = '<span class="app">APP</span>' if message.bot_id else ""
    body = blocks_html(message.blocks, reader) if message.blocks else f"<p>{mrkdwn(message.text, reader)}</p>"
    note = f'<div class="only-you">{EYE}{own_words.only_you}</div>' if message.ephemeral_for else ""
    edited = f' <span class="edited">({own_words.edited})</span>' if message.edited else ""
    color = "bot" if message.bot_id else f"color-{sum(message.user.encode()) % COLORS}"
    return (
        f'<article class="message{" reply" if message.is_reply else ""}" id="{message_id(message)}" '
        f'data-ts="{escape(message.ts)}" aria-label="{escape(name)}, {at:%H:%M}">{note}'
        f'<div class="avatar {color}" aria-hidden="true">{escape(name[:1].upper())}</div><div class="content">'
        f'<div class="author"><strong>{escape(name)}</strong>{app}<time>{at:%H:%M}</time></div>'
        f"{body}{edited}{below}</div>{tools}</article>"
    )


def message_id(message: Message) -> str:
    """Return the id of a message's element."""
    return f"m-{escape(message.channel)}-{escape(message.ts)}"


def view_html(view: Mapping[str, Any], reader: Reader, below: str = "") -> str:
    """Return a modal. `below` is what follows its content, as HTML."""
    submit = f'<button type="submit" class="button primary">{text_html(view.get("submit"), reader)}</button>'
    close = f'<button type="button" class="button" data-close>{text_html(view.get("close"), reader)}</button>'
    buttons = f"{close if view.get('close') else ''}{submit if view.get('submit') else ''}"
    return (
        f'<form class="modal" method="dialog"><header><h1 id="view-title">{text_html(view.get("title"), reader)}</h1>'
        f'<button type="button" class="x" data-close aria-label="{client(reader.locale).close}">✕</button></header>'
        f'<div class="body" tabindex="-1">{blocks_html(view["blocks"], reader)}{below}</div>'
        f"{f'<footer>{buttons}</footer>' if buttons else ''}</form>"
    )


def document(title: str, body: str) -> str:
    """Return a whole page."""
    style = files(__package__).joinpath("slack.css").read_text("utf-8")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style><body>{body}</body></html>"
    )
