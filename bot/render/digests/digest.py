"""What a digest posts: figures on top, the newest conversations, and the rest in the thread."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from bot import domains, ids
from bot.errors import BotError
from bot.model.conversation import ActionItem, Conversation, Kind
from bot.model.digests import Digest, Subscription
from bot.render.conversations import cards
from bot.render.conversations.consent import explain_withheld
from bot.render.errors import cause, known_text
from bot.render.kit import times
from bot.render.kit.blocks import context, header, inline, label, section
from bot.render.kit.limits import Block, Payload, clip, message, width
from bot.texts import Texts

Show = Callable[[str, int], str]
"""Makes plain_text (`label`) or mrkdwn (`inline`) of a text from outside."""

IN_FULL = 50
"""Conversations with their summary and action items. Of more a reader wants to know which they are."""
SCREENFUL = 10
"""Conversations in the channel's own message; what is more goes into its thread."""
ROOM = 10_500
"""Characters of blocks as JSON: below what a message takes, so that nothing of a digest is ever cut."""
THREAD_BLOCKS = 45
SUMMARY = 260
SUMMARY_LINES = 2
ACTION_ITEMS = 3
ACTION_ITEM = 160
GUESTS = 5
DOMAIN = 90
NAMED = 3
"""So many of a subscription's domains are named, and the others are counted."""
CHART = "data_visualization"
CHART_DAYS = 4
"""From so many days on a chart says more than a figure."""
CHART_POINTS = 20
"""https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block : so many points, in labels of 20, under
a title of 50 characters."""
CHART_TITLE = 50


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation and its place in a digest."""

    conversation: Conversation
    group: str
    """A customer domain; empty where there is one customer."""
    is_first: bool
    """In its group."""
    is_whole: bool
    """Shown with all that is to be said of it; of many, the last ones are a title and a button."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a digest, and the ids of the conversations in it."""

    payload: Payload
    shown: tuple[str, ...] = ()


def digest_parts(texts: Texts, digest: Digest, *, link_template: str) -> Iterator[Part]:
    """The channel's message, then those for its thread, each made when it is asked for: of thousands they take a while.

    Every conversation is in exactly one.
    """
    groups = _groups(digest)
    items = _ordered(groups)
    first = _first(texts, digest, groups, items, link_template, "thread")
    yield first
    yield from _thread(texts, groups, items[len(first.shown) :], link_template)


def thread_parts(texts: Texts, digest: Digest, *, link_template: str, without: Collection[str]) -> Iterator[Part]:
    """What is still to be said in the thread, where messages with these conversations are posted already."""
    groups = _groups(digest)
    rest = [item for item in _ordered(groups) if item.conversation.id not in without]
    return _thread(texts, groups, rest, link_template)


def preview_message(texts: Texts, digest: Digest, *, above: str = "", link_template: str) -> Payload:
    """The channel's message as it would be now, for one person; `above` it stands what there is to say first."""
    if digest.conversations:
        groups = _groups(digest)
        payload = _first(texts, digest, groups, _ordered(groups), link_template, "thread_then").payload
    else:
        payload = quiet_message(texts, digest)
    top = [section(above)] if above else []
    return message(payload["text"], [*top, *payload["blocks"]], tail=[context(texts("digestpost.preview"))])


def quiet_message(texts: Texts, digest: Digest) -> Payload:
    """The single line of a day without anything, or without anything that the reader may see."""
    key = "digestpost.hidden" if digest.is_cut else "digestpost.quiet"
    what, start = _customers(texts, digest.subscription, inline), times.moment(texts, digest.start, relative=False)
    said = texts(key, what=what, start=start)
    return message(said, [section(said), *_held(texts, digest.subscription, digest.held)])


def failed_message(
    texts: Texts, subscription: Subscription, day: date, why: BotError | None, held: str = ""
) -> Payload:
    """The line in place of a digest that could not be made in time; `held` as in Digest."""
    said = texts(
        "digestpost.failed",
        what=_customers(texts, subscription, inline),
        day=times.day(texts, day),
        why=cause(texts, why) if why is not None else texts("errors.unexpected"),
    )
    return message(said, [section(said, block_id=ids.ERROR), *_held(texts, subscription, held)])


def paused_message(texts: Texts, subscription: Subscription, why: str) -> Payload:
    """What whoever made a subscription is told when it can't be posted any more; `why` is Slack's own word."""
    said = texts(
        "digestpost.paused",
        id=inline(subscription.id, 20),
        what=_customers(texts, subscription, inline),
        channel=subscription.channel,
        why=refusal(texts, why),
    )
    return message(said, [section(said)])


def refusal(texts: Texts, why: str) -> str:
    """mrkdwn of Slack's own word for why nothing can be posted in a channel."""
    return known_text(texts, f"digestpost.why.{why}") or texts("digestpost.why.other", code=inline(why, 60))


