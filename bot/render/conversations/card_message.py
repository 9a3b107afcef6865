"""The card of one conversation, for everybody in a channel, and the same card for one person."""

from dataclasses import replace

from bot import ids
from bot.domains import EVERY, matches_any
from bot.model.conversation import Conversation
from bot.model.digests import Subscription
from bot.render.conversations import cards
from bot.render.conversations.consent import explain_withheld
from bot.render.digests.notices import customers
from bot.render.kit.blocks import code, context, inline, link, paragraphs, section
from bot.render.kit.limits import Payload, message
from bot.texts import Texts

SUMMARY = 1_500
ITEMS = 5
"""The most action items; *Details* shows the rest."""
FACT = 300
ID = 20


def card_message(
    texts: Texts, conversation: Conversation, *, link_template: str, followed_by: Subscription | None = None
) -> Payload:
    """Return the card: name and outcome, facts, summary, the first action items, the deal, and why it is posted.

    That is because of the subscription `followed_by`. The card has nothing personal, and no relative days like "today".
    """
    facts = cards.facts(texts, conversation, with_domains=True)
    blocks = [
        section(
            cards.title_with_outcome(texts, conversation, link_template),
            accessory=cards.details_button(texts, conversation),
            block_id=f"{ids.ITEM}card",
        ),
        context(facts),
    ]
    if summary := paragraphs(conversation.summary, SUMMARY):
        blocks.append(section(summary))
    items = [line for item in conversation.action_items if (line := cards.action_item(texts, item))]
    if len(items) > ITEMS:
        items[ITEMS:] = [texts("details.more", count=len(items) - ITEMS)]
    if items:
        blocks.append(section("\n".join((f"*{texts('details.action_items')}*", *items))))
    if deal := _deal(texts, conversation):
        blocks.append(context(deal))
    if why := explain_withheld(texts, conversation):
        blocks.append(context(why))
    if followed_by is not None and not conversation.is_withheld:
        blocks.append(context(_follows(texts, conversation, followed_by)))
    return message(texts("details.fallback", name=cards.name(texts, conversation), facts=facts), blocks)


def private_card_message(
    texts: Texts, conversation: Conversation, why: str, channel: str, *, link_template: str
) -> Payload:
    """Return the card for one person, with the reason why it isn't in its channel: `digestpost.held.<why>`."""
    card = card_message(texts, conversation, link_template=link_template)
    reason = section(texts(f"digestpost.held.{why}", channel=channel))
    return message(card["text"], [reason, *card["blocks"]])


def _deal(texts: Texts, conversation: Conversation) -> str:
    deal = conversation.deal
    if deal is None:
        return ""
    value = link(deal.url, inline(deal.name, FACT) or texts("details.deal"))
    return f"{texts('details.deal')}: {value}" if value else ""


def _follows(texts: Texts, conversation: Conversation, subscription: Subscription) -> str:
    """Return mrkdwn that says which of the conversation's customers the channel follows."""
    names = conversation.customer_domains
    followed = tuple(pattern for pattern in subscription.domains if matches_any([pattern], names))
    shown = replace(subscription, domains=followed or subscription.domains)
    what = texts("digest.everybody") if EVERY in shown.domains else customers(texts, shown, inline)
    return texts("digest.follows", what=what, id=code(subscription.id, ID))
