"""The link to a recording: fresh, and for one person."""

from datetime import datetime, timedelta

from bot import ids
from bot.errors import GoneError
from bot.model.conversation import Conversation
from bot.render.conversations import cards
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, context, section, web_address
from bot.render.kit.limits import URL, Payload, view, width
from bot.texts import Texts

LIFE = timedelta(days=2)
"""How long Kickscale's `recordingRef` works, from when it was asked for."""


def recording_view(texts: Texts, conversation: Conversation, *, asked_at: datetime) -> Payload:
    """The link, until when it works, and that it is shown to nobody else.

    Raises GoneError where there is no recording, no usable link to it, or no consent.
    """
    url = web_address(conversation.recording_url)
    if not url or width(url) > URL:
        raise GoneError("recording", conversation.id)
    until = times.moment(texts, asked_at + LIFE)
    return view(
        texts("recording.title"),
        [
            section(texts("recording.of", name=f"*{cards.name(texts, conversation)}*", until=until)),
            actions([button(texts("recording.open"), ids.OPEN_LINK, url=url)], ids.LINK),
            context(texts("recording.alone")),
        ],
        close=texts("details.close"),
        callback_id=ids.VIEW,
    )
