"""One conversation in a few lines: in a list, in a shared message, above its details."""

import re
from collections.abc import Iterable

from bot import domains, ids
from bot.model.conversation import ActionItem, Conversation, Kind
from bot.render.kit import times
from bot.render.kit.blocks import button, inline, kickscale_address, link, paragraphs
from bot.render.kit.limits import Block, clip, width
from bot.texts import Texts

NAME = 150
OWNER = 80
DOMAIN = 80
ACTION_ITEM = 400
DOMAINS_SHOWN = 3
_SENTENCE = re.compile(r"[.!?](?=\s)")
LONGEST = 360_000
"""Seconds; a length over a hundred hours is a mistake, and not shown."""


def name(texts: Texts, conversation: Conversation, limit: int = NAME) -> str:
    """mrkdwn of the name, or of words in place of one."""
    if conversation.is_withheld:
        return texts(f"conversation.withheld.{conversation.kind}")
    return inline(conversation.name, limit) or texts(f"conversation.unnamed.{conversation.kind}")


def title(texts: Texts, conversation: Conversation, link_template: str) -> str:
    """The name in bold, leading to Kickscale where its address is known."""
    return f"*{link(kickscale_address(link_template, conversation), name(texts, conversation))}*"


def facts(texts: Texts, conversation: Conversation, *, with_domains: bool, relative: bool) -> str:
    """mrkdwn of when, how long, whose, which way, and with whom."""
    parts = [
        times.moment(texts, conversation.starts_at, relative=relative)
        if conversation.starts_at
        else texts("conversation.when_unknown")
    ]
    if conversation.duration is not None and 0 <= conversation.duration < LONGEST:
        parts.append(times.length(texts, conversation.duration))
    parts.append(owner(conversation))
    if conversation.kind is Kind.CALL:
        parts.append(direction(texts, conversation.direction))
    if with_domains:
        parts.append(domain_names(texts, conversation.customer_domains))
    return " · ".join(filter(None, parts))


def owner(conversation: Conversation) -> str:
    return inline(conversation.owner.name, OWNER) or inline(conversation.owner.email, OWNER)


def direction(texts: Texts, which: str) -> str:
    return texts(f"conversation.{which}") if which in ("inbound", "outbound") else ""


def domain_names(texts: Texts, names: Iterable[str]) -> str:
    """mrkdwn of the domains, the first few by name; empty where there is none."""
    shown = [inline(domains.display(each), DOMAIN) for each in names]
    if len(shown) > DOMAINS_SHOWN + 1:
        shown[DOMAINS_SHOWN:] = [texts("conversation.more", count=len(shown) - DOMAINS_SHOWN)]
    return ", ".join(shown)


def summary_lines(conversation: Conversation, limit: int, count: int) -> str:
    """mrkdwn of the first lines of the summary that say something; a heading of a word or two does not.

    Where they are longer than `limit` together, they end with a sentence if they can.
    """
    lines = [
        " ".join(each.removeprefix("• ").split()) for each in paragraphs(conversation.summary, 4 * limit).split("\n")
    ]
    said = "\n".join([each for each in lines if len(each.split()) > 2][:count]) or " ".join(filter(None, lines))
    sentences = [found.end() for found in _SENTENCE.finditer(said) if limit // 3 < width(said[: found.end()]) <= limit]
    return said[: sentences[-1]] if width(said) > limit and sentences else clip(said, limit)


def action_item(texts: Texts, item: ActionItem) -> str:
    """mrkdwn of one action item with its box and its owner; empty where it says nothing."""
    text, who = inline(item.text, ACTION_ITEM), inline(item.owner, OWNER)
    if not text:
        return ""
    if who:
        text = texts("details.by", text=text, owner=who)
    return f"☑ {text}" if item.done else f"☐ {text}"


def details_button(texts: Texts, conversation: Conversation) -> Block | None:
    """The value is the conversation's own id (the limits leave out a button whose value is too long)."""
    if not conversation.id:
        return None
    return button(texts("list.details"), ids.details(conversation.kind), value=conversation.id)
