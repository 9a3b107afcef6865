"""`/kickscale digest …`: its actions, and when and where a digest is posted."""

import re
from datetime import time
from typing import Any

from bot import domains
from bot.commands.arguments import Reading, read_domains, refuse_mention
from bot.commands.lexicon.words import Words
from bot.commands.tokens import Token
from bot.errors import CommandError
from bot.model.commands import DigestAddCommand, DigestCommand
from bot.tools.spelling import fold, nearest
from bot.tools.zone_names import is_fixed, zone_named, zone_near

_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?([^\W\d_]*)")
_ZONE_TOKENS = 3
"""In tokens: `America/Port of Spain`."""


def read_digest(reading: Reading) -> DigestAddCommand | DigestCommand:
    action, rest = reading.action(reading.words.digest, ", ".join(dict.fromkeys(reading.words.digest.values())))
    if action == "add":
        return _add(reading, rest)
    if action == "list":
        reading.nothing_more(rest, example="digest list")
        return DigestCommand(action)
    example = f"digest {action} acme.com"
    if not rest or not rest[0].text:
        raise reading.error("digest_target", example=example, action=action)
    target = read_domains(rest[0]) or [rest[0].text]
    if len(target) > 1 or " " in target[0]:
        raise reading.error("digest_target", example=example, action=action)
    reading.nothing_more(rest[1:], example=example)
    return DigestCommand(action, target[0])


def _add(reading: Reading, rest: list[Token]) -> DigestAddCommand:
    patterns: list[str] = []
    options: dict[str, str] = {}
    fields: dict[str, Any] = {}
    while rest:
        word = rest[0].text
        option = reading.words.digest_options.get(fold(word))
        if option is None and (language := _language(reading, rest[0])):
            if "language" in options:
                raise reading.error("digest_twice", word="lang:")
            options["language"] = word
            fields["language"] = language
            rest = rest[1:]
            continue
        if option is None:
            named = read_domains(rest[0])
            if not named:
                raise _unknown_option(reading, rest[0])
            patterns += named
            rest = rest[1:]
            continue
        if option in options:
            raise reading.error("digest_twice", word=word)
        options[option] = word
        name, value, used = _option(reading, option, rest)
        fields[name] = value
        rest = rest[used:]
    if not patterns:
        raise reading.error("digest_domain")
    if "live" in options and options.keys() - {"live", "language"}:
        other = next(word for option, word in options.items() if option not in ("live", "language"))
        raise reading.error("digest_live", example="digest add acme.com live", word=other)
    return DigestAddCommand(domains.distinct(patterns), **fields)


def _language(reading: Reading, token: Token) -> str:
    """Return the language in `lang:de`; empty if the token is something else. Raises CommandError."""
    split = token.split()
    if not split or reading.words.filters.get(fold(split[0])) != "language":
        return ""
    language = reading.words.languages.get(fold(split[1].text))
    if language is None:
        raise reading.error("digest_language", example="digest add acme.com lang:de", word=split[1].text)
    return language


def _option(reading: Reading, option: str, rest: list[Token]) -> tuple[str, Any, int]:
    """Return the field of DigestAddCommand, its value, and how many tokens they take."""
    if option in ("at", "on", "tz") and len(rest) == 1:
        raise reading.error("digest_value", word=rest[0].text)
    match option:
        case "at":
            return "at", *_at(reading, rest)
        case "on":
            return "days", *_on(reading, rest)
        case "tz":
            return "timezone", *_tz(reading, rest)
        case _:
            return option, True, 1


def _unknown_option(reading: Reading, token: Token) -> CommandError:
    refuse_mention(reading, token, "digest_mention")
    word, words = token.text, reading.words
    split = token.split()
    if split and fold(split[0]) in words.filters:
        return reading.error("filter_not_here", filter=fold(split[0]))
    if day_numbers(word, words):
        suggestion: str | None = f"on {word}"
    elif clock_time(word, words):
        suggestion = f"at {word}"
    elif zone := zone_named(word) or (zone_near(word) if is_fixed(word) else None):
        suggestion = f"tz {zone}"
    else:
        suggestion = nearest(word, words.digest_options)
    return reading.error("digest_word", suggestion=suggestion, word=word)


def _at(reading: Reading, rest: list[Token]) -> tuple[time, int]:
    """Return the time after `at`, and how many tokens both take."""
    value = rest[1].text
    if len(rest) > 2 and fold(rest[2].text) in reading.words.halves:
        value, used = value + rest[2].text, 3
    else:
        used = 2
    at = clock_time(value, reading.words)
    if at is None:
        raise reading.error("digest_at", word=value)
    return at, used


def clock_time(text: str, words: Words) -> time | None:
    """Return a time of day, e.g. `8:30`, `14.05`, `8`, `8:30pm`; None if it is none."""
    match = _TIME.fullmatch(fold(text))
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        if half not in words.halves or not 1 <= hour <= 12:
            return None
        hour = hour % 12 + words.halves[half]
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _on(reading: Reading, rest: list[Token]) -> tuple[tuple[int, ...], int]:
    """Return the days after `on` (none means all seven), and how many tokens they take."""
    days: set[int] = set()
    used = 1
    for token in rest[1:]:
        numbers = day_numbers(token.text, reading.words)
        if not numbers:
            break
        days |= numbers
        used += 1
    if not days:
        word = rest[1].text
        known = (*reading.words.weekdays, *reading.words.day_groups)
        near = nearest(word, known)
        raise reading.error("digest_on", suggestion=near and f"on {near}", word=word)
    return (() if len(days) == 7 else tuple(sorted(days))), used


def day_numbers(text: str, words: Words) -> set[int]:
    """Return the days in one token (`mon`, `mon,wed`, `mon-fri`, `weekdays`); none if any part isn't a day."""
    days: set[int] = set()
    for part in fold(text).split(","):
        first, _, last = part.partition("-")
        if part in words.day_groups:
            days.update(words.day_groups[part])
        elif part in words.weekdays:
            days.add(words.weekdays[part])
        elif first in words.weekdays and last in words.weekdays:
            start = words.weekdays[first]
            days.update((start + step) % 7 for step in range((words.weekdays[last] - start) % 7 + 1))
        elif part:
            return set()
    return days


def _tz(reading: Reading, rest: list[Token]) -> tuple[str, int]:
    """Return the IANA name after `tz`, and how many tokens it takes: `America/New York` is one name."""
    for used in range(min(_ZONE_TOKENS, len(rest) - 1), 0, -1):
        zone = zone_named(" ".join(token.text for token in rest[1 : 1 + used]))
        if zone:
            return zone, 1 + used
    word = rest[1].text
    zone = zone_near(word)
    reason = "digest_tz_fixed" if is_fixed(word) else "digest_tz"
    raise reading.error(reason, suggestion=zone and f"tz {zone}", word=word)
