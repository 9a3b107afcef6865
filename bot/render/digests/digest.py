"""The messages of a digest: figures on top, the newest conversations, and the rest in the thread."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from bot import domains, ids
from bot.model.conversation import ActionItem, Conversation
from bot.model.digests import Digest
from bot.render.conversations import cards
from bot.render.conversations.consent import explain_withheld
from bot.render.digests.figures import chart, figures
from bot.render.digests.notices import DOMAIN, Show, customers, held_reason
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, context, header, inline, label, section
from bot.render.kit.limits import Block, Payload, message, width
from bot.texts import Texts, formatting

IN_FULL = 50
"""How many conversations have their summary and action items; the rest only have a title and a button."""
SCREENFUL = 10
"""The most conversations in the channel's own message; the rest goes into its thread."""
ROOM = 10_500
"""Characters of blocks as JSON: below what a message may hold, so that nothing of a digest is ever cut."""
THREAD_BLOCKS = 45
SUMMARY = 260
SUMMARY_LINES = 2
ACTION_ITEMS = 3
ACTION_ITEM = 160
GUESTS = 5
ZONE = 80


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation and its place in a digest."""

    conversation: Conversation
    group: str
    """A customer domain; empty if the digest isn't grouped."""
    is_first: bool
    """It is the first of its group."""
    is_whole: bool
    """It is shown with its summary and action items."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a digest, and the ids of the conversations in it."""

    payload: Payload
    shown: tuple[str, ...] = ()


def digest_parts(texts: Texts, digest: Digest, *, link_template: str) -> Iterator[Part]:
    """Yield the channel's message, then those for its thread. Every conversation is in exactly one.

    They are made one by one, when they are asked for, since thousands of conversations take a while.
    """
    groups = _groups(digest)
    items = _ordered(groups)
    first = _channel_part(texts, digest, groups, items, link_template, "thread")
    yield first
    yield from _thread_parts(texts, groups, items[len(first.shown) :], link_template)


def thread_parts(texts: Texts, digest: Digest, *, link_template: str, without: Collection[str]) -> Iterator[Part]:
    """Return the rest of the thread, if messages with these conversations are posted already."""
    groups = _groups(digest)
    rest = [item for item in _ordered(groups) if item.conversation.id not in without]
    return _thread_parts(texts, groups, rest, link_template)


def preview_message(texts: Texts, digest: Digest, *, above: str = "", link_template: str) -> Payload:
    """Render the channel's message as it would be now, for one person, below the text `above`."""
    if digest.conversations:
        groups = _groups(digest)
        payload = _channel_part(texts, digest, groups, _ordered(groups), link_template, "thread_then").payload
    else:
        payload = quiet_message(texts, digest)
    top = [section(above)] if above else []
    return message(payload["text"], [*top, *payload["blocks"]], tail=[context(texts("digestpost.preview"))])


def quiet_message(texts: Texts, digest: Digest) -> Payload:
    """Render the message for a day on which nothing happened, or nothing that its readers may see."""
    key = "digestpost.hidden" if digest.is_cut else "digestpost.quiet"
    start = times.moment(texts, digest.start)
    text = texts(key, what=customers(texts, digest.subscription, inline), start=start)
    held = held_reason(texts, digest.subscription, digest.held)
    return message(text, [section(text), *held], tail=_buttons(texts, digest))


# ---- the parts -----------------------------------------------------------------------------------------------------


def _channel_part(  # noqa: PLR0917 all that is known about the digest
    texts: Texts,
    digest: Digest,
    groups: dict[str, list[Conversation]],
    items: list[Item],
    link_template: str,
    rest: str,
) -> Part:
    """Render the channel's message. `digestpost.<rest>` is the text that says where the other conversations are."""
    counted = figures(texts, digest)
    head = [
        header(_heading(texts, digest, label)),
        *held_reason(texts, digest.subscription, digest.held),
        section(counted),
        *chart(texts, digest),
    ]
    buttons = _buttons(texts, digest)
    before, after = _notes(texts, digest)

    def notes(in_thread: int) -> Block:
        more = [texts(f"digestpost.{rest}", count=in_thread)] if in_thread else []
        return context(" · ".join([*before, *more, *after]))

    room = ROOM - sum(map(_size, [*head, notes(len(items)), *buttons]))
    blocks: list[Block] = []
    shown = 0
    for item in items[:SCREENFUL]:
        more = _group_and_item(texts, groups, item, link_template)
        room -= sum(map(_size, more))
        if shown and room < 0:
            break
        blocks += more
        shown += 1
    tail = [notes(len(items) - shown), *buttons]
    return Part(message(_fallback(texts, digest, counted), [*head, *blocks], tail=tail), _ids(items[:shown]))


def _buttons(texts: Texts, digest: Digest) -> list[Block]:
    """Return *Change* and *Pause*, in the subscription's own channel."""
    id_ = digest.subscription.id
    if not id_ or digest.held:
        return []
    return [
        actions(
            [
                button(texts("digest.edit"), ids.DIGEST_EDIT, value=id_),
                button(texts("digest.pause"), ids.DIGEST_PAUSE, value=id_),
            ],
            f"{ids.SUBSCRIPTION}{id_}",
        )
    ]


def _groups(digest: Digest) -> dict[str, list[Conversation]]:
    """Group the conversations by the first of their subscribed domains, if the subscription may have several."""
    patterns = digest.subscription.domains
    if len(patterns) == 1 and "*" not in patterns[0]:
        return {"": list(digest.conversations)}
    groups: dict[str, list[Conversation]] = {}
    for conversation in digest.conversations:
        wanted = (domain for domain in conversation.customer_domains if domains.matches_any(patterns, [domain]))
        groups.setdefault(next(wanted, ""), []).append(conversation)
    return groups


