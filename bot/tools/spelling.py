"""Compares words as people type them: in any case, with any dash, and misspelled."""

import difflib
import heapq
import re
import unicodedata
from collections.abc import Iterable

LONGEST_WORD = 40
"""Characters of a word for which the nearest one is looked for: that takes their square of steps."""
MOST_COMPARED = 50
"""Words that are compared letter by letter, which takes a hundred times as long as choosing them."""
_ALIKE = 0.7
"""The least ratio of `difflib` at which a word is like another."""
_DASHES = dict.fromkeys(map(ord, "_\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_DASH_RUN = re.compile(r"-{2,}")
_INVISIBLE = {ord("\u200c"): None, ord("\u200d"): None}


def fold(text: str) -> str:
    """Return the form in which words are compared: any case, any width, any dash.

    Phones turn `--` into an em dash and `..` into an ellipsis; NFKC turns the latter into dots again.
    """
    if text.isascii():  # a tenth of the time
        plain = text.replace("_", "-").lower()
        return _DASH_RUN.sub("-", plain) if "--" in plain else plain
    plain = unicodedata.normalize("NFKC", text.translate(_DASHES)).translate(_INVISIBLE).casefold()
    return _DASH_RUN.sub("-", plain)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word (folded) that is spelled most like this one; None if none is much like it."""
    if len(word) > LONGEST_WORD:
        return None
    word = fold(word)
    return next(iter(difflib.get_close_matches(word, _likely(word, known), 1, _ALIKE)), None)


def _likely(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that may be like it; of many, those that share the most pairs of letters with it."""
    most = max(2, len(word) // 3)
    fitting = [other for other in known if abs(len(other) - len(word)) <= most]
    if len(fitting) <= MOST_COMPARED:
        return fitting
    pairs = {word[at : at + 2] for at in range(len(word) - 1)}
    return heapq.nlargest(MOST_COMPARED, fitting, key=lambda other: sum(map(other.__contains__, pairs)))
