import pytest

from bot.texts import Texts, texts_in


def test_count_decides_between_one_and_many() -> None:
    """A text with two forms takes the one that its count asks for."""
    texts = Texts({"list": {"calls": {"one": "{count} call", "other": "{count} calls"}}})
    assert texts("list.calls", count=1) == "1 call"
    assert texts("list.calls", count=0) == "0 calls"


def test_a_text_that_is_not_there_is_an_error() -> None:
    """A key that no language has is a mistake of ours, told at once."""
    with pytest.raises(KeyError):
        texts_in()("no.such.text")
