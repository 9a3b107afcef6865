"""What the readers of all commands share: they read ids, actions, and domains, days and filters in any order."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bot import domains, email_addresses
from bot.commands.dates import range_words, read_days
from bot.commands.lexicon.words import Words
from bot.commands.tokens import Markup, Token
from bot.errors import CommandError
from bot.model.commands import Days
from bot.model.conversation import Scope
from bot.tools.spelling import LONGEST_WORD, fold, nearest

LISTS = {"call": "calls", "meeting": "meetings"}
"""The command that shows one conversation, and the one that lists several."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST_RANGE = 5
"""In tokens: `november 2025 .. january 2026`."""
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_SLASHES = re.compile(r"([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})")
_YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:-([0-9]{1,2}))?")
_LONGEST_DOMAIN = 3000
"""In characters: Slack's links contain whole addresses."""
_FREE = ("type", "outcome")
"""The filters whose value may have several words."""
_FILTER_EXAMPLES = {
    "owner": "owner:@rep",
    "scope": "scope:all",
    "type": 'type:"Discovery"',
    "language": "language:de",
    "direction": "direction:inbound",
    "outcome": 'outcome:"Next step agreed"',
    "sort": "sort:oldest",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """The tokens after the command's name, and what is needed to read them."""

    command: str
    filters: frozenset[str]
    """The filters that apply to the command."""
    tokens: list[Token]
    today: date
    words: Words

    def trimmed(self) -> list[Token]:
        """Return the tokens without the commas between them."""
        return [token for token in (token.trimmed() for token in self.tokens) if token.parts]

    def error(
        self, reason: str, *, suggestion: str | None = None, example: str | None = None, **values: str
    ) -> CommandError:
        """Return an error. `bot.commands.registry.parse` adds what was typed, and by default the command's example."""
        return CommandError("", reason, {"command": self.command, **values}, suggestion, example)

    def nothing_more(self, rest: list[Token], example: str | None = None) -> None:
        if rest:
            raise self.error("extra", example=example, word=joined(rest))

    def id(self) -> str:
        """Return the only token, as it was typed."""
        if not self.tokens:
            raise self.error("id_missing")
        first, *rest = self.tokens
        if rest or not first.text or " " in first.text:
            raise self.error("id", suggestion=LISTS.get(self.command) if rest else None, word=joined(self.tokens))
        return first.text

    def action(self, actions: Mapping[str, str], known: str) -> tuple[str, list[Token]]:
        """Return the action after the command's name, and the tokens after it. Errors list the actions in `known`."""
        tokens = self.trimmed()
        if not tokens:
            raise self.error("action_missing", actions=known)
        word = tokens[0].text
        action = actions.get(fold(word))
        if action is None:
            raise self.error("action", suggestion=nearest(word, actions), word=word, actions=known)
        return action, tokens[1:]


def joined(tokens: Iterable[Token]) -> str:
    return " ".join(token.text for token in tokens)


def read_domains(token: Token) -> list[str]:
    """Return the domains in one token: one, or several separated by commas; none if any part isn't a domain.

    A person in Slack isn't a domain even if the name has a dot, nor is a filter with an address
    (`owner:rep@example.com`).
    """
    split = token.split()
    if (isinstance(token.sole, Markup) and token.sole.kind) or (split and fold(split[0]) != "mailto"):
        return []
    whole = token.sole.target if isinstance(token.sole, Markup) and not token.sole.kind else token.text
    for candidates in ([whole], [token.text], token.text.split(",")):
        try:
            return [domains.normalise(candidate) for candidate in candidates if len(candidate) <= _LONGEST_DOMAIN]
        except ValueError:
            continue
    return []


@dataclass(slots=True)
class Narrowed:
    """The contents of the tokens of a list, a search or a statistic."""

    domains: dict[str, None] = field(default_factory=dict)
    days: Days | None = None
    days_typed: str = ""
    filters: dict[str, Any] = field(default_factory=dict)
    """The fields of `Filters`."""
    keys: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)


