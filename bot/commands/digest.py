"""`/kickscale digest …`, `follow` and `unfollow`: their actions, and when and where a digest is posted."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from typing import Any

from bot import domains
from bot.commands.arguments import read_domains
from bot.commands.lexicon.words import Words
from bot.commands.misreadings import refuse_mention, several_customers
from bot.commands.reading import Reading, joined
from bot.commands.tokens import Token
from bot.errors import CommandError
from bot.model.commands import DigestAddCommand, DigestCommand
from bot.tools.spelling import fold, nearest
from bot.tools.zone_names import city_zone, is_fixed, zone_named, zone_near

_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?([^\W\d_]*)")
_CLEAR_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}.*|[0-9]{1,2}[^\W\d_]+")
"""What is a time of day even without `at`."""
_ZONE_TOKENS = 3
"""The most tokens of a time zone: `America/Port of Spain`."""
_LONGEST_NAME = 6
"""The most tokens of a customer's name."""


def read_digest(reading: Reading) -> DigestAddCommand | DigestCommand:
    if not reading.without_fillers() and not any(fold(token.text) in reading.words.digest for token in reading.tokens):
        return DigestCommand("list")
    reading = _with_action_first(reading)
    action, rest = reading.action(reading.words.digest, likely=("add", "preview"))
    if action == "add":
        return _Adding(reading, rest).read()
    if action == "list":
        reading.refuse_rest(rest, example="digest list")
        return DigestCommand(action)
    targets = _targets(reading, rest, f"digest {action}")
    if action == "preview" and len(targets) > 1:
        raise reading.error("digest_target", example="digest preview acme.com", command="digest preview")
    return DigestCommand(action, targets)


def _with_action_first(reading: Reading) -> Reading:
    """Return `d1 löschen` as `löschen d1`: in German, verbs come last."""
    tokens, actions = reading.trimmed, reading.words.digest
    named = [place for place, token in enumerate(tokens) if fold(token.text) in actions]
    first = next((token for token in tokens if not reading.is_filler(token)), None)
    if not named or first is None or named[0] <= tokens.index(first) or nearest(first.text, actions):
        return reading
    return replace(reading, tokens=[tokens[named[0]], *tokens[: named[0]], *tokens[named[0] + 1 :]])


def read_follow(reading: Reading) -> DigestAddCommand:
    command = _Adding(reading, reading.trimmed).read()
    if command != DigestAddCommand(command.domains, live=command.live, language=command.language):
        raise reading.error("digest_live", example="follow acme.com", word=joined(reading.trimmed[1:]))
    return replace(command, live=True)


def read_unfollow(reading: Reading) -> DigestCommand:
    return DigestCommand("unfollow", _targets(reading, reading.trimmed, "unfollow"))


def _targets(reading: Reading, rest: list[Token], command: str) -> tuple[str, ...]:
    """Return the domains and ids that a command with an action is about, each once."""
    example = f"{command} acme.com"
    targets: dict[str, None] = {}
    at = 0
    while at < len(rest):
        named, used = _named(reading, rest, at)
        if named:
            targets |= dict.fromkeys(named)
        elif not reading.is_filler(rest[at]) or len(rest) == 1:
            ids = rest[at].text.split(",")
            if not all(ids) or " " in rest[at].text:
                raise reading.error("digest_target", example=example, command=command)
            targets |= dict.fromkeys(ids)
            place = len(reading.trimmed) - len(rest) + at
            reading.offer_similar(place, rest[at].text)
        at += used or 1
    if not targets:
        raise reading.error("digest_target", example=example, command=command)
    return tuple(targets)


def _named(reading: Reading, rest: list[Token], at: int) -> tuple[list[str], int]:
    """Return the domains of the customer that the tokens from `at` name, and how many tokens they are."""
    read = read_domains(rest[at]) or reading.several_named(rest[at])
    if read:
        return read, 1
    if not reading.customers:
        return [], 0
    offset = len(reading.trimmed) - len(rest)
    if rest[at].quoted:
        found = reading.customers.matching(rest[at].text)
        return (found, 1) if len(found) == 1 else ([], 0)
    end = at
    while end < min(len(rest), at + _LONGEST_NAME) and isinstance(rest[end].sole, str):
        end += 1
    for last in range(end, at, -1):
        window = rest[at:last]
        if all(reading.is_filler(token) for token in window):
            continue
        find = reading.customers.exactly if reading.finds_exactly(window) else reading.customers.matching
        found = find(joined(window))
        if len(found) > 1:
            raise several_customers(reading, range(offset + at, offset + last), joined(window), found)
        if found:
            return found, last - at
    return [], 0


