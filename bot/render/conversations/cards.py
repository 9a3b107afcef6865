"""The parts that lists, cards and details have in common: a conversation's title, facts and summary."""

import re
from collections.abc import Iterable

from bot import domains, ids
from bot.model.conversation import ActionItem, Conversation, Kind
from bot.render.kit import times
from bot.render.kit.blocks import button, inline, kickscale_address, link, paragraphs
from bot.render.kit.icons import CONVERSATION
from bot.render.kit.limits import Block, clip, width
from bot.texts import Texts

NAME = 150
OWNER = 80
DOMAIN = 80
ACTION_ITEM = 400
OUTCOME = 80
SEPARATOR = "\u00a0· "
"""Between facts: a line ends with the dot, and doesn't begin with it."""
DOMAINS_SHOWN = 3
_SENTENCE = re.compile(r"[.!?](?=\s)")
LONGEST = 360_000
"""Seconds. A duration over a hundred hours is a mistake, and isn't shown."""


def name(texts: Texts, conversation: Conversation, limit: int = NAME) -> str:
    """Return the name as mrkdwn, or a text in its place."""
    if conversation.is_withheld:
        return texts(f"conversation.withheld.{conversation.kind}")
    return inline(conversation.name, limit) or texts(f"conversation.unnamed.{conversation.kind}")


def title(texts: Texts, conversation: Conversation, link_template: str) -> str:
    """Return the kind as an icon and the name in bold, with a link to Kickscale if its address is known."""
    return f"{CONVERSATION[conversation.kind]} *{linked_name(texts, conversation, link_template)}*"


def title_with_outcome(texts: Texts, conversation: Conversation, link_template: str) -> str:
    """Return the title, and after it the outcome in bold."""
    outcome = inline(conversation.outcome, OUTCOME)
    shown = title(texts, conversation, link_template)
    return f"{shown} →\u00a0*{outcome}*" if outcome and not conversation.is_withheld else shown


def line(texts: Texts, conversation: Conversation, link_template: str) -> str:
    """Return the kind as an icon, the name, and in bold the outcome: what people look for in a list."""
    shown = f"{CONVERSATION[conversation.kind]} {linked_name(texts, conversation, link_template)}"
    outcome = inline(conversation.outcome, OUTCOME)
    return f"{shown} →\u00a0*{outcome}*" if outcome else shown


def linked_name(texts: Texts, conversation: Conversation, link_template: str) -> str:
    """Return the name, with a link to Kickscale if its address is known."""
    return link(kickscale_address(link_template, conversation), name(texts, conversation))


def facts(texts: Texts, conversation: Conversation, *, with_domains: bool, with_year: bool = True) -> str:
    """Return, as mrkdwn, when it was and how long, its owner and direction, and the customers' domains."""
    starts_at = conversation.starts_at
    parts = [times.moment(texts, starts_at, with_year=with_year) if starts_at else texts("conversation.when_unknown")]
    if conversation.duration is not None and 0 <= conversation.duration < LONGEST:
        parts.append(times.length(texts, conversation.duration))
    parts.append(owner(conversation))
    if conversation.kind is Kind.CALL:
        parts.append(direction(texts, conversation.direction))
    if with_domains:
        parts.append(domain_names(texts, conversation.customer_domains))
    return SEPARATOR.join(filter(None, parts))


def owner(conversation: Conversation) -> str:
    return inline(conversation.owner.name, OWNER) or inline(conversation.owner.email, OWNER)


def direction(texts: Texts, which: str) -> str:
    return texts(f"conversation.{which}") if which in ("inbound", "outbound") else ""


def domain_names(texts: Texts, names: Iterable[str]) -> str:
    """Return the first few domains as mrkdwn, and how many more there are."""
    shown = [inline(domains.display(name), DOMAIN) for name in names]
    if len(shown) > DOMAINS_SHOWN + 1:
        shown[DOMAINS_SHOWN:] = [texts("more.customer", count=len(shown) - DOMAINS_SHOWN)]
    return ", ".join(shown)


def summary_lines(conversation: Conversation, limit: int, count: int) -> str:
    """Return the first `count` lines of the summary as mrkdwn, without headings of one or two words.

    If they are longer than `limit`, they are cut at the end of a sentence if possible.
    """
    lines = [
        " ".join(line.removeprefix("• ").split()) for line in paragraphs(conversation.summary, 4 * limit).split("\n")
    ]
    text = "\n".join([line for line in lines if len(line.split()) > 2][:count]) or " ".join(filter(None, lines))
    if width(text) <= limit:
        return text
    # No sentence ends later: a text is at least as wide as it is long. So most needn't be measured.
    ends = [match.end() for match in _SENTENCE.finditer(text, 0, limit + 1)]
    sentences = next((text[:end] for end in reversed(ends) if width(text[:end]) <= limit), "")
    return sentences if width(sentences) > limit // 3 else clip(text, limit)


def action_item(texts: Texts, item: ActionItem) -> str:
    """Return an action item as mrkdwn, with a check box and its owner; empty if it has no text."""
    text, who = inline(item.text, ACTION_ITEM), inline(item.owner, OWNER)
    if not text:
        return ""
    if who:
        text = texts("details.by", text=text, owner=who)
    return f"✓ {text}" if item.done else f"☐ {text}"


def details_button(texts: Texts, conversation: Conversation) -> Block | None:
    """Return *Details*, or None without an id. If the id is too long for Slack, `bot.render.kit.limits` drops it."""
    if not conversation.id:
        return None
    return button(texts("list.details"), ids.details(conversation.kind), value=conversation.id)
