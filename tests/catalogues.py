"""The texts of a language, as its file has them."""

import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

PLURAL_FORMS = {"zero", "one", "two", "few", "many", "other"}


def catalogue(language: str) -> dict[str, str | dict[str, str]]:
    """Return the texts of a language by key; one with plural forms is a dict."""
    file = resources.files("bot.texts").joinpath(f"{language}.toml")
    return dict(_flat(tomllib.loads(file.read_text("utf-8")), ""))


def _flat(messages: dict[str, Any], prefix: str) -> Iterator[tuple[str, str | dict[str, str]]]:
    for name, value in messages.items():
        if isinstance(value, dict) and not value.keys() <= PLURAL_FORMS:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
