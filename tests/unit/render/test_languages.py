"""Every screen, in every language."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot import ids
from bot.render.kit.limits import Payload
from bot.texts import Texts, texts_in
from bot.texts.languages import LANGUAGES
from tests.catalogues import catalogue
from tests.unit.render.screens import plain_texts, screens
from tests.unit.render.slack_rules import all_buttons, check_message, check_view

ELSEWHERE = ("upload.disk.", "sandbox.")
"""Only the command line shows these."""
REMOVING = {ids.DIGEST_REMOVE, ids.DIGEST_NARROW}


class NotedTexts(Texts):
    """Notes which texts are used."""

    def __init__(self, texts: Texts, used: set[str]) -> None:
        super().__init__(texts.language, texts._messages, texts.timezone)  # noqa: SLF001 a copy
        self._used = used

    def __call__(self, key: str, **values: Any) -> str:
        text = super().__call__(key, **values)
        self._used.add(key)
        return text


def short_texts(payload: Any) -> Iterator[str]:
    """Yield the texts that are too short to be cut: titles, buttons and options."""
    if isinstance(payload, dict):
        for key, value in payload.items():
            if key in ("title", "submit", "close") and isinstance(value, dict):
                yield value["text"]
            yield from short_texts(value)
        if payload.get("type") == "button":
            yield payload["text"]["text"]
    elif isinstance(payload, list):
        for value in payload:
            yield from short_texts(value)


def check(payload: Payload) -> None:
    (check_view if payload.get("type") == "modal" else check_message)(payload)
    for text in short_texts(payload):
        assert not text.endswith("…"), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_keeps_slacks_limits(language: str) -> None:
    """Each text of the catalogue is on one of them, and no title or button is cut."""
    keys, used = list(catalogue(language)), set[str]()
    for timezone in ("", "Europe/Berlin"):
        texts = NotedTexts(texts_in(language, timezone), used)
        for payload in screens(texts, keys):
            check(payload)
        assert all(plain_texts(texts))
    assert not {key for key in keys if key not in used and not key.startswith(ELSEWHERE)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_most_one_button_stands_out_and_what_removes_something_asks_first(language: str) -> None:
    """Only what removes something is red, and every such button has a question with two answers."""
    styles = set()
    for payload in screens(texts_in(language), list(catalogue(language))):
        found = list(all_buttons(payload))
        assert [button.get("style") for button in found].count("primary") <= 1
        for button in found:
            is_removal = button["action_id"] in REMOVING
            assert (button.get("style") == "danger") == is_removal
            assert ("confirm" in button) == is_removal
            styles.add(button.get("style"))
    assert styles == {None, "primary", "danger"}
