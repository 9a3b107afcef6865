"""The catalogue of all texts that people read in Slack: one TOML file for each language, in this folder."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bot.model.people import Person
from bot.texts import formatting
from bot.texts.languages import DEFAULT


class Texts:
    """The texts of one language: `texts("list.latest", when="…")`."""

    def __init__(self, language: str, messages: Mapping[str, Any], timezone: str = "") -> None:
        self.language = language
        self.timezone = timezone
        """The reader's, an IANA name; empty if several people read it, or if it isn't known."""
        self._messages = messages

    def __call__(self, key: str, **values: Any) -> str:
        """Return the text of `key` with `values` filled in. Raises KeyError for a missing key or value.

        If the text has a singular and a plural, `count` decides which one it is. Numbers are written as the language
        writes them.
        """
        text: Any = self._messages
        for part in key.split("."):
            text = text[part]
        if isinstance(text, Mapping):
            text = text[formatting.plural_form(self.language, values["count"])]
        return str(text).format(**{name: self._written(value) for name, value in values.items()})

    def _written(self, value: object) -> object:
        return formatting.number(self.language, value) if isinstance(value, int | float) else value


def texts_in(language: str, timezone: str = "") -> Texts:
    """Return texts in a language, for a reader in this time zone. Call it while rendering; don't keep the result."""
    return Texts(language, _messages(language), timezone)


def texts_for(person: Person | None) -> Texts:
    """Return the texts for one reader, in their language and time zone; None is a person who isn't known."""
    return texts_in(person.language, person.timezone) if person else texts_in(DEFAULT)


@cache
def _messages(language: str) -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
