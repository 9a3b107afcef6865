"""Commands in the words of one language: they mean what they meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.registry import COMMANDS, parse
from bot.commands.wording import choices_in, command_in, filter_in, usage_in
from bot.texts.languages import ENGLISH, GERMAN, LANGUAGES
from tests.unit.commands.test_phrases import CUSTOMERS, TODAY

PARTS = (
    *("acme.com", "mit acme.com", "with acme", '"Acme GmbH"', "*.globex.com", "<@U1>", "c-1042", "bis"),
    *("today", "gestern", "monday", "this week", "diesen-monat", "last-quarter", "letztes jahr", "last 7 days"),
    *("letzte-2-wochen", "30d", "since-monday", "seit montag", "november", "Oktober 2025", "20. Nov", "Q3", "KW47"),
    *("owner:me", "zuständig:ich", "my", "meine", "owner:rep@example.com", "scope:all", "umfang:intern", "extern"),
    *('type:"Discovery"', "art:Demo", "sprache:de", "language:en", "ergebnis:x", "inbound", "richtung:ausgehend"),
    *("sort:oldest", "älteste", 'words:"renewal price"', 'wörter:"neuer preis"', '"last week"', "https://acme.com"),
)
LISTS = ("calls", "anrufe", "meetings", "termine", "stats", "statistik", "search preis", "suche price")


def meaning(command: str) -> object:
    return parse(command, today=TODAY, asker="UME", customers=CUSTOMERS)


@pytest.mark.parametrize(
    ("command", "german", "english"),
    [
        ("calls acme.com last-week", "anrufe acme.com letzte-woche", "calls acme.com last-week"),
        ("calls mit acme.com letzte woche", "anrufe mit acme.com letzte woche", "calls acme.com last-week"),
        ("calls with acme.com last week", "anrufe acme.com letzte-woche", "calls with acme.com last week"),
        (
            "meetings this-month sort:oldest",
            "meetings diesen-monat sortierung:älteste",
            "meetings this-month sort:oldest",
        ),
        ('search "last week" november', 'suche "last week" november', 'search "last week" november'),
        ("statistik dieses quartal", "statistik dieses quartal", "stats this-quarter"),
        (
            "digest add acme.com at 8:30 on weekdays",
            "digest anlegen acme.com um 8:30 werktags",
            "digest add acme.com at 8:30 on weekdays",
        ),
        (
            "digest anlegen acme.com montag um 9 uhr sprache:de",
            "digest anlegen acme.com montag um 9 uhr sprache:de",
            "digest add acme.com monday at 9 language:de",
        ),
        ("digest remove d1", "digest entfernen d1", "digest remove d1"),
        ("folgen acme.com", "folgen acme.com", "follow acme.com"),
        ("uploads on", "uploads an", "uploads on"),
        ("help dates", "hilfe zeiträume", "help dates"),
        ("why c-1042", "warum c-1042", "why c-1042"),
        ("my", "meine", "my"),
        ("", "", ""),
    ],
)
def test_a_command_in_each_language(command: str, german: str, english: str) -> None:
    """What isn't the bot's own word stays as it was typed, and so does what the language has."""
    assert (command_in(GERMAN, command), command_in(ENGLISH, command)) == (german, english)
    if command not in ("", "my"):
        assert meaning(german) == meaning(english) == meaning(command)


@given(st.sampled_from(LISTS), st.lists(st.sampled_from(PARTS), max_size=4))
def test_a_command_means_the_same_in_every_language(name: str, parts: list[str]) -> None:
    """Those that are understood at all; and it can be said twice."""
    command = " ".join((name, *parts))
    try:
        meant = meaning(command)
    except Exception:  # noqa: BLE001 not a command
        return
    for language in LANGUAGES:
        said = command_in(language, command)
        assert meaning(said) == meant, said
        assert command_in(language, said) == said


@given(st.text())
def test_any_text_can_be_put_in_words(text: str) -> None:
    """What was typed may be anything."""
    for language in LANGUAGES:
        command_in(language, text)


def test_how_each_command_is_written() -> None:
    """English is how the table has it; German has no English word."""
    assert [usage_in(ENGLISH, syntax.usage) for syntax in COMMANDS] == [syntax.usage for syntax in COMMANDS]
    german = {syntax.name: usage_in(GERMAN, syntax.usage) for syntax in COMMANDS}
    assert german["uploads"] == "uploads an | automatisch | aus | status"
    assert german["digest"].startswith(
        "digest anlegen CUSTOMER … [um HH:MM] [am DAYS] [zeitzone ZONE] [sprache:en|de] [leer]"
    )
    assert german["digest"].endswith("| liste | entfernen … | pausieren … | fortsetzen … | vorschau …")


def test_filters_and_choices() -> None:
    """As errors name them."""
    assert filter_in(GERMAN, "owner") == "zuständig"
    assert choices_in(GERMAN, ["external", "all"], of="scope") == ["extern", "alle"]
    assert choices_in(GERMAN, ["calls", "dates"], of="help") == ["anrufe", "zeiträume"]
    assert choices_in(GERMAN, ["x"], of="nothing") == ["x"]
