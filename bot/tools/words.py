"""The words of a text in the form in which they are compared: `Straße`, `strasse` and `STRASSE` are one word. Pure."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
# As Snowball's `german2` does it (https://snowballstem.org/algorithms/german2/stemmer.html): people without a German
# keyboard write `ae`, `oe`, `ue`. After another vowel or a `q`, `ue` is two sounds: `neue`, `Quelle`.
_WRITTEN_OUT = re.compile(r"(?<![aeiouq])ue|ae|oe")


def fold(word: str) -> str:
    """Return a word without case, accents and umlauts: `Übergröße` and `uebergroesse` become `ubergrosse`."""
    if not word.isascii():
        apart = unicodedata.normalize("NFKD", word.casefold())
        word = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _WRITTEN_OUT.sub(lambda match: match[0][0], word.lower())


def words_of(text: str) -> list[str]:
    """Return the folded words of a text, in their order. Whatever isn't a letter or a digit separates words.

    A few letters stand for several words, e.g. the ligature U+FDFA, or only for a mark that isn't compared.
    """
    found = _WORD.finditer(unicodedata.normalize("NFC", text))
    return [word for match in found for word in fold(match[0]).split()]


def word_spans(text: str) -> list[tuple[int, int, str]]:
    """Return where each word of a text begins and ends, and its folded form. The text is in Unicode's form NFC."""
    return [(match.start(), match.end(), fold(match[0])) for match in _WORD.finditer(text)]
