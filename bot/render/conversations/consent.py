"""Explains why a transcript and a recording aren't available."""

from bot.model.conversation import Conversation
from bot.texts import Texts


def explain_withheld(texts: Texts, conversation: Conversation) -> str:
    """Return a sentence on why transcript and recording are withheld; empty if they aren't."""
    if not conversation.is_consent_missing:
        return ""
    return texts("details.refused" if conversation.consent == "no" else "details.unclear")
