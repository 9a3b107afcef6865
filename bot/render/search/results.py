"""The answer to `search`: conversations with the sentences in which the words are."""

from collections.abc import Callable, Iterator

from bot import domains, ids
from bot.model.commands import Filters
from bot.model.questions import Question
from bot.model.search import Passage, Piece, SearchAnswer
from bot.render.conversations import cards
from bot.render.conversations.lists import narrowed
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, context, header, inline, label, section
from bot.render.kit.commands import typed_command
from bot.render.kit.freshness import freshness_notes
from bot.render.kit.limits import Block, Payload, message
from bot.texts import Texts, formatting

WORD = 60
WORDS_IN_HEADING = 5
DOMAINS_SHOWN = 5
SPEAKER = 40
PIECE = 400
NAMES_IN_TEXT = 3


def results_message(texts: Texts, question: Question, answer: SearchAnswer, *, link_template: str) -> Payload:
    """Return a page of what was found, with *Details* for each, *Previous*, *More* and *Share in channel*."""
    if not answer.hits:
        return _nothing_message(texts, answer)
    buttons = _buttons(texts, question, answer)
    tail = [context(" · ".join(_conditions(texts, answer))), *([actions(buttons, ids.PAGING)] if buttons else [])]
    return _found_message(texts, answer, tail, link_template)


def shared_results_message(texts: Texts, answer: SearchAnswer, *, shared_by: str, link_template: str) -> Payload:
    """Return a page of what was found, shared by the Slack user `shared_by`, without other pages."""
    notes = [texts("share.by", user=shared_by), *_conditions(texts, answer, shared=True)]
    return _found_message(texts, answer, [context(" · ".join(notes))], link_template)


def _found_message(texts: Texts, answer: SearchAnswer, tail: list[Block], link_template: str) -> Payload:
    names = [cards.name(texts, hit.conversation, limit=80) for hit in answer.hits[:NAMES_IN_TEXT]]
    if answer.total > len(names):
        names.append(texts("more.conversation", count=answer.total - len(names)))
    return message(
        texts("search.fallback", heading=_heading(texts, answer, inline), names=", ".join(names)),
        [header(_heading(texts, answer, label)), *_items(texts, answer, link_template)],
        tail=tail,
        cut=context(texts("list.cut")),
    )


def _nothing_message(texts: Texts, answer: SearchAnswer) -> Payload:
    command = answer.command
    none = texts("search.none", words=_words(texts, answer, inline))
    steps = [texts("search.step_words")]
    if named := [domain for word in command.words for domain in domains.named(word)]:
        typed = " ".join(map(domains.display, named[:DOMAINS_SHOWN]))
        steps = [texts("search.step_list", command=typed_command(texts, f"calls {typed}"))]
    steps += [texts("search.step_days")] if command.days else []
    steps += [texts("search.step_customer")] if command.domains else []
    steps += [texts("list.step_filters")] if command.filters != Filters(scope=command.filters.scope) else []
    notes = context(" · ".join(_conditions(texts, answer)))
    return message(none, [section(f"*{none}*"), section(" ".join(steps)), notes])


def _heading(texts: Texts, answer: SearchAnswer, show: Callable[[str, int], str]) -> str:
    return texts("search.heading", count=answer.total, words=_words(texts, answer, show))


def _words(texts: Texts, answer: SearchAnswer, show: Callable[[str, int], str]) -> str:
    words = [texts("search.word", word=show(word, WORD)) for word in answer.command.words]
    if len(words) > WORDS_IN_HEADING:
        words[WORDS_IN_HEADING:] = [texts("more.with_word", count=len(words) - WORDS_IN_HEADING)]
    return formatting.join(texts.language, words)


def _conditions(texts: Texts, answer: SearchAnswer, *, shared: bool = False) -> list[str]:
    """Return, as mrkdwn, what narrowed the search, defaults included, and how fresh it is."""
    command = answer.command
    notes = [texts(f"list.scope.{command.filters.scope}")]
    if command.domains:
        names = [inline(domains.display(domain), WORD) for domain in command.domains[:DOMAINS_SHOWN]]
        if len(command.domains) > len(names):
            names.append(texts("more.with_customer", count=len(command.domains) - len(names)))
        notes.append(texts("search.customers", domains=formatting.join(texts.language, names, "or")))
    notes.append(times.days(texts, command.days) if command.days else texts("search.any_day"))
    notes += narrowed(texts, command.filters, [hit.conversation for hit in answer.hits], shared=shared)
    if answer.transcripts:
        notes.append(texts("search.with_transcripts"))
    if answer.pages > 1:
        notes.append(texts("list.page", page=answer.page + 1, pages=answer.pages))
    return notes + freshness_notes(texts, answer.freshness, answer.first_copied)


def _items(texts: Texts, answer: SearchAnswer, link_template: str) -> Iterator[Block]:
    """Yield each conversation: its name, outcome and sentences with *Details*, and in small print the facts."""
    for place, hit in enumerate(answer.hits):
        yield section(
            cards.line(texts, hit.conversation, link_template),
            accessory=cards.details_button(texts, hit.conversation),
            block_id=f"{ids.ITEM}{answer.page}_{place}",
        )
        if hit.passages:  # apart, so that they don't share the width of a phone with the button
            yield section("\n".join(f"> {_passage(texts, passage)}" for passage in hit.passages))
        yield context(cards.facts(texts, hit.conversation, with_domains=True))


def _passage(texts: Texts, passage: Passage) -> str:
    return _origin(texts, passage) + "".join(map(_piece, passage.pieces)).strip()


def _origin(texts: Texts, passage: Passage) -> str:
    """Return what the sentence is from; in a transcript, who said it and when."""
    if passage.source == "summary":
        return ""
    if passage.source != "transcript":
        return texts(f"search.source.{passage.source}")
    speaker = inline(passage.speaker, SPEAKER)
    at = "" if passage.at is None else times.clock(passage.at)
    if speaker and at:
        return texts("search.said", speaker=speaker, at=at)
    if speaker:
        return texts("search.said_by", speaker=speaker)
    return texts("search.said_at", at=at) if at else ""


def _piece(piece: Piece) -> str:
    """Return a piece as mrkdwn with the spaces around it; a hit in bold."""
    shown = inline(piece.text, PIECE)
    if not shown:
        return " "
    if piece.is_hit:
        return f"*{shown}*"
    before = " " if piece.text[0].isspace() else ""
    return before + shown + (" " if piece.text[-1].isspace() else "")


def _buttons(texts: Texts, question: Question, answer: SearchAnswer) -> list[Block]:
    pages = [
        button(texts(f"search.{name}"), action, value=f"{question.id}:{page}")
        for name, action, page in (
            ("previous", ids.SEARCH_PREVIOUS, answer.page - 1),
            ("more", ids.SEARCH_MORE, answer.page + 1),
        )
        if 0 <= page < answer.pages
    ]
    if not question.is_in_channel:
        return pages
    return [*pages, button(texts("list.share"), ids.SHARE, value=f"{question.id}:{answer.page}")]