def without_chart(payload: Payload) -> Payload | None:
    """Return the message without its chart, which is newer than the other blocks; None if it has none."""
    others = [block for block in payload["blocks"] if block["type"] != CHART]
    return {**payload, "blocks": others} if len(others) < len(payload["blocks"]) else None


def named_domains(subscription: Subscription) -> tuple[str, ...]:
    """The subscription's own domains and patterns that its messages name, whatever else is in them."""
    return () if domains.EVERY in subscription.domains else subscription.domains[:NAMED]


# ---- the parts -----------------------------------------------------------------------------------------------------


def _first(  # noqa: PLR0917 all that is known of the digest
    texts: Texts,
    digest: Digest,
    groups: dict[str, list[Conversation]],
    items: list[Item],
    link_template: str,
    rest: str,
) -> Part:
    """The channel's message. `rest` says of what is not in it where that is: a key (`digestpost.<rest>`)."""
    head = [
        header(_heading(texts, digest, label)),
        *_held(texts, digest.subscription, digest.held),
        section(_figures(texts, digest)),
        *_chart(texts, digest),
    ]
    room = ROOM - sum(map(_size, [*head, context(" · ".join(_notes(texts, digest, len(items), rest)))]))
    blocks: list[Block] = []
    shown = 0
    for item in items[:SCREENFUL]:
        more = _group_and_item(texts, groups, item, link_template)
        room -= sum(map(_size, more))
        if shown and room < 0:
            break
        blocks += more
        shown += 1
    notes = context(" · ".join(_notes(texts, digest, len(items) - shown, rest)))
    return Part(message(_fallback(texts, digest), [*head, *blocks], tail=[notes]), _ids(items[:shown]))


def _groups(digest: Digest) -> dict[str, list[Conversation]]:
    """By domain where there are several; each conversation once, under the first of its domains that was asked for."""
    patterns = digest.subscription.domains
    if len(patterns) == 1 and "*" not in patterns[0]:
        return {"": list(digest.conversations)}
    groups: dict[str, list[Conversation]] = {}
    for each in digest.conversations:
        wanted = (name for name in each.customer_domains if domains.matches_any(patterns, [name]))
        groups.setdefault(next(wanted, ""), []).append(each)
    return groups


def _ordered(groups: dict[str, list[Conversation]]) -> list[Item]:
    found = [(name, place, each) for name, group in groups.items() for place, each in enumerate(group)]
    return [Item(each, name, place == 0, number < IN_FULL) for number, (name, place, each) in enumerate(found)]


def _group_and_item(texts: Texts, groups: dict[str, list[Conversation]], item: Item, link_template: str) -> list[Block]:
    heading = []
    if item.is_first and len(groups) > 1:
        name = item.group
        shown = inline(domains.display(name), DOMAIN) if name else texts("digestpost.no_domain")
        heading = [section(texts("digestpost.group", count=len(groups[name]), domain=shown))]
    return [*heading, _item(texts, item.conversation, link_template, is_whole=item.is_whole)]


def _item(texts: Texts, conversation: Conversation, link_template: str, *, is_whole: bool) -> Block:
    lines = [
        cards.title(texts, conversation, link_template),
        cards.facts(texts, conversation, with_domains=False, relative=False),
    ]
    if is_whole and not conversation.is_withheld:
        lines += [
            _guests(texts, conversation),
            cards.summary_lines(conversation, SUMMARY, SUMMARY_LINES) or texts("digestpost.unanalysed"),
            *_action_items(texts, conversation.action_items),
            explain_withheld(texts, conversation),
        ]
    return section("\n".join(filter(None, lines)), accessory=cards.details_button(texts, conversation))


def _guests(texts: Texts, conversation: Conversation) -> str:
    """Who took part from outside, as far as the addresses tell."""
    names = [
        inline(each.name, cards.OWNER) or inline(each.email, cards.OWNER)
        for each in conversation.participants
        if each.email.rpartition("@")[2].casefold() in conversation.customer_domains and "@" in each.email
    ]
    names = list(dict.fromkeys(filter(None, names)))
    if len(names) > GUESTS:
        names[GUESTS:] = [texts("conversation.more", count=len(names) - GUESTS)]
    return texts("digestpost.with", names=", ".join(names)) if names else ""


def _action_items(texts: Texts, items: Iterable[ActionItem]) -> list[str]:
    """Those that are open, with their owner."""
    lines = []
    for item in items:
        text, owner = inline(item.text, ACTION_ITEM), inline(item.owner, cards.OWNER)
        if text and not item.done:
            lines.append(f"☐ {texts('details.by', text=text, owner=owner) if owner else text}")
    more = len(lines) - ACTION_ITEMS
    return [*lines[:ACTION_ITEMS], *([texts("digestpost.more_items", count=more)] if more > 0 else [])]


def _heading(texts: Texts, digest: Digest, show: Show) -> str:
    what = _customers(texts, digest.subscription, show)
    return texts("digestpost.heading", what=what, day=times.day(texts, digest.day))


