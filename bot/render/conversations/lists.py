"""A list of meetings or calls: the answer to `calls` and `meetings`, and the same when it is shared."""

import re
from collections.abc import Callable, Iterator, Sequence

from bot import domains, ids
from bot.commands.wording import filter_in
from bot.model.commands import Days, Filters, ListCommand
from bot.model.conversation import Conversation, Scope
from bot.model.questions import Answer, Question
from bot.render.conversations import cards
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, context, header, inline, label, section
from bot.render.kit.commands import typed_command
from bot.render.kit.limits import Block, Payload, message
from bot.texts import Texts, formatting

HEADING_DOMAINS = 90
WORDS = 60
NAMES_IN_TEXT = 3
_PLAIN = re.compile(r"[\w@.+-]+")


def list_message(
    texts: Texts, question: Question, answer: Answer, *, link_template: str, can_share: bool = True
) -> Payload:
    """Return a page of a list for the asker, with *Newer*, *Older* and, if there is a channel, *Share in channel*."""
    command = require_list(question)
    if not answer.shown:
        return nothing_message(texts, question, answer, link_template=link_template)
    notes = context(" · ".join(conditions(texts, question, answer)))
    return message(
        fallback(texts, command, answer),
        [
            header(heading(texts, command, answer.total)),
            *items(texts, command, answer, link_template=link_template),
        ],
        tail=[notes, actions(buttons(texts, question, answer, can_share=can_share), ids.PAGING)],
        cut=context(texts("list.cut")),
    )


def require_list(question: Question) -> ListCommand:
    """Return the command that asked for a list. Raises TypeError if the question isn't one for a list."""
    if not isinstance(question.command, ListCommand):
        raise TypeError(f"{type(question.command).__name__} is not a list")
    return question.command


def heading(texts: Texts, command: ListCommand, count: int, show: Callable[[str, int], str] = label) -> str:
    """Return the count, the domains and the days; with `label` as plain_text, with `inline` as mrkdwn."""
    key = f"{'heading' if count else 'none'}{'_with' if command.domains else ''}.{command.kind}"
    domains_shown, days = _domains(texts, command, show), times.days(texts, command.days)
    return texts(f"list.{key}", count=count, domains=domains_shown, days=days)


def _domains(texts: Texts, command: ListCommand, show: Callable[[str, int], str]) -> str:
    """Return as many domains as a heading has room for, and how many more there are."""
    shown: list[str] = []
    for count, domain in enumerate(map(domains.display, command.domains)):
        if shown and len(domain) + sum(map(len, shown)) > HEADING_DOMAINS:
            shown.append(texts("more.with_customer", count=len(command.domains) - count))
            break
        shown.append(show(domain, HEADING_DOMAINS))
    return formatting.join(texts.language, shown, "or")


def items(texts: Texts, command: ListCommand, answer: Answer, *, link_template: str) -> list[Block]:
    """Return each conversation: its name and outcome with *Details*, and below them in small print the facts."""
    with_domains = len(command.domains) != 1 or "*" in command.domains[0]
    with_year = command.days.first.year != command.days.last.year  # otherwise it is in the heading
    blocks = []
    for place, conversation in enumerate(answer.shown):
        blocks += [
            section(
                cards.line(texts, conversation, link_template),
                accessory=cards.details_button(texts, conversation),
                block_id=f"{ids.ITEM}{answer.page}_{place}",
            ),
            context(cards.facts(texts, conversation, with_domains=with_domains, with_year=with_year)),
        ]
    return blocks


def buttons(texts: Texts, question: Question, answer: Answer, *, can_share: bool) -> list[Block]:
    """Return *Newer* and *Older* if there are such pages, and *Share in channel*."""
    following, preceding = answer.page + 1, answer.page - 1
    newer, older = (following, preceding) if require_list(question).filters.oldest_first else (preceding, following)
    pages = [
        button(texts(f"list.{action}"), action, value=f"{question.id}:{page}")
        for action, page in ((ids.NEWER, newer), (ids.OLDER, older))
        if 0 <= page < answer.pages
    ]
    if not can_share:
        return pages
    return [*pages, button(texts("list.share"), ids.SHARE, value=f"{question.id}:{answer.page}")]


def conditions(texts: Texts, question: Question, answer: Answer, *, shared: bool = False) -> list[str]:
    """Return, as mrkdwn, what narrowed the list, defaults included, and what is missing from it."""
    filters = require_list(question).filters
    notes = [texts(f"list.scope.{filters.scope}"), *narrowed(texts, filters, answer.shown, shared=shared)]
    notes.append(texts("list.zone", zone=inline(question.timezone, WORDS)))
    if filters.oldest_first:
        notes.append(texts("list.oldest_first"))
    if answer.pages > 1:
        notes.append(texts("list.page", page=answer.page + 1, pages=answer.pages))
    if answer.unreadable:
        notes.append(texts("list.unreadable", count=answer.unreadable))
    return notes


