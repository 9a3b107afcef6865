"""The sentences in which words were found, with the hits marked. Pure.

What counts as a hit is what the mirror's index counts as one: a word's beginning, a part of a longer word, a phrase.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.model.conversation import Conversation
from bot.model.search import Passage, Piece, Source
from bot.tools.words import word_spans, words_of

MOST_PASSAGES = 2
LONGEST = 200
"""Characters of a passage. A longer sentence is cut around its first hit."""
BEFORE_HIT = 70
"""Characters of a long sentence that are shown before its first hit, at most."""
SHORTEST_BEGINNING = 3
SHORTEST_PART = 4
_SENTENCE = re.compile(r"[^\n]*?(?:[.!?…]+[\"\u201d\u2019»)\]]*(?=\s|$)|(?=\n)|$)")
_JOINTS = "'\u2019@./&+-"
"""What joins the parts of one word, e.g. `e-mail`: all of it is marked."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    source: Source
    text: str
    speaker: str = ""
    at: float | None = None


def find_passages(conversation: Conversation, words: Sequence[str]) -> tuple[Passage, ...]:
    """Return the sentences that say most about these words and phrases, at most two, in their order."""
    terms = [term for word in words if (term := words_of(word))]
    sentences = list(_sentences(conversation))
    hits = {place: found for place, sentence in enumerate(sentences) if (found := _hits(sentence.text, terms))}
    missing = set(range(len(terms)))
    chosen: list[int] = []
    while len(chosen) < MOST_PASSAGES:
        best = max(hits, key=lambda place: (len(missing & hits[place].keys()), -place), default=None)
        if best is None or not missing & hits[best].keys():
            break
        missing -= hits[best].keys()
        chosen.append(best)
    return tuple(_passage(sentences[place], hits[place].values()) for place in sorted(chosen))


def _sentences(conversation: Conversation) -> Iterator[_Sentence]:
    texts: tuple[tuple[Source, Iterable[str]], ...] = (
        ("summary", [conversation.summary]),
        ("action_item", (item.text for item in conversation.action_items)),
        ("question", conversation.questions),
        ("insight", (f"{insight.title}\n{insight.text}" for insight in conversation.insights)),
    )
    for source, contents in texts:
        for content in contents:
            yield from (_Sentence(source, sentence) for sentence in _split(content))
    for utterance in conversation.transcript:
        for sentence in _split(utterance.text):
            yield _Sentence("transcript", sentence, utterance.speaker, utterance.at)


def _split(text: str) -> Iterator[str]:
    for match in _SENTENCE.finditer(unicodedata.normalize("NFC", text)):
        if sentence := match[0].strip():
            yield sentence


def _hits(text: str, terms: Sequence[Sequence[str]]) -> dict[int, list[tuple[int, int]]]:
    """Return where each term is, by its index; without those that aren't there."""
    spans = word_spans(text)
    found: dict[int, list[tuple[int, int]]] = {}
    for index, term in enumerate(terms):
        for place in range(len(spans) - len(term) + 1):
            window = spans[place : place + len(term)]
            if _matches(term, [word for _, _, word in window]):
                found.setdefault(index, []).append((window[0][0], window[-1][1]))
    return found


def _matches(term: Sequence[str], words: Sequence[str]) -> bool:
    if len(term) > 1 or len(term[0]) < SHORTEST_BEGINNING:
        return list(term) == list(words)
    return term[0] in words[0] if len(term[0]) >= SHORTEST_PART else words[0].startswith(term[0])


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