def _customers(texts: Texts, subscription: Subscription, show: Show) -> str:
    if domains.EVERY in subscription.domains:
        return texts("digestpost.everybody")
    names = [show(domains.display(each), DOMAIN) for each in named_domains(subscription)]
    if len(subscription.domains) > NAMED:
        names.append(texts("conversation.more", count=len(subscription.domains) - NAMED))
    return ", ".join(names)


def _figures(texts: Texts, digest: Digest) -> str:
    """How many, how long, and what is usual."""
    found = digest.conversations
    kinds = (
        (sum(each.kind is Kind.MEETING for each in found), "meetings"),
        (sum(each.kind is Kind.CALL for each in found), "calls"),
    )
    said = [" + ".join(texts(f"digestpost.{kind}", count=count) for count, kind in kinds if count)]
    seconds = sum(each.duration for each in found if each.duration and 0 < each.duration < cards.LONGEST)
    if seconds:
        said.append(texts("digestpost.together", length=times.length(texts, seconds)))
    if digest.usual_count is not None:
        said.append(_usual(texts, digest.usual_count, digest.usual_seconds or 0))
    return f"*{said[0]}*" + "".join(f" · {each}" for each in said[1:])


def _usual(texts: Texts, count: float, seconds: float) -> str:
    """In whole numbers: nobody has 0.2 conversations. How long such a part of one is would say nothing either."""
    whole = int(count + 0.5)
    if not whole:
        return texts("digestpost.usual.few" if count else "digestpost.usual.none")
    about = texts("digestpost.usual.just" if abs(count - whole) < 0.05 else "digestpost.usual.about", count=whole)
    return (
        f"{about}, {texts('digestpost.together', length=times.length(texts, int(seconds)))}" if seconds >= 60 else about
    )


def _held(texts: Texts, subscription: Subscription, why: str) -> list[Block]:
    """Why this is not where it belongs."""
    return [section(texts(f"digestpost.held.{why}", channel=subscription.channel))] if why else []


def _chart(texts: Texts, digest: Digest) -> Iterator[Block]:
    """A bar for each day, and the same as a line of text for whoever can't see it; of very many days the last ones."""
    counts = digest.counts[-CHART_POINTS:]
    if len(counts) < CHART_DAYS:
        return
    is_cut = len(counts) < len(digest.counts)
    title = texts("digestpost.chart_last" if is_cut else "digestpost.chart", days=len(counts))
    points = [{"label": texts("digestpost.chart_day", day=day.day, month=day.month), "value": n} for day, n in counts]
    yield {
        "type": CHART,
        "title": clip(title, CHART_TITLE),
        "chart": {
            "type": "bar",
            "series": [{"name": texts("digestpost.chart_series"), "data": points}],
            "axis_config": {"categories": [point["label"] for point in points]},
        },
    }
    yield context(f"{title}: " + ", ".join(f"{each['label']}: {each['value']}" for each in points))


def _notes(texts: Texts, digest: Digest, in_thread: int, rest: str) -> list[str]:
    start, end = (times.moment(texts, each, relative=False) for each in (digest.start, digest.end))
    said = [texts("digestpost.window", start=start, end=end)]
    if in_thread:
        said.append(texts(f"digestpost.{rest}", count=in_thread))
    if any(each.starts_at is not None and each.starts_at < digest.start for each in digest.conversations):
        said.append(texts("digestpost.known_late"))
    if digest.posted_late:
        said.append(texts("digestpost.late"))
    if digest.subscription.id:
        said.append(texts("digestpost.id", id=inline(digest.subscription.id, 20)))
    return said


def _thread(
    texts: Texts, groups: dict[str, list[Conversation]], rest: list[Item], link_template: str
) -> Iterator[Part]:
    """Messages that are as full as Slack takes them."""
    blocks: list[Block] = []
    inside: list[Item] = []
    room = ROOM
    for item in rest:
        more = _group_and_item(texts, groups, item, link_template)
        size = sum(map(_size, more))
        if inside and (size > room or len(blocks) + len(more) > THREAD_BLOCKS):
            yield Part(message(texts("digestpost.more"), blocks), _ids(inside))
            blocks, inside, room = [], [], ROOM
        blocks += more
        inside.append(item)
        room -= size
    if inside:
        yield Part(message(texts("digestpost.more"), blocks), _ids(inside))


def _ids(items: Iterable[Item]) -> tuple[str, ...]:
    return tuple(each.conversation.id for each in items)


def _fallback(texts: Texts, digest: Digest) -> str:
    """For notifications and screen readers."""
    names = [cards.name(texts, each, limit=80) for each in digest.conversations[:3]]
    if len(digest.conversations) > len(names):
        names.append(texts("conversation.more", count=len(digest.conversations) - len(names)))
    figures = _figures(texts, digest).replace("*", "")
    return texts(
        "digestpost.fallback", heading=_heading(texts, digest, inline), figures=figures, names=", ".join(names)
    )


def _size(block: Block) -> int:
    return width(json.dumps(block, ensure_ascii=False))
