"""What the sandbox says and understands in each language."""

import re
from pathlib import Path

import pytest

import bot.sandbox
from bot.sandbox.words import WORDS, meaning, name_of
from bot.texts.languages import ENGLISH, LANGUAGES
from tests.catalogues import catalogue

REASON = re.compile(r"""(?:raise|=) Refused\(\s*"(\w+)"(?: if there else "(\w+)")?""")
SOURCES = Path(bot.sandbox.__file__).parent


def test_every_refusal_has_a_text_and_every_text_a_refusal() -> None:
    """They are only shown when something goes wrong."""
    found = (reasons for path in SOURCES.rglob("*.py") for reasons in REASON.findall(path.read_text("utf-8")))
    used = {reason for reasons in found for reason in reasons if reason}
    texts = {key.split(".")[2] for key in catalogue(ENGLISH) if key.startswith("sandbox.refused.")}
    assert texts - {"entered"} <= used


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_has_the_words_that_are_understood(language: str) -> None:
    """Each line begins with a command, or with one that needs no other word."""
    lines = str(catalogue(language)["sandbox.help"]).strip().splitlines()
    commands = {meaning(language, line.split()[0]) for line in lines if not line.startswith("/")}
    assert commands == {
        *("click", "share", "upload", "submit", "wait", "close", "in", "as", "history", "clock", "quit"),
    }
    for word, english in WORDS[language].items():
        assert meaning(language, english) == english
        assert meaning(language, name_of(language, english)) == meaning(language, word)