def narrow(reading: Reading, *, bare: bool = False) -> Narrowed:
    """Read all tokens. With `bare`, anything unknown is a word to search for, like quoted text."""
    narrowed = Narrowed()
    before, rest = None, reading.trimmed()
    while rest:
        used = (
            _take_quoted(reading, narrowed, rest)
            or _take_filter(reading, narrowed, rest, bare=bare)
            or _take_days(reading, narrowed, rest)
            or _take_domains(narrowed, rest)
        )
        if not used and not bare:
            raise _unknown(reading, rest, before)
        if not used:
            narrowed.words.append(rest[0].text)
        before, rest = rest[0], rest[used or 1 :]
    return narrowed


def days_or_default(reading: Reading, narrowed: Narrowed) -> Days:
    return narrowed.days or Days(reading.today - timedelta(days=6), reading.today)


def customers(narrowed: Narrowed) -> tuple[str, ...]:
    """Return the domains; none if `*` is among them, which covers every customer."""
    return () if "*" in narrowed.domains else tuple(narrowed.domains)


def _take_quoted(reading: Reading, narrowed: Narrowed, rest: list[Token]) -> int:
    if not rest[0].quoted:
        return 0
    if not rest[0].text:
        raise reading.error("quote_empty")
    narrowed.words.append(rest[0].text)
    return 1


def _take_filter(reading: Reading, narrowed: Narrowed, rest: list[Token], *, bare: bool) -> int:
    split = rest[0].split()
    if split is None or fold(split[0]) == "mailto":
        return 0
    typed, value = split
    key = reading.words.filters.get(fold(typed))
    if key is None and bare:
        return 0
    if key is None:
        near = nearest(typed, reading.words.filters)
        raise reading.error("filter", suggestion=near and f"{near}:", filter=typed)
    if key not in reading.filters:
        raise reading.error("filter_not_here", filter=key)
    if key in narrowed.keys:
        raise reading.error("filter_twice", filter=key)
    used = 1
    if not value.parts and len(rest) > 1:  # picking a person from Slack's list may leave a space before the `@`
        value, used = rest[1], 2
    example = f"{reading.command} {_FILTER_EXAMPLES[key]}"
    if not value.text:
        raise reading.error("filter_empty", example=example, filter=key)
    narrowed.keys.add(key)
    if key == "owner":
        narrowed.filters |= _owner(reading, value, example)
    elif key in reading.words.values:
        narrowed.filters |= _choice(reading, key, value, example)
    else:
        narrowed.filters[key] = value.text
    return used


def _owner(reading: Reading, value: Token, example: str) -> dict[str, str]:
    if isinstance(value.sole, Markup) and value.sole.kind == "@" and value.sole.target:
        return {"owner_user": value.sole.target}
    email = value.text.removeprefix("mailto:")
    if not _EMAIL.fullmatch(email):
        raise reading.error("owner", example=example, word=value.text)
    return {"owner_email": email_addresses.fold(email)}


def _choice(reading: Reading, key: str, value: Token, example: str) -> dict[str, Any]:
    allowed = reading.words.values[key]
    choice = allowed.get(fold(value.text))
    if choice is None:
        near = nearest(value.text, allowed)
        known = ", ".join(dict.fromkeys(allowed.values()))
        suggestion = near and f"{key}:{near}"
        raise reading.error(
            "filter_value", suggestion=suggestion, example=example, filter=key, word=value.text, known=known
        )
    if key == "scope":
        return {"scope": Scope(choice)}
    return {"oldest_first": choice == "oldest"} if key == "sort" else {key: choice}


def _take_days(reading: Reading, narrowed: Narrowed, rest: list[Token]) -> int:
    for count in range(min(_LONGEST_RANGE, len(rest)), 0, -1):
        window = rest[:count]
        if any(token.quoted for token in window):
            continue
        days = read_days([token.text for token in window], reading.today, reading.words)
        if days is None:
            continue
        if narrowed.days is not None:
            raise reading.error("two_ranges", first=narrowed.days_typed, second=joined(window))
        narrowed.days, narrowed.days_typed = days, joined(window)
        return count
    return 0