class _Adding:
    """Reads `digest add`: customers, time, days and zone in any order."""

    def __init__(self, reading: Reading, rest: list[Token]) -> None:
        self._reading = reading
        self._rest = rest
        self._offset = len(reading.trimmed) - len(rest)
        self._patterns: list[str] = []
        self._options: dict[str, str] = {}
        self._fields: dict[str, Any] = {}
        self._weekly: range | None = None
        """Where it says `weekly`."""

    def read(self) -> DigestAddCommand:
        at = 0
        readers: tuple[Callable[[int], int], ...] = (
            self._option,
            self._everyone,
            self._customer,
            self._bare_option,
            self._filler,
        )
        while at < len(self._rest):
            used = next((used for reader in readers if (used := reader(at))), 0)
            if not used:
                raise self._unknown(at)
            at += used
        if not self._patterns:
            raise self._reading.error("digest_domain")
        if self._weekly is not None and self._reading.command != "digest":
            word = self._reading.trimmed[self._weekly[0]].text
            raise self._reading.error("digest_live", example="follow acme.com", word=word)
        if self._weekly is not None and "days" not in self._fields:
            names = {day: name for name, day in reversed(list(self._reading.words.weekdays.items()))}
            days = [f"on {names[day]}" for day in range(5)]
            raise self._reading.error("digest_weekly", at=self._weekly, instead=days)
        if "live" in self._options and self._options.keys() - {"live", "language"}:
            other = next(word for option, word in self._options.items() if option not in ("live", "language"))
            raise self._reading.error("digest_live", example="digest add acme.com live", word=other)
        return DigestAddCommand(domains.distinct(self._patterns), **self._fields)

    def _customer(self, at: int) -> int:
        named, used = _named(self._reading, self._rest, at)
        self._patterns += named
        return used

    def _everyone(self, at: int) -> int:
        """`all customers`."""
        words, rest = self._reading.words, self._rest[at : at + 2]
        if len(rest) < 2 or fold(rest[0].text) not in words.everyone:
            return 0
        if words.commands.get(fold(rest[1].text)) != "customers":
            return 0
        self._patterns.append("*")
        return 2

    def _filler(self, at: int) -> int:
        token, words = self._rest[at], self._reading.words
        return int(self._reading.is_filler(token) or fold(token.text) in (*words.every, *words.mornings))

    # ---- options -------------------------------------------------------------------------------------------------

    def _option(self, at: int) -> int:
        token, words = self._rest[at], self._reading.words
        name = words.digest_options.get(fold(token.text)) if isinstance(token.sole, str) else None
        if name is None:
            return self._language(at) or self._every(at)
        rest = self._rest[at:]
        if name in ("empty", "live"):
            return self._set(name, name, True, token.text, 1)
        if len(rest) == 1:
            raise self._reading.error("digest_value", word=token.text)
        if name == "at":
            return self._set(name, "at", *self._at(rest))
        if name == "on":
            return self._set(name, "days", *self._on(rest, at))
        return self._set(name, "timezone", *self._tz(rest, at))

    def _set(self, option: str, field: str, value: Any, word: str, used: int) -> int:
        if option in self._options:
            raise self._reading.error("digest_twice", word=word)
        self._options[option] = word
        self._fields[field] = value
        return used

    def _language(self, at: int) -> int:
        """`lang:de`."""
        reading, split = self._reading, self._rest[at].split()
        if not split or reading.words.filters.get(fold(split[0])) != "language":
            return 0
        language = reading.words.languages.get(fold(split[1].text))
        if language is None:
            raise reading.error("digest_language", example="digest add acme.com lang:de", word=split[1].text)
        return self._set("language", "language", language, "lang:", 1)

    def _every(self, at: int) -> int:
        """`every weekday`, `weekly on Friday`, `jeden Montag`: the days may follow `on`."""
        words = self._reading.words
        word, following = (fold(self._rest[place].text) if place < len(self._rest) else "" for place in (at, at + 1))
        if word in words.weekly:
            return self._set_weekly(at, 1)
        if word not in words.every or not following:
            return 0
        if words.periods.get(following) == "week":
            return self._set_weekly(at, 2)
        if words.digest_options.get(following) == "on":
            return 1
        if not day_numbers(following, words):
            return 0
        return self._set("on", "days", *self._on(self._rest[at:], at))

    def _set_weekly(self, at: int, used: int) -> int:
        self._weekly = range(self._offset + at, self._offset + at + used)
        return used

    def _bare_option(self, at: int) -> int:
        """A value that can be nothing else, without its `on`, `at` or `tz`."""
        token, words = self._rest[at], self._reading.words
        if not isinstance(token.sole, str):
            return 0
        # `_on` and `_at` expect the word of their option first: here, the value stands in for it.
        if day_numbers(token.text, words):
            days, _, used = self._on([token, *self._rest[at:]], at)
            return self._set("on", "days", days, token.text, used - 1)
        has_unit = at + 1 < len(self._rest) and fold(self._rest[at + 1].text) in {*words.halves, *words.time_fillers}
        is_time = _CLEAR_TIME.fullmatch(token.text) or fold(token.text) in words.times or has_unit
        if is_time and clock_time(token.text, words):
            value, _, used = self._at([token, *self._rest[at:]])
            return self._set("at", "at", value, token.text, used - 1)
        if fold(token.text) in words.languages and len(token.text) > 2:
            return self._set("language", "language", words.languages[fold(token.text)], token.text, 1)
        if "/" in token.text and (zone := zone_named(token.text)):
            return self._set("tz", "timezone", zone, token.text, 1)
        return 0

    def _at(self, rest: list[Token]) -> tuple[time, str, int]:
        """Return the time after `at`, the word `at`, and how many tokens both take."""
        words = self._reading.words
        value, used = rest[1].text, 2
        while used < len(rest) and fold(rest[used].text) in {*words.halves, *words.time_fillers}:
            word = fold(rest[used].text)
            value += word if word in words.halves else ""
            used += 1
        found = clock_time(value, words)
        if found is None:
            raise self._reading.error("digest_at", word=value)
        return found, rest[0].text, used

    def _on(self, rest: list[Token], at: int) -> tuple[tuple[int, ...], str, int]:
        """Return the days after `on` (none means all seven), the word `on`, and how many tokens they take."""
        words = self._reading.words
        days: set[int] = set()
        used = 1
        while used < len(rest):
            numbers = day_numbers(rest[used].text, words)
            following = day_numbers(rest[used + 1].text, words) if days and used + 1 < len(rest) else set()
            if following and fold(rest[used].text) in words.to:
                numbers = day_numbers(f"{rest[used - 1].text}-{rest[used + 1].text}", words)
                used += 1
            elif following and self._reading.is_filler(rest[used]):
                numbers = following
                used += 1
            if not numbers:
                break
            days |= numbers
            used += 1
        if not days:
            word = rest[1].text
            near = nearest(word, (*words.weekdays, *words.plural_weekdays, *words.day_groups))
            places = range(self._offset + at, self._offset + at + 2)
            raise self._reading.error("digest_on", at=places, instead=[f"on {near}"] if near else (), word=word)
        return (() if len(days) == 7 else tuple(sorted(days))), rest[0].text, used

    def _tz(self, rest: list[Token], at: int) -> tuple[str, str, int]:
        """Return the IANA name after `tz`, the word `tz`, and how many tokens it takes: `America/New York` is one."""
        for find in (zone_named, city_zone):
            for used in range(min(_ZONE_TOKENS, len(rest) - 1), 0, -1):
                zone = find(" ".join(token.text for token in rest[1 : 1 + used]))
                if zone:
                    return zone, rest[0].text, 1 + used
        word = rest[1].text
        zone = zone_near(word)
        reason = "digest_tz_fixed" if is_fixed(word) else "digest_tz"
        places = range(self._offset + at, self._offset + at + 2)
        raise self._reading.error(reason, at=places, instead=[f"tz {zone}"] if zone else (), word=word)

    def _unknown(self, at: int) -> CommandError:
        reading, token = self._reading, self._rest[at]
        refuse_mention(reading, token, "digest_mention")
        word, words, place = token.text, reading.words, (self._offset + at,)
        split = token.split()
        if split and fold(split[0]) in words.filters:
            return reading.error("filter_not_here", filter=fold(split[0]))
        instead = []
        following = self._rest[at + 1].text if at + 1 < len(self._rest) else ""
        if clock_time(word, words) and fold(following) not in words.units:
            instead.append(f"at {word}")
        elif zone := zone_named(word) or city_zone(word) or (zone_near(word) if is_fixed(word) else None):
            instead.append(f"tz {zone}")
        elif near := nearest(word, (*words.digest_options, *words.weekdays, *words.day_groups)):
            instead.append(near)
        near_customers = [reading.replace(place, domain, domains.display(domain)) for domain in reading.similar(word)]
        return reading.error("digest_word", at=place, instead=instead, suggestions=near_customers, word=word)


