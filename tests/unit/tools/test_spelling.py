"""Words as people type them."""

import difflib
import random

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.tools.spelling import MOST_COMPARED, fold, nearest

_ASCII = st.text(st.characters(max_codepoint=127))
_SYLLABLES = ("ac", "be", "cor", "da", "ex", "fin", "go", "hal", "in", "jet", "kom", "lux", "me", "nor", "ox", "pel")
_NAMES = sorted({"".join(random.Random(seed).choices(_SYLLABLES, k=2 + seed % 4)) for seed in range(2_000)})
"""Many times as many as are compared letter by letter."""


@given(_ASCII)
def test_ascii_folds_as_the_same_characters_do_beside_others(text: str) -> None:
    """Plain text takes a short cut, which changes nothing."""
    assert fold(text) == fold(f"{text}ü").removesuffix("ü")


@given(st.sampled_from(_NAMES), st.data())
def test_a_misspelled_name_is_found_among_many_as_among_few(name: str, data: st.DataObject) -> None:
    """With a letter too many, too few, or wrong: unless another name is even more like what was typed."""
    assert len(_NAMES) > 10 * MOST_COMPARED
    place = data.draw(st.integers(0, len(name) - 1))
    letters = data.draw(st.sampled_from(["", "z", name[place] + "z"]))
    typed = name[:place] + letters + name[place + 1 :]
    assume(nearest(typed, [name]))
    found = nearest(typed, _NAMES)
    assert found == name or _likeness(typed, found) >= _likeness(typed, name)


def test_nothing_is_near_what_is_unlike_everything() -> None:
    """Among few and many."""
    assert nearest("zzyzx", _NAMES) is None
    assert nearest("zzyzx", ["acme"]) is None


def _likeness(typed: str, found: str | None) -> float:
    return 0.0 if found is None else difflib.SequenceMatcher(None, found, typed).ratio()
