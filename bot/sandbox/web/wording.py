"""The words around the messages, in the reader's language."""

import functools
import tomllib
from html import escape
from importlib.resources import files
from typing import Any

from bot.texts import Texts
from bot.texts.languages import language_of

LANGUAGES = {"en": "English", "de": "Deutsch"}


@functools.cache
def words(language: str) -> Texts:
    """Return the words in a language, as plain text."""
    text = files(__package__).joinpath("words", f"{language}.toml").read_text("utf-8")
    return Texts(language, tomllib.loads(text))


class Words:
    """The words for a reader, as HTML."""

    def __init__(self, locale: str) -> None:
        self.language = language_of(locale)

    def __call__(self, key: str, **values: Any) -> str:
        return escape(words(self.language)(key, **values))
