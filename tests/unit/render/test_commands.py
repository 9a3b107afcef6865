"""Every command that a screen shows, as text or on a button: it can be typed, and is in the reader's language."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from bot import ids
from bot.commands.customers import CustomerNames
from bot.commands.lexicon.every import LEXICONS, WORDS
from bot.commands.naming import SLASH_COMMAND, find_command
from bot.commands.registry import parse
from bot.commands.tokens import tokens
from bot.commands.wording import command_in
from bot.errors import CommandError
from bot.model.customers import Customer
from bot.texts import texts_in
from bot.texts.languages import LANGUAGES
from tests.catalogues import catalogue
from tests.unit.render.screens import screens
from tests.unit.render.slack_rules import all_buttons
from tests.unit.render.slack_rules import texts_in as texts_of

TODAY = date(2026, 11, 26)
CUSTOMERS = CustomerNames([Customer("acme.com", ("Acme GmbH",))])
SPAN = re.compile(r"`([^`\n]+)`")
USAGE = re.compile(r"…|\[|[A-ZÄÖÜ]{3,}| \| |HH:MM|(?<=.)\bID$")
"""How a command is written in general, rather than one that can be typed."""
ALONE = ("calls {}", "calls since-{}", "calls on {}", "digest add acme.com {}", "digest add acme.com on {}", "{} on")
"""A part of a command is one in some of these places."""
NOT_OURS = re.compile(r"/invite|kickscale-bot .*|[A-Z_]{4,}|Europe/Berlin")
"""Other programs' commands, settings, and a value for a form."""
SAMPLES = {
    *("c1", "c-1", "c-1042", "m-1", *(f"d{number}" for number in range(80)), "U1", "q", "ab12"),
    *("no", "strange", "tick", "timeout", "missing_scope"),
}
"""Ids, references, and what Kickscale or Slack says in the screens."""


def spans(payload: Any, typed: str) -> Iterator[str]:
    """Yield what a payload shows as code, except what the person typed, which follows the text `typed`."""
    for text in texts_of(payload):
        if text.startswith(typed):
            continue
        yield from SPAN.findall(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def run_buttons(payload: Any) -> list[dict[str, Any]]:
    """Return the buttons that run a command."""
    return [button for button in all_buttons(payload) if button["action_id"].startswith(ids.RUN)]


def is_understood(command: str) -> bool:
    typed = command.replace("@rep", "<@U1|rep>")
    try:
        parse(typed, today=TODAY, asker="U2", customers=CUSTOMERS)
    except CommandError:
        return False
    return True


def own_words(command: str, language: str) -> str:
    """Return the command with all of its own words in the language, wherever the command's name is."""
    place = find_command(tokens(command), WORDS)
    pieces = command.split(" ")
    if not place:
        return command_in(language, command)
    return " ".join((command_in(language, " ".join(pieces[:place])), command_in(language, " ".join(pieces[place:]))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_on_a_screen_can_be_typed(language: str) -> None:
    """Whole commands after `/kickscale`, and their parts. Each is in the reader's words."""
    whole: set[str] = set()
    parts: set[str] = set()
    texts = texts_in(language)
    for payload in screens(texts, list(catalogue(language))):
        for span in spans(payload, texts("errors.typed", typed="")):
            if span.startswith(SLASH_COMMAND):
                whole.add(span.removeprefix(SLASH_COMMAND).strip())
            elif not NOT_OURS.fullmatch(span) and span not in SAMPLES:
                parts.add(span)
    assert len(whole) > 10
    assert len(parts) > 60
    typed = {command for command in whole if not USAGE.search(command)}
    assert not {command for command in typed if not is_understood(command)}
    assert not {command for command in typed | parts if own_words(command, language) != command}
    words = LEXICONS[language]
    known = {*words.commands, *words.digest_options, *(f"{key}:" for key in words.filters)}
    assert not {
        part for part in parts - known if not any(is_understood(place.format(part)) for place in ("{}", *ALONE))
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_that_run_commands_say_so_in_the_readers_language(language: str) -> None:
    """What they say means what they run."""
    for payload in screens(texts_in(language), list(catalogue(language))):
        for button in run_buttons(payload):
            label = button["text"]["text"]
            if label == texts_in(language)("errors.again"):
                continue
            assert own_words(label, language) == label
            assert parse(label, today=TODAY, asker="U2") == parse(button["value"], today=TODAY, asker="U2")