def narrowed(texts: Texts, filters: Filters, shown: Sequence[Conversation], *, shared: bool = False) -> list[str]:
    """Return, as mrkdwn, what narrowed a list besides its domains, days and scope."""
    notes = []
    if filters.owner_user or filters.owner_email:
        rep = (cards.owner(shown[0]) if shown else "") or inline(filters.owner_email, WORDS)
        if not rep and filters.owner_user and not shared:  # in a channel a mention would notify the rep
            rep = f"<@{inline(filters.owner_user, WORDS)}>"
        notes.append(texts("list.owner", owner=rep) if rep else texts("list.one_owner"))
    asked_for = {"type": filters.type, "language": filters.language, "outcome": filters.outcome}
    notes.extend(texts(f"list.{name}", value=inline(value, WORDS)) for name, value in asked_for.items() if value)
    if filters.direction:
        notes.append(cards.direction(texts, filters.direction))
    notes.extend(texts("list.word", word=inline(word, WORDS)) for word in filters.words)
    return notes


def fallback(texts: Texts, command: ListCommand, answer: Answer) -> str:
    """Return the list in a sentence, for notifications and screen readers."""
    text = heading(texts, command, answer.total, inline)
    if not answer.shown:
        return text
    names = [cards.name(texts, conversation, limit=80) for conversation in answer.shown[:NAMES_IN_TEXT]]
    if answer.total > len(names):
        names.append(texts(f"more.{command.kind}", count=answer.total - len(names)))
    return texts("list.fallback", heading=text, names=", ".join(names))


def nothing_message(texts: Texts, question: Question, answer: Answer, *, link_template: str) -> Payload:
    """Return the answer for an empty list: the days searched, when the latest conversation was, and what to try."""
    command = require_list(question)
    blocks = [header(heading(texts, command, 0))]
    latest, steps = answer.latest, []
    for name, values in answer.occurring.items():
        typed, known = inline(getattr(command.filters, name), WORDS), [inline(value, WORDS) for value in values]
        key = filter_in(texts.language, name)
        blocks.append(section(texts("list.occurring", filter=key, value=typed, known=", ".join(known))))
    if latest is not None and latest.starts_at is not None:
        blocks += [
            section(texts(f"list.latest.{command.kind}")),
            section(
                cards.line(texts, latest, link_template),
                accessory=cards.details_button(texts, latest),
                block_id=f"{ids.ITEM}latest",
            ),
            context(cards.facts(texts, latest, with_domains=True)),
        ]
        retyped = typed_command(texts, _retyped(question, latest))
        steps.append(texts(f"list.step_latest.{command.kind}", command=retyped))
    elif latest is not None:
        steps.append(texts("list.step_widen"))
    else:
        steps.append(texts("list.never"))
        steps += [texts("list.step_domain")] if command.domains else []
        unfiltered = Filters(scope=command.filters.scope, oldest_first=command.filters.oldest_first)
        steps += [texts("list.step_filters")] if command.filters != unfiltered else []
    if command.filters.scope is Scope.EXTERNAL:
        steps.append(texts("list.step_internal"))
    if steps:
        blocks.append(section("\n".join(steps)))
    blocks.append(context(" · ".join(conditions(texts, question, answer))))
    return message(heading(texts, command, 0, inline), blocks)


def _retyped(question: Question, latest: Conversation) -> str:
    """Return the same command with days that include the latest one."""
    command = require_list(question)
    when = times.local_day(latest.starts_at, question.timezone) if latest.starts_at else command.days.last
    days = Days(min(when, command.days.first), max(when, command.days.last))
    scope = () if command.filters.scope is Scope.EXTERNAL else (f"scope:{command.filters.scope}",)
    typed = (*map(domains.display, command.domains), f"{days.first}..{days.last}", *scope)
    return " ".join((f"{command.kind}s", *typed, *_typed(command.filters, latest.owner.email)))


def _typed(filters: Filters, owner: str) -> Iterator[str]:
    """Yield the filters as they are typed, without the scope. `owner` is the address of a rep chosen by user id."""
    values = {
        "owner": filters.owner_email or (owner if filters.owner_user else ""),
        "type": filters.type,
        "language": filters.language,
        "direction": filters.direction,
        "outcome": filters.outcome,
    }
    for name, value in values.items():
        if value:
            yield f"{name}:{value if _PLAIN.fullmatch(value) else _quoted(value)}"
    yield from map(_quoted, filters.words)
    if filters.oldest_first:
        yield "sort:oldest"


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'
