"""Modals that any capability uses."""

from collections.abc import Mapping
from typing import Any

from bot import ids
from bot.render.kit.blocks import section
from bot.render.kit.limits import Payload, view
from bot.texts import Texts


def loading_view(texts: Texts) -> Payload:
    """Return the modal that is shown until the content is there."""
    return view(
        texts("waiting.title"), [section(texts("waiting.view"))], close=texts("details.close"), callback_id=ids.VIEW
    )


def with_channel(view: Payload, channel: str) -> Payload:
    """Return a modal of `bot.ids.VIEW` that remembers the channel it was opened in. A form stays as it is."""
    return {**view, "private_metadata": channel} if view["callback_id"] == ids.VIEW else view


def channel_of_view(view: Mapping[str, Any]) -> str:
    """Return the channel that a modal was opened in; empty for a form."""
    return str(view.get("private_metadata") or "") if view.get("callback_id") == ids.VIEW else ""


def as_view(texts: Texts, payload: Payload) -> Payload:
    """Return a message as a modal. The first block keeps its id, so that an error can still be recognised by it."""
    return view(texts("waiting.title"), payload["blocks"], close=texts("details.close"), callback_id=ids.VIEW)
