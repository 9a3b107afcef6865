"""The catalogue of every text that people read in Slack. A language is a TOML file beside this one."""

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
        """The text of `key` with `values` filled in. Raises KeyError for a key or a value that is not there.

        Where the language tells one from many, `count` decides.
        """
        found: Any = self._messages
        for part in key.split("."):
            found = found[part]
        if isinstance(found, Mapping):
            found = found["one" if values["count"] == 1 else "other"]
        return str(found).format(**values)


@cache
def texts_in(language: str = ENGLISH) -> Texts:
    """Return the texts for a reader of this language. It is asked for when something is rendered, not before."""
    return Texts(tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8")))
