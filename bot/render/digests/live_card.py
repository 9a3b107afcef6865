"""Tells whether a live card has to change."""

import hashlib

from bot.model.conversation import Conversation


def fingerprint(conversation: Conversation) -> str:
    """Return a text that changes if the conversation's card would. That is much cheaper than rendering the card."""
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
