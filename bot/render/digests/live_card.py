"""One conversation as it comes in, for everybody in a channel; edited when it changes."""

import hashlib

from bot import ids
from bot.model.conversation import Conversation
from bot.render.conversations import cards
from bot.render.conversations.consent import explain_withheld
from bot.render.kit.blocks import context, inline, link, paragraphs, section
from bot.render.kit.limits import Payload, message
from bot.texts import Texts

EVENT_TYPE = "kickscale_card"
SUMMARY = 1_500
ITEMS = 5
"""Action items; *Details* shows the rest."""
FACT = 300


def metadata(key: str) -> Payload:
    """What makes the message findable, should a crash hide whether it was posted."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def card_message(texts: Texts, conversation: Conversation, *, link_template: str) -> Payload:
    """Name, facts, summary, the first action items, and what becomes known later: the outcome and the deal.

    Nothing personal, and days that stay true tomorrow.
    """
    facts = cards.facts(texts, conversation, with_domains=True, relative=False)
    lines = (cards.title(texts, conversation, link_template), facts, paragraphs(conversation.summary, SUMMARY))
    blocks = [
        section(
            "\n".join(filter(None, lines)),
            accessory=cards.details_button(texts, conversation),
            block_id=f"{ids.ITEM}card",
        )
    ]
    items = [line for each in conversation.action_items if (line := cards.action_item(texts, each))]
    if len(items) > ITEMS:
        items[ITEMS:] = [texts("details.more", count=len(items) - ITEMS)]
    if items:
        blocks.append(section("\n".join((f"*{texts('details.action_items')}*", *items))))
    known = _known_later(texts, conversation)
    if known:
        blocks.append(context(" · ".join(known)))
    if why := explain_withheld(texts, conversation):
        blocks.append(context(why))
    return message(texts("details.fallback", name=cards.name(texts, conversation), facts=facts), blocks)


def held_message(texts: Texts, conversation: Conversation, why: str, channel: str, *, link_template: str) -> Payload:
    """The card for one person, since those who listen in its channel may not see it: because of `why`."""
    card = card_message(texts, conversation, link_template=link_template)
    reason = section(texts(f"digestpost.held.{why}", channel=channel))
    return message(card["text"], [reason, *card["blocks"]])


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


def _known_later(texts: Texts, conversation: Conversation) -> list[str]:
    deal = conversation.deal
    facts = {
        "outcome": inline(conversation.outcome, FACT),
        "deal": link(deal.url, inline(deal.name, FACT) or texts("details.deal")) if deal else "",
    }
    return [f"{texts(f'details.{name}')}: {value}" for name, value in facts.items() if value]
