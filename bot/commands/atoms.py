"""Splits words for dates into atoms: `Fri, 27 Nov. 2026` is a word, a number, a word with its dot, and a number."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.commands.lexicon.words import Words
from bot.commands.tokens import Markup, Token
from bot.tools.spelling import fold

Kind = Literal["number", "word", "sign", "time"]

_KINDS: tuple[Kind, ...] = ("time", "number", "word", "sign")
_ATOM = re.compile(
    r"(?P<time>[0-9]{1,2}:[0-9]{2})|(?P<number>[0-9]+)(?:st|nd|rd|th)?(?![0-9])"
    r"|(?P<word>[^\W\d_]+)|(?P<sign>\.{2,}|[-./])|(?P<nothing>[ ,]+)"
)


@dataclass(frozen=True, slots=True)
class Atom:
    kind: Kind
    text: str

    @property
    def number(self) -> int:
        return int(self.text)


def atoms(text: str) -> list[Atom] | None:
    """Return the atoms of a text; None if it contains a character that no date has."""
    found: list[Atom] = []
    at, folded = 0, fold(text)
    while at < len(folded):
        match = _ATOM.match(folded, at)
        if match is None:
            return None
        at = match.end()
        found += [Atom(kind, match[kind]) for kind in _KINDS if match[kind]]
    return found


def is_word(atom: Atom, words: Iterable[str]) -> bool:
    return atom.kind == "word" and atom.text in words


def is_sign(atom: Atom, *signs: str) -> bool:
    return atom.kind == "sign" and atom.text in signs


def is_range_sign(atom: Atom) -> bool:
    return atom.kind == "sign" and (atom.text == "-" or len(atom.text) > 1)


def plain(found: Sequence[Atom], fillers: Iterable[str]) -> list[Atom]:
    """Return the atoms that mean something within one date: without fillers, and without signs next to a word.

    `nov.`, `27. Nov`, `q3/2026` and `last-week` lose their signs; `20.11.` and `2026-11-20` keep them.
    """
    kept = [atom for atom in found if not is_word(atom, fillers)]
    result = []
    for place, atom in enumerate(kept):
        if atom.kind == "sign":
            before, after = kept[place - 1 : place], kept[place + 1 : place + 2]
            at_word = any(neighbour.kind == "word" for neighbour in (*before, *after))
            at_edge = not before or (not after and atom.text == "-")
            if at_word and not at_edge and len(atom.text) == 1:
                continue
            if at_word and atom.text == "." and not after:
                continue
        result.append(atom)
    return result


def is_dated(token: Token, known: Container[str]) -> bool:
    """Return whether a token may belong to a date, by its characters and the words that dates may contain."""
    if token.quoted or any(isinstance(part, Markup) for part in token.parts):
        return False
    found = atoms(token.text)
    return found is not None and all(atom.kind != "word" or atom.text in known for atom in found)


def date_words(table: Words) -> frozenset[str]:
    """Return every word that dates may contain."""
    return frozenset().union(
        *(table.this, table.last, table.before_last, table.since, table.after, table.beginning, table.start),
        *(table.to, table.between, table.both, table.ordinals, table.day_parts),
        *(table.until_now, table.ago, table.before, table.ahead, table.to_date, table.numbered, table.date_fillers),
        *(table.numbers, table.periods, table.units, table.short_units, table.months, table.weekdays, table.halves),
        *(name.split() for name in table.days_ago),
        *(table.day_groups, table.time_fillers, table.digest_options, ("utc",)),
    )