def _take_domains(narrowed: Narrowed, rest: list[Token]) -> int:
    read = read_domains(rest[0])
    narrowed.domains |= dict.fromkeys(read)
    return 1 if read else 0


def _unknown(reading: Reading, rest: list[Token], before: Token | None) -> CommandError:
    """Return the error for a token that is neither a domain nor days nor a filter, with the nearest word."""
    refuse_mention(reading, rest[0])
    word = rest[0].text
    if reading.words.commands.get(fold(word)) == "help":
        return reading.error("word", suggestion=f"help {reading.command}", word=word)
    if key := _begun(reading, before):
        return reading.error(
            "filter_words", example=f"{reading.command} {_FILTER_EXAMPLES[key]}", filter=key, word=word
        )
    if near := _in_our_order(reading, word):
        return reading.error("word", suggestion=near, word=word)
    known = (*range_words(reading.words), *(f"{key}:" for key in sorted(reading.filters)))
    for count in range(min(3, len(rest)), 0, -1):
        window = [token.text for token in rest[:count]]
        if _days_or_none(reading, window[1:]):  # the mistake is before them
            continue
        if near := _completed(reading, window) or nearest("-".join(window), known):
            return reading.error("word", suggestion=near, word=" ".join(window))
    single = next((one for one, many in LISTS.items() if many == reading.command), None)
    is_id = single and len(word) <= LONGEST_WORD and any(map(str.isdecimal, word)) and not {".", "/"} & set(word)
    return reading.error("word", suggestion=f"{single} {word}" if is_id else None, word=word)


def refuse_mention(reading: Reading, token: Token, reason: str = "mention") -> None:
    """Raise CommandError with this reason if the token is a person, a channel or a group."""
    if isinstance(token.sole, Markup) and token.sole.kind:
        is_owner = token.sole.kind == "@" and "owner" in reading.filters
        raise reading.error(reason, suggestion=f"owner:{token.text}" if is_owner else None, word=token.text)


def _completed(reading: Reading, window: list[str]) -> str | None:
    """Suggest `last-7-days` for `7 days`, `since-monday` for `monday`, `since-2026-11-01` for `2026-11-01..`."""
    for first in (reading.words.last[0], reading.words.since[0]):
        words = [first, *(fold(word).rstrip(".") for word in window)]
        if _days_or_none(reading, words):
            return "-".join(words)
    return None


def _in_our_order(reading: Reading, word: str) -> str | None:
    """Suggest the range for a date in a different notation: `01.11.2026`, `2026/11/01`, `2026-11`, `2026`.

    Not for `11/01/2026`, which means a different day on each side of the Atlantic.
    """
    if match := _YEAR.fullmatch(word):
        year, month = match[1], int(match[2] or 0)
        names = (name for name, number in reading.words.months.items() if number == month)
        range_ = f"{next(names, '')}-{year}" if match[2] else f"{year}-01-01..{year}-12-31"
    else:
        range_ = _DAY_FIRST.sub(lambda match: f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}", word)
        range_ = _SLASHES.sub(lambda match: f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}", range_)
    return range_ if _days_or_none(reading, [range_]) else None


def _days_or_none(reading: Reading, words: list[str]) -> Days | None:
    """Return the days; None also for an impossible range."""
    try:
        return read_days(words, reading.today, reading.words)
    except CommandError:
        return None


def _begun(reading: Reading, before: Token | None) -> str | None:
    """Return the unquoted free-text filter before a token, e.g. `outcome:Next` before `step`; None if there is none."""
    key, value = (before and before.split()) or ("", None)
    key = reading.words.filters.get(fold(key), "")
    return key if key in _FREE and value is not None and isinstance(value.sole, str) else None
