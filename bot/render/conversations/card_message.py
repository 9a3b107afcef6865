"""The card of one conversation, for everybody in a channel, and the same card for one person."""

from bot import ids
from bot.model.conversation import Conversation
from bot.render.conversations import cards
from bot.render.conversations.consent import explain_withheld
from bot.render.kit.blocks import context, inline, link, paragraphs, section
from bot.render.kit.limits import Payload, message
from bot.texts import Texts

SUMMARY = 1_500
ITEMS = 5
"""The most action items; *Details* shows the rest."""
FACT = 300


def card_message(texts: Texts, conversation: Conversation, *, link_template: str) -> Payload:
    """Return the card: name, facts, summary, the first action items, and the outcome and deal once they are known.

    It has nothing personal, and no relative days like "today".
    """
    facts = cards.facts(texts, conversation, with_domains=True)
    lines = (cards.title(texts, conversation, link_template), facts, paragraphs(conversation.summary, SUMMARY))
    blocks = [
        section(
            "\n".join(filter(None, lines)),
            accessory=cards.details_button(texts, conversation),
            block_id=f"{ids.ITEM}card",
        )
    ]
    items = [line for item in conversation.action_items if (line := cards.action_item(texts, item))]
    if len(items) > ITEMS:
        items[ITEMS:] = [texts("details.more", count=len(items) - ITEMS)]
    if items:
        blocks.append(section("\n".join((f"*{texts('details.action_items')}*", *items))))
    if later_facts := _later_facts(texts, conversation):
        blocks.append(context(" · ".join(later_facts)))
    if why := explain_withheld(texts, conversation):
        blocks.append(context(why))
    return message(texts("details.fallback", name=cards.name(texts, conversation), facts=facts), blocks)


def private_card_message(
    texts: Texts, conversation: Conversation, why: str, channel: str, *, link_template: str
) -> Payload:
    """Return the card for one person, with the reason why it isn't in its channel: `digestpost.held.<why>`."""
    card = card_message(texts, conversation, link_template=link_template)
    reason = section(texts(f"digestpost.held.{why}", channel=channel))
    return message(card["text"], [reason, *card["blocks"]])


def _later_facts(texts: Texts, conversation: Conversation) -> list[str]:
    deal = conversation.deal
    facts = {
        "outcome": inline(conversation.outcome, FACT),
        "deal": link(deal.url, inline(deal.name, FACT) or texts("details.deal")) if deal else "",
    }
    return [f"{texts(f'details.{name}')}: {value}" for name, value in facts.items() if value]
