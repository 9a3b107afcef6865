"""The page's own words."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from string import Formatter
from typing import Any

from bot.sandbox.web.wording import LANGUAGES


def texts(node: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from texts(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def test_every_language_has_every_text() -> None:
    """With the same values to fill in."""
    folder = files("bot.sandbox.web").joinpath("words")
    found = {
        language: {
            key: {name for _, name, _, _ in Formatter().parse(text) if name}
            for key, text in texts(tomllib.loads(folder.joinpath(f"{language}.toml").read_text("utf-8")))
        }
        for language in LANGUAGES
    }
    assert found["en"] == found["de"]
    assert sorted(f"{language}.toml" for language in LANGUAGES) == sorted(file.name for file in folder.iterdir())


def test_every_text_is_used() -> None:
    """Apart from those whose keys are put together."""
    package = files("bot.sandbox.web")
    source = "".join(path.read_text("utf-8") for path in package.iterdir() if path.name.endswith(".py"))
    known = dict(texts(tomllib.loads(package.joinpath("words", "en.toml").read_text("utf-8"))))
    unused = [
        key
        for key in known
        if not re.search(rf"""["']{key.removesuffix(".one").removesuffix(".other")}["']""", source)
        and not key.startswith(("role.", "line.", "try.", "clock.", "trace.to", "trace.request", "trace.took"))
    ]
    assert unused == []
