"""What the page suggests while one types."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.registry import COMMAND, parse
from bot.sandbox.web.suggestions import PERIODS, TRIES, suggest
from bot.sandbox.web.wording import words
from bot.texts.languages import ENGLISH, GERMAN

CUSTOMERS = (("acme.com", "Acme"), ("stark.example", "Stark"))
TODAY = date(2026, 11, 26)


def labels(typed: str, language: str = ENGLISH) -> list[str]:
    return [suggestion.label for suggestion in suggest(typed, language, CUSTOMERS)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("/", ["/kickscale"]),
        ("/kick", ["/kickscale"]),
        ("/nosuch", []),
        ("kickscale", []),
        ("/kickscale st", ["stats", "status"]),
        ("/kickscale search ac", ["acme.com"]),
        ("/kickscale calls Sta", ["stark.example"]),
        ("/kickscale calls acme.com last-w", ["last-week"]),
        ("/kickscale calls acme.com last-week acme", []),
        ("/kickscale calls last-week this", []),
        ("/kickscale digest ", ["add", "list", "preview", "pause", "resume", "remove"]),
        ("/kickscale digest add a", ["acme.com"]),
        ("/kickscale uploads a", ["auto"]),
        ("/kickscale help da", ["dates"]),
        ("/kickscale status ", []),
    ],
)
def test_what_may_follow_is_suggested(typed: str, expected: list[str]) -> None:
    """Commands, their words, customers by domain or name, and periods; none twice."""
    assert labels(typed) == expected


def test_suggestions_are_in_the_language_of_the_reader() -> None:
    """Words of the other one are understood all the same."""
    assert labels("/kickscale anr", GERMAN) == ["anrufe", "anruf"]
    assert labels("/kickscale anrufe letz", GERMAN) == ["letzte-woche", "letzte-7-tage", "letzten-monat"]
    assert labels("/kickscale calls gest", GERMAN) == ["gestern"]


@pytest.mark.parametrize("language", [ENGLISH, GERMAN])
def test_what_is_suggested_is_understood(language: str) -> None:
    """By the bot's parser: every period, every command's name, and what the page proposes to try."""
    for period in PERIODS[language]:
        parse(f"calls acme.com {period}", today=TODAY)
    for suggestion in suggest("/kickscale ", language, ()):
        parse(f"help {suggestion.label}", today=TODAY)
    for name in TRIES:
        parse(words(language)(f"line.{name}").removeprefix("/kickscale "), today=TODAY)
    assert set(TRIES) <= set(COMMAND)


@given(st.text(alphabet="/kickscale dighlpu\"'*<>", max_size=30))
def test_suggestions_continue_what_was_typed(typed: str) -> None:
    """Only the last word changes."""
    for suggestion in suggest(typed, ENGLISH, CUSTOMERS):
        assert suggestion.line.startswith(typed.rpartition(" ")[0])
