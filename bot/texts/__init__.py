"""The catalogue of all texts that people read in Slack: one TOML file for each language, in this folder."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

ENGLISH = "en"


class Texts:
    """The texts of one language: `texts("list.none", days="…")`."""

    def __init__(self, messages: Mapping[str, Any]) -> None:
        self._messages = messages

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of `key` with `values` filled in. Raises KeyError for a missing key or value.

        If the text has a singular and a plural, `count` decides which one it is.
        """
        text: Any = self._messages
        for part in key.split("."):
            text = text[part]
        if isinstance(text, Mapping):
            text = text["one" if values["count"] == 1 else "other"]
        return str(text).format(**values)


@cache
def texts_in(language: str = ENGLISH) -> Texts:
    """Return the texts for a reader of this language. Call it while rendering, and don't keep the result."""
    return Texts(tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8")))
