import pytest

from bot.texts import Texts, texts_in


def test_count_decides_between_singular_and_plural() -> None:
    texts = Texts({"list": {"calls": {"one": "{count} call", "other": "{count} calls"}}})
    assert texts("list.calls", count=1) == "1 call"
    assert texts("list.calls", count=0) == "0 calls"


def test_a_missing_text_is_an_error() -> None:
    """A key that isn't in the catalogue is a bug, which shows at once."""
    with pytest.raises(KeyError):
        texts_in()("no.such.text")
