"""What may be meant by words that weren't understood. Every suggestion is a whole command, and has to be parsed yet."""

import re
from collections.abc import Sequence

from bot import domains
from bot.commands.atoms import date_words, is_dated
from bot.commands.dates import range_words, read_days
from bot.commands.reading import LISTS, MOST_OTHERS, Reading
from bot.commands.tokens import Markup, Quoted, Token
from bot.errors import CommandError, Suggestion
from bot.model.commands import Days
from bot.tools.spelling import LONGEST_WORD, fold, nearest

FILTER_EXAMPLES = {
    "owner": "owner:@rep",
    "scope": "scope:all",
    "type": 'type:"Discovery"',
    "language": "language:de",
    "direction": "direction:inbound",
    "outcome": 'outcome:"Next step agreed"',
    "sort": "sort:oldest",
    "words": 'words:"renewal price"',
}
_FREE = ("type", "outcome")
"""The filters whose value may have several words."""
_ID = re.compile(r"(?=.*[0-9])[A-Za-z0-9_-]{4,}")
_MOST_WORDS = 3
"""In tokens, of a misspelled range."""


def unknown(reading: Reading, tokens: Sequence[Token], at: int) -> CommandError:
    """Return the error for a token that is neither a customer nor days nor a filter, with what may be meant."""
    token = tokens[at]
    refuse_mention(reading, token)
    word = token.text
    if reading.words.commands.get(fold(word)) == "help":
        help_ = Suggestion(f"help {reading.command}", f"help {reading.command}")
        return reading.error("word", suggestions=[help_], word=word)
    if key := _begun(reading, tokens[at - 1] if at else None):
        example = f"{reading.command} {FILTER_EXAMPLES[key]}"
        return reading.error("filter_words", example=example, filter=key, word=word)
    if bare := reading.words.bare_values.get(fold(word)):
        key = bare.partition(":")[0]
        without = [reading.replace((at,), "")]
        raise reading.error(
            "filter_twice" if key in reading.filters else "filter_not_here", suggestions=without, filter=key
        )
    if value := _named_filter(reading, word):
        return reading.error("word", at=(at,), instead=value, word=word)
    if fold(word) in reading.words.periods:
        period = reading.words.periods[fold(word)]
        choices = [f"{which}-{period}" for which in (reading.words.this[0], reading.words.last[0])]
        return reading.error("word", at=(at,), instead=choices, word=word)
    for count in range(min(_MOST_WORDS, len(tokens) - at), 0, -1):
        window = [part.text for part in tokens[at : at + count]]
        if count > 1 and _days_or_none(reading, window[1:]):  # the mistake is before them
            continue
        if fold(word) in reading.date_words and reading.is_filler(tokens[at + count - 1]):  # it isn't misspelled
            continue
        known = (*range_words(reading.words), *reading.words.bare_values)
        if near := nearest("-".join(window), known):
            return reading.error("word", at=range(at, at + count), instead=[near], word=" ".join(window))
    return _unknown_customer(reading, tokens, at)


def _unknown_customer(reading: Reading, tokens: Sequence[Token], at: int) -> CommandError:
    word = tokens[at].text
    near = [reading.replace((at,), domain, domains.display(domain)) for domain in reading.similar(word)]
    single = next((one for one, many in LISTS.items() if many == reading.command), None)
    if single and looks_like_id(word) and not near:
        return reading.error("word", suggestions=[_plain(f"{single} {word}")], word=word)
    searches = [_search_for(searchable)] if (searchable := _searchable(reading, tokens[at:])) else []
    return reading.error("word", suggestions=[*near, *searches], word=word)


def _searchable(reading: Reading, tokens: Sequence[Token]) -> list[str]:
    """Return the words with which these tokens begin, up to one that belongs to the command."""
    words, found = reading.words, []
    dates = date_words(words)
    ours = {*words.commands, *words.filters, *words.topics, *words.mine, *words.me, *words.bare_values, *dates}
    for token in tokens:
        is_plain = isinstance(token.sole, str) and token.split() is None and not reading.is_filler(token)
        # Just numbers and signs say nothing.
        if not is_plain or sum(map(str.isalpha, token.text)) < 2 or fold(token.text) in ours or is_dated(token, dates):
            break
        found.append(token.text)
    return found


def several_customers(reading: Reading, at: Sequence[int], typed: str, found: Sequence[str]) -> CommandError:
    suggestions = [reading.replace(at, domain, domains.display(domain)) for domain in found[:MOST_OTHERS]]
    return reading.error("customers", suggestions=suggestions, word=typed)


def looks_like_id(word: str) -> bool:
    return len(word) <= LONGEST_WORD and _ID.fullmatch(word) is not None


def _search_for(words: Sequence[str]) -> Suggestion:
    """Return the search for words, each in quotes if it could be read as something else."""
    tokens = [Token((word if word.isalpha() else Quoted(word),)) for word in words]
    return Suggestion(
        " ".join(("search", *(token.markup for token in tokens))),
        " ".join(("search", *(token.shown for token in tokens))),
    )


def refuse_mention(reading: Reading, token: Token, reason: str = "mention") -> None:
    """Raise CommandError with this reason if the token is a person, a channel or a group."""
    if isinstance(token.sole, Markup) and token.sole.kind:
        raise reading.error(reason, word=token.text)


def _plain(text: str) -> Suggestion:
    return Suggestion(text, text)


def _named_filter(reading: Reading, word: str) -> list[str]:
    """Return the values of a filter that was named without one: `scope`, `direction`; and `scope:all` for `all`."""
    key = reading.words.filters.get(fold(word), "")
    if key in reading.filters and key in reading.words.values:
        return [f"{key}:{value}" for value in dict.fromkeys(reading.words.values[key].values())]
    if key == "owner" and key in reading.filters:
        return [f"{key}:{reading.words.me[0]}"]
    return []


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
