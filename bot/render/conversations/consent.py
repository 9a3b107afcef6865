"""Whether the recording was agreed to, and what is said where it was not."""

from bot.errors import GoneError
from bot.model.conversation import Conversation
from bot.texts import Texts


def is_refused(conversation: Conversation) -> bool:
    """Whether Kickscale says anything of the consent but that it was given; False where it says nothing."""
    return conversation.consent not in ("", "yes")


def withheld(texts: Texts, conversation: Conversation) -> str:
    """A sentence on why transcript and recording are withheld; empty where they are not."""
    if not is_refused(conversation):
        return ""
    return texts("details.refused" if conversation.consent == "no" else "details.unclear")


def require_consent(conversation: Conversation) -> None:
    """Raises GoneError where the recording was refused: its transcript and recording are not given out."""
    if is_refused(conversation):
        raise GoneError("withheld" if conversation.consent == "no" else "unclear", conversation.id)
