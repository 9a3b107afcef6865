"""Modals around what messages say."""

from bot import ids
from bot.render.blocks import section
from bot.render.limits import Payload, view
from bot.texts import Texts


def loading_view(texts: Texts) -> Payload:
    """What a modal shows until its content is there."""
    return view(
        texts("waiting.title"), [section(texts("waiting.view"))], close=texts("details.close"), callback_id=ids.VIEW
    )


def as_view(texts: Texts, payload: Payload) -> Payload:
    """A message as a modal. The first block keeps its id, so that an error is still told by it."""
    return view(texts("waiting.title"), payload["blocks"], close=texts("details.close"), callback_id=ids.VIEW)
