"""The modal with a fresh link to a recording, for one person."""

from datetime import datetime, timedelta

from bot import ids
from bot.errors import GoneError
from bot.model.conversation import Conversation
from bot.render.conversations import cards
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, context, section, web_address
from bot.render.kit.limits import URL, Payload, view, width
from bot.texts import Texts

LINK_LIFETIME = timedelta(days=2)
"""How long a `recordingRef` of Kickscale's works after it was asked for."""


def recording_view(texts: Texts, conversation: Conversation, *, asked_at: datetime) -> Payload:
    """Return the modal: the link, and how long it works. Raises GoneError if there is no usable link."""
    url = web_address(conversation.recording_url)
    if not url or width(url) > URL:
        raise GoneError("recording", conversation.id)
    until = times.moment(texts, asked_at + LINK_LIFETIME)
    return view(
        texts("recording.title"),
        [
            section(texts("recording.of", name=f"*{cards.name(texts, conversation)}*", until=until)),
            actions([button(texts("recording.open"), ids.OPEN_LINK, url=url, style="primary")], ids.LINK),
            context(texts("recording.private")),
        ],
        close=texts("details.close"),
        callback_id=ids.VIEW,
    )
