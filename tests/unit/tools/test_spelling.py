from hypothesis import given
from hypothesis import strategies as st

from bot.tools.spelling import fold

_ASCII = st.text(st.characters(max_codepoint=127))


@given(_ASCII)
def test_ascii_folds_as_the_same_characters_do_beside_others(text: str) -> None:
    """Plain text takes a short cut, which changes nothing."""
    assert fold(text) == fold(f"{text}ü").removesuffix("ü")