def clock_time(text: str, words: Words) -> time | None:
    """Return a time of day, e.g. `8:30`, `14.05`, `8`, `8:30pm`, `17h`, `noon`; None if it is none."""
    folded = fold(text)
    if folded in words.times:
        return time(words.times[folded])
    if (number := words.numbers.get(folded, 0)) > 1:  # `an` isn't one o'clock
        return time(number)
    match = _TIME.fullmatch(folded)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half in words.time_fillers:
        half = ""
    if half:
        if half not in words.halves or not 1 <= hour <= 12:
            return None
        hour = hour % 12 + words.halves[half]
    return time(hour, minute) if hour < 24 and minute < 60 else None


def day_numbers(text: str, words: Words) -> set[int]:
    """Return the days in one token (`mon`, `mon,wed`, `mon-fri`, `weekdays`); none if any part isn't a day."""
    days: set[int] = set()
    names = {**words.weekdays, **words.plural_weekdays}
    for part in re.split("[,/+&]", fold(text)):
        first, _, last = (name.strip(".") for name in part.partition("-"))
        if part in words.day_groups:
            days.update(words.day_groups[part])
        elif part.strip(".") in names:
            days.add(names[part.strip(".")])
        elif first in names and last in names:
            start = names[first]
            days.update((start + step) % 7 for step in range((names[last] - start) % 7 + 1))
        elif part:
            return set()
    return days
