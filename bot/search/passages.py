"""The sentences in which words were found, with the hits marked. Pure.

What counts as a hit is what the mirror's index counts as one: a word's beginning, a part of a longer word, a phrase.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.model.conversation import Conversation
from bot.model.search import Passage, Piece, Source
from bot.tools.words import fold, word_spans, words_of

MOST_PASSAGES = 2
LONGEST = 200
"""Characters of a passage. A longer sentence is cut around its first hit."""
BEFORE_HIT = 70
"""Characters of a long sentence that are shown before its first hit, at most."""
SHORTEST_BEGINNING = 3
SHORTEST_PART = 4
_BETWEEN = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"\u201d\u2019»)\]]))\s+|\n+")
"""Where a sentence ends."""
_JOINTS = "'\u2019@./&+-"
"""What joins the parts of one word, e.g. `e-mail`: all of it is marked."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    source: Source
    text: str
    speaker: str = ""
    at: float | None = None


_Marked = tuple[_Sentence, dict[int, list[tuple[int, int]]]]
"""A sentence, and where in it each term is, by the term's index."""


def find_passages(conversation: Conversation, words: Sequence[str]) -> tuple[Passage, ...]:
    """Return the sentences that say most about these words and phrases, at most two, in their order.

    A transcript is only looked through if the rest of the conversation doesn't have all of them.
    """
    terms = [term for word in words if (term := words_of(word))]
    chosen, missing = _choose(list(_marked(_analysis(conversation), terms)), len(terms))
    if missing:
        chosen, _ = _choose([*chosen, *_marked(_spoken(conversation), terms)], len(terms))
    return tuple(_passage(sentence, hits.values()) for sentence, hits in chosen)


def _choose(marked: Sequence[_Marked], terms: int) -> tuple[list[_Marked], set[int]]:
    """Return at most two sentences that have as many of the terms as possible, and the indices of the others."""
    missing = set(range(terms))
    places: list[int] = []
    while marked and missing and len(places) < MOST_PASSAGES:
        best = max(range(len(marked)), key=lambda place: (len(missing & marked[place][1].keys()), -place))
        if not missing & marked[best][1].keys():
            break
        missing -= marked[best][1].keys()
        places.append(best)
    return [marked[place] for place in sorted(places)], missing


def _analysis(conversation: Conversation) -> Iterator[_Sentence]:
    """Yield texts of one or more sentences, without what was said."""
    yield _Sentence("summary", conversation.summary)
    yield from (_Sentence("action_item", item.text) for item in conversation.action_items)
    yield from (_Sentence("question", question) for question in conversation.questions)
    for insight in conversation.insights:
        yield _Sentence("insight", f"{insight.title}\n{insight.text}")


def _spoken(conversation: Conversation) -> Iterator[_Sentence]:
    for utterance in conversation.transcript:
        yield _Sentence("transcript", utterance.text, utterance.speaker, utterance.at)


def _marked(texts: Iterable[_Sentence], terms: Sequence[Sequence[str]]) -> Iterator[_Marked]:
    """Yield the sentences that have any of the terms, and where."""
    for text in texts:
        folded = fold(text.text)
        if not any(term[0] in folded for term in terms):  # most of a transcript needs no closer look
            continue
        for sentence in _BETWEEN.split(unicodedata.normalize("NFC", text.text)):
            shown = sentence.strip()
            if hits := _hits(shown, terms):
                yield replace(text, text=shown), hits


def _hits(text: str, terms: Sequence[Sequence[str]]) -> dict[int, list[tuple[int, int]]]:
    """Return where each term is, by its index; without those that aren't there."""
    spans = word_spans(text)
    words = [word for _, _, word in spans]
    found: dict[int, list[tuple[int, int]]] = {}
    for index, term in enumerate(terms):
        if places := _places(term, words):
            found[index] = [(spans[place][0], spans[place + len(term) - 1][1]) for place in places]
    return found


def _places(term: Sequence[str], words: Sequence[str]) -> list[int]:
    """Return where in a sentence the term begins."""
    first = term[0]
    if len(term) > 1:
        return [
            place
            for place, word in enumerate(words)
            if word == first and list(words[place : place + len(term)]) == list(term)
        ]
    if len(first) >= SHORTEST_PART:
        return [place for place, word in enumerate(words) if first in word]
    if len(first) >= SHORTEST_BEGINNING:
        return [place for place, word in enumerate(words) if word.startswith(first)]
    return [place for place, word in enumerate(words) if word == first]


def _passage(sentence: _Sentence, hits: Iterable[list[tuple[int, int]]]) -> Passage:
    text = sentence.text
    marked = _merged(_widened(text, span) for spans in hits for span in spans)
    start, end = _cut(text, marked[0])
    pieces = [Piece("…")] if start else []
    at = start
    for first, last in marked:
        if first < at or last > end:
            continue
        if first > at:
            pieces.append(Piece(text[at:first]))
        pieces.append(Piece(text[first:last], is_hit=True))
        at = last
    if at < end:
        pieces.append(Piece(text[at:end]))
    if end < len(text):
        pieces.append(Piece("…"))
    return Passage(sentence.source, tuple(pieces), sentence.speaker, sentence.at)


def _widened(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return the whole of the word that a hit is in, e.g. all of `e-mail`, without punctuation at its ends."""
    start, end = span
    while start and _is_inside(text[start - 1]):
        start -= 1
    while end < len(text) and _is_inside(text[end]):
        end += 1
    while text[start] in _JOINTS:
        start += 1
    while text[end - 1] in _JOINTS:
        end -= 1
    return start, end


def _is_inside(letter: str) -> bool:
    return letter.isalnum() or letter in _JOINTS


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(text: str, hit: tuple[int, int]) -> tuple[int, int]:
    """Return which part of a sentence is shown: all of it if it is short, else words around the hit."""
    if len(text) <= LONGEST:
        return 0, len(text)
    start = 0
    if hit[0] > BEFORE_HIT:
        space = text.find(" ", hit[0] - BEFORE_HIT, hit[0])
        start = space + 1 if space >= 0 else hit[0]
    end = min(len(text), max(start + LONGEST, hit[1]))
    if end < len(text) and (space := text.rfind(" ", hit[1], end)) > 0:
        end = space
    return start, end
