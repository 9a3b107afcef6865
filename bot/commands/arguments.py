"""Reads customers, days and filters in any order, among words that mean nothing (`show me`, `with`)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot import domains, email_addresses
from bot.commands.atoms import atoms, date_words
from bot.commands.dates import read_days
from bot.commands.misreadings import FILTER_EXAMPLES, several_customers, unknown
from bot.commands.reading import Reading, joined
from bot.commands.tokens import Markup, Token, quote
from bot.errors import CommandError
from bot.model.commands import Days
from bot.model.conversation import Scope
from bot.tools.spelling import fold, nearest

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST_RANGE = 14
"""In tokens: `von Mo., 16. Nov. 2026 bis So., 22. Nov. 2026`."""
_LONGEST_RUN = 40
"""More words of dates one after another aren't read as days, which would take long."""
_LONGEST_NAME = 6
"""In tokens, of a customer."""
_LONGEST_DOMAIN = 3000
"""In characters: Slack's links contain whole addresses."""
_CLEAR_DATE = re.compile(r"[^\W\d_]{3}|[0-9]+[^\W\d_]|[0-9]+([./-])[0-9]+\1[0-9]+")
"""What is a date even in a search, as a single word: it has a name, counts days, or has all of a date's numbers."""


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


def days_or_default(reading: Reading, narrowed: Narrowed) -> Days:
    return narrowed.days or Days(reading.today - timedelta(days=6), reading.today)


def customers(narrowed: Narrowed) -> tuple[str, ...]:
    """Return the domains; none if `*` is among them, which covers every customer."""
    return () if "*" in narrowed.domains else tuple(narrowed.domains)


def narrow(reading: Reading, *, bare: bool = False) -> Narrowed:
    """Read all tokens. With `bare`, anything unknown is a word to search for, like quoted text."""
    return _Narrowing(reading, bare=bare).read()


