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


def message_html(message: Message, reader: Reader) -> str:
    """Return a message with its author and time; one that only its reader sees says so."""
    at = datetime.fromtimestamp(float(message.ts), UTC).astimezone(reader.zone)
    own_words = client(reader.locale)
    name = reader.names.get(message.user, message.user)
    app = '<span class="app">APP</span>' if message.bot_id else ""
    body = blocks_html(message.blocks, reader) if message.blocks else f"<p>{mrkdwn(message.text, reader)}</p>"
    note = f'<div class="only-you">{own_words.only_you}</div>' if message.ephemeral_for else ""
    edited = f' <span class="edited">({own_words.edited})</span>' if message.edited else ""
    return (
        f'<article class="message{" reply" if message.is_reply else ""}" data-ts="{escape(message.ts)}">{note}'
        f'<div class="avatar{" bot" if message.bot_id else ""}">{escape(name[:1].upper())}</div><div class="content">'
        f'<div class="author"><strong>{escape(name)}</strong>{app}<time>{at:%H:%M}</time></div>{body}{edited}'
        f"</div></article>"
    )


def view_html(view: Mapping[str, Any], reader: Reader) -> str:
    """Return a modal."""
    submit = f'<button type="button" class="button primary">{text_html(view.get("submit"), reader)}</button>'
    close = f'<button type="button" class="button">{text_html(view.get("close"), reader)}</button>'
    return (
        f'<div class="modal" role="dialog"><header><h1>{text_html(view.get("title"), reader)}</h1></header>'
        f'<div class="body">{blocks_html(view["blocks"], reader)}</div>'
        f"<footer>{close if view.get('close') else ''}{submit if view.get('submit') else ''}</footer></div>"
    )


def document(title: str, body: str) -> str:
    """Return a whole page."""
    style = files(__package__).joinpath("slack.css").read_text("utf-8")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style><body>{body}</body></html>"
    )
