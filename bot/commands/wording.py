"""Commands in the words of one language: those that people are shown as examples, suggestions and button labels."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.commands.lexicon.every import LEXICONS, WORDS
from bot.commands.lexicon.words import Words
from bot.tools.spelling import fold

Table = Mapping[str, object]

_PIECE = re.compile(r'(?:[^\s"]|"[^"]*")+')
_KEYED = re.compile(r"([^\W\d_]+):(?!//)(.*)", re.DOTALL)
_YEAR = re.compile("[0-9]{4}")
_USAGE_WORD = re.compile("[a-z]+(?=:?)")
_LONGEST_RANGE = 3
"""In pieces: `last 7 days`."""


def command_in(language: str, command: str) -> str:
    """Return a command, which is what follows `/kickscale`, with the bot's words in this language.

    Words that the language has stay as they are, and so do customers, quoted text, and whatever else isn't ours. Words
    of another language that mean nothing are left out.
    """
    words, pieces = LEXICONS[language], _PIECE.findall(command)
    name = WORDS.commands.get(fold(pieces[0])) if pieces else None
    if name is None:
        return " ".join(_arguments(pieces, words))
    first, rest = _word(pieces[0], WORDS.commands, words.commands), pieces[1:]
    match name:
        case "help" | "uploads":
            done: Sequence[str] = choices_in(language, rest, of=name)
        case "digest":
            done = [*choices_in(language, rest[:1], of=name), *_options(rest[1:], words)]
        case "follow":
            done = list(_options(rest, words))
        case "calls" | "meetings" | "stats":
            done = list(_arguments([piece for piece in rest if not _is_foreign(piece, "fillers", words)], words))
        case "search":
            done = list(_arguments(rest, words, are_searched=True))
        case _:
            done = rest
    return " ".join((first, *done))


def filter_in(language: str, key: str) -> str:
    """Return the name of a filter in this language."""
    return _word(key, WORDS.filters, LEXICONS[language].filters)


def choices_in(language: str, names: Sequence[str], *, of: str) -> list[str]:
    """Return the values of a filter, the actions of a command, or the topics of `help` in this language."""
    (known, own) = (_choices(words, of) for words in (WORDS, LEXICONS[language]))
    return [_word(name, known, own) for name in names]


def usage_in(language: str, usage: str) -> str:
    """Return how a command is written, with its words in this language; its placeholders stay as they are."""
    name, words = usage.split(" ", 1)[0], LEXICONS[language]
    known, own = (
        {**_choices(table, name), **table.filters, **table.commands, **_own_options(table, name)}
        for table in (WORDS, words)
    )
    return _USAGE_WORD.sub(lambda found: _word(found[0], known, own), usage)


def _own_options(words: Words, name: str) -> Table:
    return words.digest_options if name == "digest" else {}


def _choices(words: Words, of: str) -> Table:
    match of:
        case "help":
            return {**words.topics, **words.commands}
        case "digest":
            return words.digest
        case "uploads":
            return words.uploads
        case _:
            return words.values.get(of, {})


def _options(pieces: Sequence[str], words: Words) -> Iterator[str]:
    """Yield the customers and options of `digest add`."""
    for place, piece in enumerate(pieces):
        if _is_foreign(piece, "every", words) or _is_foreign(piece, "time_fillers", words):
            continue
        is_before_group = place + 1 < len(pieces) and fold(pieces[place + 1]) in WORDS.day_groups
        if is_before_group and _is_foreign(piece, "digest_options", words):
            continue  # `on`: “am werktags” would be no German
        tables = (
            (WORDS.digest_options, words.digest_options),
            (WORDS.day_groups, words.day_groups),
            (WORDS.weekdays, words.weekdays),
        )
        yield next((_word(piece, known, own) for known, own in tables if fold(piece) in known), _keyed(piece, words))


def _arguments(pieces: Sequence[str], words: Words, *, are_searched: bool = False) -> Iterator[str]:
    """Yield days, filters, and what else is among them; words that `are_searched` for stay as they are."""
    at = 0
    while at < len(pieces):
        ends = range(min(len(pieces), at + _LONGEST_RANGE), at, -1)
        end, days = next(
            ((end, days) for end in ends if (days := _days(" ".join(pieces[at:end]), words))), (at + 1, "")
        )
        typed = " ".join(pieces[at:end])
        if are_searched and (not days or fold(typed) in WORDS.weekdays):
            yield _keyed(typed, words)
        elif fold(typed).replace(" ", "-") == days.replace(" ", "-"):
            yield typed  # perhaps with spaces
        else:
            yield days or _argument(typed, words)
        at = end


def _argument(piece: str, words: Words) -> str:
    folded = fold(piece)
    if folded in WORDS.bare_values:
        return _word(piece, WORDS.bare_values, words.bare_values)
    return _one_of(piece, words.mine) if folded in WORDS.mine else _keyed(piece, words)


def _keyed(piece: str, words: Words) -> str:
    """Return `key:value` in the language, or a piece without a key as it is."""
    keyed = _KEYED.fullmatch(piece)
    key = WORDS.filters.get(fold(keyed[1])) if keyed else None
    if keyed is None or key is None:
        return piece
    value = _word(keyed[2], _choices(WORDS, key), _choices(words, key))
    if key == "owner" and fold(value) in WORDS.me:
        value = _one_of(value, words.me)
    return f"{_word(keyed[1], WORDS.filters, words.filters)}:{value}"


def _days(text: str, words: Words) -> str:
    """Return days that have a name, in the language; empty if they have none."""
    match re.split("[- ]", fold(text)):
        case [word] if word in WORDS.days_ago:
            return _word(text, WORDS.days_ago, words.days_ago)
        case [word] if word in WORDS.weekdays and word not in WORDS.short_weekdays:
            return _word(text, WORDS.weekdays, words.weekdays)
        case [word] if word in WORDS.months:
            return _word(text, WORDS.months, words.months)
        case [month, year] if month in WORDS.months and _YEAR.fullmatch(year):
            return f"{_word(month, WORDS.months, words.months)}{fold(text)[len(month)]}{year}"
        case [since, word] if since in WORDS.since and (day := _days(word, words)):
            return f"{_one_of(since, words.since)}-{day}"
        case [this, period] if this in WORDS.this and period in WORDS.periods:
            return words.ranges[f"this-{WORDS.periods[period]}"]
        case [last, period] if last in WORDS.last and period in WORDS.periods:
            return words.ranges[f"last-{WORDS.periods[period]}"]
        case [last, count, unit] if last in WORDS.last and count.isdecimal() and unit in WORDS.units:
            return words.ranges["last-units"].format(count=count, unit=_word(unit, WORDS.units, words.units))
        case _:
            return ""


def _is_foreign(piece: str, field: str, words: Words) -> bool:
    """Return whether only other languages have a word in this field."""
    return fold(piece) in getattr(WORDS, field) and fold(piece) not in getattr(words, field)


def _one_of(word: str, own: Sequence[str]) -> str:
    return word if fold(word) in own else own[0]


def _word(typed: str, known: Table, own: Table) -> str:
    """Return a word of the table `known` in a language: as typed if that has it, or else its first word for it."""
    folded = fold(typed)
    if folded not in known or own.get(folded) == known[folded]:
        return typed
    return next((word for word, meaning in own.items() if meaning == known[folded]), typed)
