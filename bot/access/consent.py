"""Whether transcript and recording of a conversation may be given out."""

from bot.errors import GoneError
from bot.model.conversation import Conversation


def require_consent(conversation: Conversation) -> None:
    """Raise GoneError if somebody on the recording didn't clearly consent to it."""
    if conversation.is_consent_missing:
        raise GoneError("withheld" if conversation.consent == "no" else "unclear", conversation.id)
