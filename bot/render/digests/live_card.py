"""What a live card adds to the card of a conversation: by what it is found, and when it changes."""

import hashlib

from bot.model.conversation import Conversation
from bot.render.kit.limits import Payload

EVENT_TYPE = "kickscale_card"


def metadata(key: str) -> Payload:
    """What makes the message findable, should a crash hide whether it was posted."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def fingerprint(conversation: Conversation) -> str:
    """Another one where a card would say something else. Much cheaper than a card, of which it knows no layout."""
    shown = (
        conversation.name,
        conversation.starts_at,
        conversation.duration,
        conversation.owner.name or conversation.owner.email,
        conversation.direction,
        conversation.customer_domains,
        conversation.summary,
        conversation.action_items,
        conversation.outcome,
        conversation.deal,
        conversation.is_consent_missing and conversation.consent,
    )
    return hashlib.sha256(repr(shown).encode("utf-8", "surrogatepass")).hexdigest()
