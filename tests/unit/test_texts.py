import re
from string import Formatter

import pytest
from babel import Locale

from bot.model.people import Person
from bot.texts import Texts, texts_for, texts_in
from bot.texts.languages import ENGLISH, GERMAN, LANGUAGES, language_of
from tests.catalogues import catalogue

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


# ---- the catalogues --------------------------------------------------------------------------------------------------


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts(language: str) -> None:
    """No key is missing or superfluous, and each text has the placeholders of the English one."""
    english, texts = catalogue(ENGLISH), catalogue(language)
    assert texts.keys() == english.keys()
    for key, text in texts.items():
        original = english[key]
        if isinstance(text, dict) and isinstance(original, dict):
            assert placeholders(text["other"]) == placeholders(original["other"]), key
            assert all(placeholders(form) <= placeholders(text["other"]) for form in text.values()), key
        else:
            assert isinstance(text, str), key
            assert isinstance(original, str), key
            assert placeholders(text) == placeholders(original), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_have_the_plural_forms_of_their_language(language: str) -> None:
    """Those that CLDR names for the language: one and other, in English and German."""
    forms = {*Locale.parse(language).plural_form.tags, "other"}
    for key, text in catalogue(language).items():
        if isinstance(text, dict):
            assert text.keys() == forms, key


def test_german_is_written_as_germans_write() -> None:
    """German quotation marks, spaces in abbreviations and before an ellipsis, and nobody is addressed formally."""
    for key, text in catalogue(GERMAN).items():
        for form in text.values() if isinstance(text, dict) else [text]:
            prose = re.sub(r"`[^`]*`", "", form)
            assert not re.search(r"“[^“”]*”|\"|z\.B\.|\.\.\.|\w…", prose), key
            assert not re.search(r"\b(Ihre?[mnrs]?|Ihnen)\b|\b\w+(\*|:|_)innen\b", prose), key
            assert prose.count("„") == prose.count("“"), key
