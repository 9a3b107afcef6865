"""Modals around what messages say."""

from collections.abc import Mapping
from typing import Any

from bot import ids
from bot.render.kit.blocks import section
from bot.render.kit.limits import Payload, view
from bot.texts import Texts


def loading_view(texts: Texts) -> Payload:
    """What a modal shows until its content is there."""
    return view(
        texts("waiting.title"), [section(texts("waiting.view"))], close=texts("details.close"), callback_id=ids.VIEW
    )


def within(view: Payload, channel: str) -> Payload:
    """The modal of `bot.ids.VIEW` with the channel that it was opened in; a form keeps what it knows itself."""
    return {**view, "private_metadata": channel} if view["callback_id"] == ids.VIEW else view


def opened_in(view: Mapping[str, Any]) -> str:
    """The channel that a modal was opened in; empty for a form."""
    return str(view.get("private_metadata") or "") if view.get("callback_id") == ids.VIEW else ""


def as_view(texts: Texts, payload: Payload) -> Payload:
    """A message as a modal. The first block keeps its id, so that an error is still told by it."""
    return view(texts("waiting.title"), payload["blocks"], close=texts("details.close"), callback_id=ids.VIEW)
