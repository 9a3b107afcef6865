"""Checks consent to a recording before anybody gets its transcript or recording.

What a record says about consent is read in `bot.kickscale.records.consent`.
"""

from bot.errors import GoneError
from bot.model.conversation import Conversation


def require_consent(conversation: Conversation) -> None:
    """Raise GoneError unless everybody on the recording has clearly consented, or the record doesn't mention it."""
    if conversation.is_consent_missing:
        raise GoneError("withheld" if conversation.consent == "no" else "unclear", conversation.id)