def _ordered(groups: dict[str, list[Conversation]]) -> list[Item]:
    ordered = [
        (domain, place, conversation) for domain, group in groups.items() for place, conversation in enumerate(group)
    ]
    return [
        Item(conversation, domain, is_first=place == 0, is_whole=number < IN_FULL)
        for number, (domain, place, conversation) in enumerate(ordered)
    ]


def _group_and_item(texts: Texts, groups: dict[str, list[Conversation]], item: Item, link_template: str) -> list[Block]:
    heading = []
    if item.is_first and len(groups) > 1:
        name = item.group
        shown = inline(domains.display(name), DOMAIN) if name else texts("digestpost.no_domain")
        heading = [section(texts("digestpost.group", count=len(groups[name]), domain=shown))]
    return [*heading, *_item(texts, item.conversation, link_template, is_whole=item.is_whole)]


def _item(texts: Texts, conversation: Conversation, link_template: str, *, is_whole: bool) -> list[Block]:
    """Return the name and outcome with *Details*, the facts in small print, and the rest in the whole width."""
    title = cards.title_with_outcome(texts, conversation, link_template)
    facts = cards.facts(texts, conversation, with_domains=False, with_year=False)
    details = cards.details_button(texts, conversation)
    if not is_whole or conversation.is_withheld:
        return [section(f"{title}\n{facts}", accessory=details)]
    lines = [
        cards.summary_lines(conversation, SUMMARY, SUMMARY_LINES) or texts("digestpost.unanalysed"),
        *_action_items(texts, conversation.action_items),
        explain_withheld(texts, conversation),
    ]
    return [
        section(title, accessory=details),
        context(cards.SEPARATOR.join(filter(None, (facts, _guests(texts, conversation))))),
        section("\n".join(filter(None, lines))),
    ]


def _guests(texts: Texts, conversation: Conversation) -> str:
    """Return who took part from outside, judging by the addresses."""
    names = [
        inline(person.name, cards.OWNER) or inline(person.email, cards.OWNER)
        for person in conversation.participants
        if person.email.rpartition("@")[2].lower() in conversation.customer_domains and "@" in person.email
    ]
    names = list(dict.fromkeys(filter(None, names)))
    if len(names) > GUESTS:
        names[GUESTS:] = [texts("more.with_person", count=len(names) - GUESTS)]
    return texts("digestpost.with", names=formatting.join(texts.language, names)) if names else ""


def _action_items(texts: Texts, items: Iterable[ActionItem]) -> list[str]:
    """Return the open ones, with their owner."""
    lines = []
    for item in items:
        text, owner = inline(item.text, ACTION_ITEM), inline(item.owner, cards.OWNER)
        if text and not item.done:
            lines.append(f"☐ {texts('details.by', text=text, owner=owner) if owner else text}")
    more = len(lines) - ACTION_ITEMS
    return [*lines[:ACTION_ITEMS], *([texts("digestpost.more_items", count=more)] if more > 0 else [])]


def _heading(texts: Texts, digest: Digest, show: Show) -> str:
    what = customers(texts, digest.subscription, show)
    return texts("digestpost.heading", what=what, day=times.day(texts, digest.day))


def _notes(texts: Texts, digest: Digest) -> tuple[list[str], list[str]]:
    """Return the notes before and after the one about the thread."""
    start, end = (times.moment(texts, at) for at in (digest.start, digest.end))
    before = [texts("digestpost.window", start=start, end=end)]
    if texts.timezone:
        before.append(texts("list.zone", zone=inline(texts.timezone, ZONE)))
    after = []
    if any(
        conversation.starts_at is not None and conversation.starts_at < digest.start
        for conversation in digest.conversations
    ):
        after.append(texts("digestpost.known_late"))
    if digest.posted_late:
        after.append(texts("digestpost.late"))
    if digest.subscription.id:
        after.append(texts("digestpost.id", id=inline(digest.subscription.id, 20)))
    return before, after


def _thread_parts(
    texts: Texts, groups: dict[str, list[Conversation]], rest: list[Item], link_template: str
) -> Iterator[Part]:
    """Yield the messages of the thread, each as full as possible."""
    blocks: list[Block] = []
    batch: list[Item] = []
    room = ROOM
    for item in rest:
        more = _group_and_item(texts, groups, item, link_template)
        size = sum(map(_size, more))
        if batch and (size > room or len(blocks) + len(more) > THREAD_BLOCKS):
            yield Part(message(texts("digestpost.more"), blocks), _ids(batch))
            blocks, batch, room = [], [], ROOM
        blocks += more
        batch.append(item)
        room -= size
    if batch:
        yield Part(message(texts("digestpost.more"), blocks), _ids(batch))


def _ids(items: Iterable[Item]) -> tuple[str, ...]:
    return tuple(item.conversation.id for item in items)


def _fallback(texts: Texts, digest: Digest, counted: str) -> str:
    """Return the text for notifications and screen readers."""
    names = [cards.name(texts, conversation, limit=80) for conversation in digest.conversations[:3]]
    if len(digest.conversations) > len(names):
        names.append(texts("more.conversation", count=len(digest.conversations) - len(names)))
    return texts(
        "digestpost.fallback",
        heading=_heading(texts, digest, inline),
        figures=counted.replace("*", ""),
        names=", ".join(names),
    )


def _size(block: Block) -> int:
    return width(json.dumps(block, ensure_ascii=False))
