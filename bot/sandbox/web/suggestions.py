"""What one may type next: a command, its next word, a customer or a period."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.commands.lexicon.de import DE
from bot.commands.lexicon.en import EN
from bot.commands.lexicon.words import Words
from bot.commands.naming import SLASH_COMMAND
from bot.commands.registry import COMMAND, COMMANDS, TOPICS
from bot.texts import texts_in
from bot.texts.languages import ENGLISH, GERMAN
from bot.tools.spelling import fold

MOST = 8
TRIES = ("calls", "search", "stats", "digest")
"""What the page proposes to somebody who has typed nothing yet."""
PERIODS = {
    ENGLISH: ("today", "yesterday", "this-week", "last-week", "last-7-days", "last-month", "this-quarter"),
    GERMAN: ("heute", "gestern", "diese-woche", "letzte-woche", "letzte-7-tage", "letzten-monat", "dieses-quartal"),
}
_LEXICONS: Mapping[str, Words] = {ENGLISH: EN, GERMAN: DE}
_OF_CUSTOMERS = {"calls", "meetings", "search", "stats", "digest", "follow", "unfollow"}
_IN_PERIODS = {"calls", "meetings", "search", "stats"}
_NEXT: Mapping[str, Sequence[str]] = {
    "digest": ("add", "list", "preview", "pause", "resume", "remove"),
    "uploads": ("on", "auto", "off", "status"),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    line: str
    """What is then in the box."""
    label: str
    note: str = ""


def suggest(typed: str, language: str, customers: Iterable[tuple[str, str]]) -> list[Suggestion]:
    """Return what may follow. `customers` are domains and names that this person may know."""
    if not typed.startswith("/"):
        return []
    slash, is_there, rest = typed.partition(" ")
    if not is_there:
        return [Suggestion(f"{SLASH_COMMAND} ", SLASH_COMMAND)] if SLASH_COMMAND.startswith(slash) else []
    if slash != SLASH_COMMAND:
        return []
    before, _, word = rest.rpartition(" ")
    typed_before = before.split()
    found = _after(typed_before, language, customers) if typed_before else _commands(language)
    start = f"{slash} {before} " if before else f"{slash} "
    return [
        Suggestion(f"{start}{label} ", label, note)
        for label, note in found
        if fold(label).startswith(fold(word)) or (word and typed_before and fold(note).startswith(fold(word)))
    ][:MOST]


def _commands(language: str) -> Iterator[tuple[str, str]]:
    texts, lexicon = texts_in(language), _LEXICONS[language]
    for syntax in COMMANDS:
        name = next((word for word, meaning in lexicon.commands.items() if meaning == syntax.name), syntax.name)
        yield name, texts(syntax.summary)


def _after(typed: Sequence[str], language: str, customers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    meanings = {**EN.commands, **DE.commands}
    name = meanings.get(fold(typed[0]), "")
    if name == "help" and len(typed) == 1:
        yield from ((topic, "") for topic in (*TOPICS, *COMMAND))
    if len(typed) == 1:
        yield from ((word, "") for word in _NEXT.get(name, ()))
    if name in _OF_CUSTOMERS and (name != "digest" or len(typed) > 1):
        yield from ((domain, company) for domain, company in customers if domain not in typed)
    if name in _IN_PERIODS and not set(typed) & set(PERIODS[language]):
        yield from ((period, "") for period in PERIODS[language])
