import pytest

from bot.model.people import Person
from bot.texts import Texts, texts_for, texts_in
from bot.texts.languages import ENGLISH, GERMAN, language_of

CALLS = {"calls": {"one": "{count} call", "other": "{count} calls"}}


def test_count_decides_between_singular_and_plural() -> None:
    texts = Texts(ENGLISH, CALLS)
    assert [texts("calls", count=count) for count in (0, 1, 2)] == ["0 calls", "1 call", "2 calls"]


def test_numbers_are_written_as_in_the_language() -> None:
    """The same number, with the separators of each language."""
    assert Texts(ENGLISH, CALLS)("calls", count=12_345) == "12,345 calls"
    assert Texts(GERMAN, CALLS)("calls", count=12_345) == "12.345 calls"


def test_a_missing_text_is_an_error() -> None:
    """A key that isn't in the catalogue is a bug, which shows at once."""
    with pytest.raises(KeyError):
        texts_in(ENGLISH)("no.such.text")


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de-DE", GERMAN),
        ("de-AT", GERMAN),
        ("de_CH", GERMAN),
        ("de", GERMAN),
        ("en-GB", ENGLISH),
        ("fr-FR", ENGLISH),
        ("del", ENGLISH),
        ("", ENGLISH),
    ],
)
def test_german_locales_are_german_and_all_others_english(locale: str, language: str) -> None:
    """Slack's locale has a country; who has another language, or none, reads English."""
    assert language_of(locale) == language


def test_somebody_unknown_reads_english() -> None:
    """Without a time zone, so that Slack shows moments in the reader's own."""
    texts = texts_for(None)
    assert (texts.language, texts.timezone) == (ENGLISH, "")
    texts = texts_for(Person("U1", "T1", timezone="Europe/Berlin", language=ENGLISH))
    assert (texts.language, texts.timezone) == (ENGLISH, "Europe/Berlin")