class _Narrowing:
    def __init__(self, reading: Reading, *, bare: bool) -> None:
        self._reading = reading
        self._tokens = reading.trimmed
        self._bare = bare
        self._narrowed = Narrowed()
        known = date_words(reading.words)
        self._is_dated = [_is_dated(token, known) for token in self._tokens]
        """Whether each token may belong to a date: most don't, so their dates needn't be tried."""

    def read(self) -> Narrowed:
        at = 0
        while at < len(self._tokens):
            used = (
                self._quoted(at)
                or self._filter(at)
                or self._days(at)
                or self._domains(at)
                or self._owner(at)
                or self._name(at)
                or self._bare_value(at)
                or self._filler(at)
            )
            if not used and not self._bare:
                raise unknown(self._reading, self._tokens, at)
            if not used:
                self._narrowed.words.append(self._tokens[at].text)
            at += used or 1
        return self._narrowed

    def _quoted(self, at: int) -> int:
        """Quoted text: a customer if it is exactly one's name or domain, otherwise words to look for."""
        reading, token = self._reading, self._tokens[at]
        if not token.quoted:
            return 0
        if not token.text:
            raise reading.error("quote_empty")
        if not self._bare and len(found := reading.customers.exactly(token.text)) == 1:
            self._narrowed.domains[found[0]] = None
            if "words" in reading.filters:
                reading.others[reading.replace((at,), f"words:{quote(token.text)}", f"words:{token.shown}")] = None
            return 1
        for domain in () if self._bare else reading.customers.matching(token.text):
            reading.others[reading.replace((at,), domain, domains.display(domain))] = None
        self._narrowed.words.append(token.text)
        return 1

    # ---- filters -------------------------------------------------------------------------------------------------

    def _filter(self, at: int) -> int:
        reading, tokens = self._reading, self._tokens
        split = tokens[at].split()
        if split is None or fold(split[0]) == "mailto":
            return 0
        typed, value = split
        key = reading.words.filters.get(fold(typed))
        if key is None and self._bare:
            return 0
        if key is None:
            near = nearest(typed, reading.words.filters)
            instead = [f"{near}:{value.markup}"] if near and value.parts else []
            raise reading.error("filter", at=(at,), instead=instead, filter=typed)
        used = 1
        if not value.parts and at + 1 < len(tokens):  # picking a person from Slack's list may leave a space before `@`
            value, used = tokens[at + 1], 2
        self._set(key, value, range(at, at + used))
        return used

    def _set(self, key: str, value: Token, at: Sequence[int]) -> None:
        """Set a filter that was typed in the tokens at these places."""
        reading, narrowed = self._reading, self._narrowed
        if key not in reading.filters:
            raise reading.error("filter_not_here", filter=key)
        if key in narrowed.keys and key != "words":
            raise reading.error("filter_twice", filter=key)
        example = f"{reading.command} {FILTER_EXAMPLES[key]}"
        if not value.text:
            raise reading.error("filter_empty", example=example, filter=key)
        narrowed.keys.add(key)
        if key == "words":
            narrowed.words.append(value.text)
        elif key == "owner":
            narrowed.filters |= self._owner_value(value, example)
        elif key in reading.words.values:
            narrowed.filters |= self._choice(key, value, at, example)
        else:
            narrowed.filters[key] = value.text

    def _owner_value(self, value: Token, example: str) -> dict[str, str]:
        reading = self._reading
        if isinstance(value.sole, Markup) and value.sole.kind == "@" and value.sole.target:
            return {"owner_user": value.sole.target}
        if reading.asker and fold(value.text) in (*reading.words.me, *reading.words.mine):
            return {"owner_user": reading.asker}
        email = value.text.removeprefix("mailto:")
        if not _EMAIL.fullmatch(email):
            raise reading.error("owner", example=example, word=value.text)
        return {"owner_email": email_addresses.fold(email)}

    def _choice(self, key: str, value: Token, at: Sequence[int], example: str) -> dict[str, Any]:
        reading = self._reading
        allowed = reading.words.values[key]
        choice = allowed.get(fold(value.text))
        if choice is None:
            known = tuple(dict.fromkeys(allowed.values()))
            near = nearest(value.text, allowed)
            instead = [f"{key}:{allowed[near] if near else choice}" for choice in ([near] if near else known)]
            raise reading.error(
                "filter_value",
                at=at,
                instead=instead,
                example=example,
                filter=key,
                word=value.text,
                known=", ".join(known),
            )
        if key == "scope":
            return {"scope": Scope(choice)}
        return {"oldest_first": choice == "oldest"} if key == "sort" else {key: choice}

    def _owner(self, at: int) -> int:
        """`my calls`, `calls by me`, and a person without `owner:`."""
        reading, token = self._reading, self._tokens[at]
        if "owner" not in reading.filters or self._bare:
            return 0
        if isinstance(token.sole, Markup) and token.sole.kind == "@" and token.sole.target:
            if "owner" in self._narrowed.keys:
                return 0
            self._set("owner", token, (at,))
            return 1
        if not isinstance(token.sole, str) or not reading.asker:
            return 0
        word = fold(token.text)
        is_me = word in reading.words.me and at > 0 and fold(self._tokens[at - 1].text) in reading.words.by
        if word in reading.words.mine or is_me:
            self._narrowed.keys.add("owner")
            self._narrowed.filters["owner_user"] = reading.asker
            return 1
        return 0

    def _bare_value(self, at: int) -> int:
        """`inbound` without `direction:`."""
        reading, token = self._reading, self._tokens[at]
        if self._bare or not isinstance(token.sole, str):
            return 0
        key, _, value = reading.words.bare_values.get(fold(token.text), "").partition(":")
        if key not in reading.filters or key in self._narrowed.keys:
            return 0
        self._set(key, Token((value,)), (at,))
        return 1

    # ---- days ----------------------------------------------------------------------------------------------------

    def _days(self, at: int) -> int:
        reading, narrowed = self._reading, self._narrowed
        end = self._end_of_dates(at)
        for last in range(end, at, -1):
            window = self._tokens[at:last]
            if self._bare and last - at == 1 and not self._is_clear_date(window[0].text):
                continue
            if self._is_only_filler(window[-1]) or (reading.is_filler(window[0]) and last - at == 1):
                continue
            try:
                days = read_days([token.text for token in window], reading.today, reading.words)
            except CommandError as error:
                places = range(at, last)
                raise reading.misread(error, places) from None
            if days is None:
                continue
            if narrowed.days is not None:
                raise reading.error("two_ranges", first=narrowed.days_typed, second=joined(window))
            narrowed.days, narrowed.days_typed = days, joined(window)
            return last - at
        return 0

    def _end_of_dates(self, at: int) -> int:
        """Return where the tokens end that may be days from here on; there are none before something unlike days."""
        end, first = at, atoms(self._tokens[at].text) if self._is_dated[at] else None
        if not first or first[0].kind not in ("number", "word"):
            return at
        while end < len(self._tokens) and self._is_dated[end] and end - at <= _LONGEST_RUN:
            end += 1
        return at if end - at > _LONGEST_RUN else min(end, at + _LONGEST_RANGE)

    def _is_clear_date(self, text: str) -> bool:
        return _CLEAR_DATE.match(text) is not None and fold(text) not in self._reading.words.weekdays

    def _is_only_filler(self, token: Token) -> bool:
        word = fold(token.text)
        return word in self._reading.words.date_fillers

    # ---- customers -----------------------------------------------------------------------------------------------

    def _domains(self, at: int) -> int:
        reading = self._reading
        read = read_domains(self._tokens[at])
        for domain in read:
            if len(read) == 1 and reading.customers and "*" not in domain and domain not in reading.customers:
                for near in reading.customers.near(domain):
                    reading.others[reading.replace((at,), near, domains.display(near))] = None
        self._narrowed.domains |= dict.fromkeys(read)
        return 1 if read else 0

    def _name(self, at: int) -> int:
        """The longest customer name that begins here. In a search, only a whole name as long as other words remain.

        After `with` and the like, it needs no `GmbH` there.
        """
        reading = self._reading
        if not reading.customers:
            return 0
        end = at
        while end < min(len(self._tokens), at + _LONGEST_NAME) and isinstance(self._tokens[end].sole, str):
            end += 1
        for last in range(end, at, -1):
            window = self._tokens[at:last]
            if all(reading.is_filler(token) for token in window):
                continue
            text = joined(window)
            is_framed = reading.is_filler(window[0]) or reading.is_filler(window[-1])
            find = reading.customers.exactly if is_framed else reading.customers.matching
            found = self._searched_customers(at, text) if self._bare else find(text)
            if self._bare and (len(found) != 1 or not self._has_other_words(at, last)):
                continue
            if len(found) > 1:
                raise several_customers(reading, range(at, last), text, found)
            if found:
                self._narrowed.domains[found[0]] = None
                return last - at
        return 0

    def _searched_customers(self, at: int, text: str) -> list[str]:
        """Return the domains of the customers that a search means by this text, which begins here."""
        is_after_with = at > 0 and fold(self._tokens[at - 1].text) in self._reading.words.by
        customers = self._reading.customers
        return customers.called(text) if is_after_with else customers.exactly(text)

    def _has_other_words(self, first: int, last: int) -> bool:
        """Return whether a search still has words without the tokens from `first` until `last`."""
        return bool(self._narrowed.words) or any(
            token.quoted or not (self._reading.is_filler(token) or self._is_dated[place] or read_domains(token))
            for place, token in enumerate(self._tokens)
            if not first <= place < last
        )

    def _filler(self, at: int) -> int:
        """A word that means nothing; in a search only at the beginning, or before something that isn't a word."""
        token = self._tokens[at]
        if not self._reading.is_filler(token) and token.text.strip("-\u2013\u2014.!?&+"):
            word = fold(token.text)
            return 1 if word in self._reading.words.me and not self._bare else 0
        if not self._bare:
            return 1
        word, words = fold(token.text), self._reading.words
        is_before = at + 1 < len(self._tokens) and self._is_narrowing(at + 1)
        is_first = at == 0 and word in words.search_fillers and self._has_other_words(at, at + 1)
        return int(is_first or (is_before and word in (*words.by, *words.date_fillers)))

    def _is_narrowing(self, at: int) -> bool:
        token = self._tokens[at]
        if self._reading.is_filler(token):
            return False
        return bool(read_domains(token)) or self._is_dated[at] or bool(self._searched_customers(at, token.text))


def _is_dated(token: Token, known: frozenset[str]) -> bool:
    if token.quoted or any(isinstance(part, Markup) for part in token.parts):
        return False
    found = atoms(token.text)
    return found is not None and all(atom.kind != "word" or atom.text in known for atom in found)
