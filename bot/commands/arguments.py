"""Reads customers, days and filters in any order, among words that mean nothing (`show me`, `with`)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot import domains, email_addresses
from bot.commands.atoms import atoms, is_dated
from bot.commands.dates import iso, read_days
from bot.commands.misreadings import FILTER_EXAMPLES, several_customers, unknown
from bot.commands.reading import Reading, joined
from bot.commands.tokens import Markup, Token, quote
from bot.errors import CommandError
from bot.model.commands import Days
from bot.model.conversation import Scope
from bot.tools.spelling import fold, nearest

PUNCTUATION = "-\u2013\u2014.!?&+"
"""What may stand alone between words."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST_RANGE = 14
"""In tokens: `von Mo., 16. Nov. 2026 bis So., 22. Nov. 2026`."""
_LONGEST_RUN = 40
"""More words of dates one after another aren't read as days, which would take long."""
_LONGEST_NAME = 6
"""In tokens, of a customer."""
_LONGEST_DOMAIN = 3000
"""In characters: Slack's links contain whole addresses."""


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
    days_at: Sequence[int] = ()
    """The places of the tokens that say them."""
    filters: dict[str, Any] = field(default_factory=dict)
    """The fields of `Filters`."""
    keys: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)


def days_or_default(reading: Reading, narrowed: Narrowed) -> Days:
    return narrowed.days or Days(reading.today - timedelta(days=6), reading.today)


def customers(narrowed: Narrowed) -> tuple[str, ...]:
    """Return the domains; none if `*` is among them, which covers every customer."""
    return () if "*" in narrowed.domains else tuple(narrowed.domains)


class Narrowing:
    """Reads the tokens of a list or a statistic: `bot.commands.search` reads those of a search."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._tokens = reading.trimmed
        self._narrowed = Narrowed()
        self._is_dated = [is_dated(token, reading.date_words) for token in self._tokens]
        """Whether each token may belong to a date: most don't, so their dates needn't be tried."""

    def read(self) -> Narrowed:
        at = self._begin()
        while at < len(self._tokens):
            used = (
                self._quoted(at)
                or self._filter(at)
                or self._spaced_filter(at)
                or self._days(at)
                or self._domains(at)
                or self._owner(at)
                or self._name(at)
                or self._bare_value(at)
                or self._filler(at)
            )
            at += used or self._word(at)
        return self._narrowed

    def _begin(self) -> int:
        """Return the place of the first token to read."""
        return 0

    def _word(self, at: int) -> int:
        """A word that is nothing of all this."""
        raise unknown(self._reading, self._tokens, at)

    def _quoted(self, at: int) -> int:
        """Quoted text: a customer if it is exactly one's name or domain, otherwise words to look for."""
        reading, token = self._reading, self._tokens[at]
        if not token.quoted:
            return 0
        if not token.text:
            raise reading.error("quote_empty")
        if not self._quoted_customer(at):
            self._narrowed.words.append(token.text)
        return 1

    def _quoted_customer(self, at: int) -> bool:
        """Return whether quoted text is exactly a customer's name; what else it may be is another reading."""
        reading, token = self._reading, self._tokens[at]
        if len(found := reading.customers.exactly(token.text)) == 1:
            self._narrowed.domains[found[0]] = None
            if "words" in reading.filters:
                reading.offer((at,), f"words:{quote(token.text)}", f"words:{token.shown}")
            return True
        for domain in reading.customers.matching(token.text):
            reading.offer((at,), domain, domains.display(domain))
        return False

    # ---- filters -------------------------------------------------------------------------------------------------

    def _filter(self, at: int) -> int:
        reading, tokens = self._reading, self._tokens
        split = tokens[at].split()
        if split is None or fold(split[0]) == "mailto":
            return 0
        typed, value = split
        key = reading.words.filters.get(fold(typed))
        if key is None:
            return self._unknown_filter(at, typed, value)
        used = 1
        if not value.parts and at + 1 < len(tokens):  # picking a person from Slack's list may leave a space before `@`
            value, used = tokens[at + 1], 2
        self._set(key, value, range(at, at + used))
        return used

    def _unknown_filter(self, at: int, typed: str, value: Token) -> int:
        near = nearest(typed, self._reading.words.filters)
        instead = [f"{near}:{value.markup}"] if near and value.parts else []
        raise self._reading.error("filter", at=(at,), instead=instead, filter=typed)

    def _spaced_filter(self, at: int) -> int:
        """`type discovery`: the name of a filter before its value."""
        reading, tokens = self._reading, self._tokens
        key = reading.words.filters.get(fold(tokens[at].text), "") if isinstance(tokens[at].sole, str) else ""
        if key not in reading.filters or key in ("words", *self._narrowed.keys) or at + 1 == len(tokens):
            return 0
        value = tokens[at + 1]
        is_other = self._is_dated[at + 1] or reading.is_filler(value) or value.split() or read_domains(value)
        allowed = reading.words.values.get(key)
        if key == "owner" or (is_other if allowed is None else fold(value.text) not in allowed):
            return 0
        self._set(key, value, (at, at + 1))
        return 2

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
        if "owner" not in reading.filters:
            if fold(token.text) in reading.words.mine:
                raise reading.error("filter_not_here", suggestions=[reading.replace((at,), "")], filter="owner")
            return 0
        if isinstance(token.sole, Markup) and token.sole.kind == "@" and token.sole.target:
            self._set("owner", token, (at,))
            return 1
        if not isinstance(token.sole, str) or not reading.asker or not self._is_me(at):
            return 0
        self._own()
        return 1

    def _own(self) -> None:
        self._narrowed.keys.add("owner")
        self._narrowed.filters["owner_user"] = self._reading.asker

    def _is_me(self, at: int) -> bool:
        """Return whether a word means the person who asks: `mine`, `by me`, or `calls me`, but not `show me`."""
        words, word = self._reading.words, fold(self._tokens[at].text)
        before, after = (
            fold(self._tokens[place].text) if 0 <= place < len(self._tokens) else "" for place in (at - 1, at + 1)
        )
        is_apart = before in words.by or not ({before, after} & {*words.showing, *words.fillers})
        return word in words.mine or (word in words.me and is_apart)

    def _bare_value(self, at: int) -> int:
        """`inbound` without `direction:`."""
        reading, token = self._reading, self._tokens[at]
        if not isinstance(token.sole, str):
            return 0
        key, _, value = reading.words.bare_values.get(fold(token.text), "").partition(":")
        if key not in reading.filters or key in self._narrowed.keys:
            return 0
        self._set(key, Token((value,)), (at,))
        following = self._tokens[at + 1 : at + 2] if key == "sort" else []
        return 1 + any(fold(other.text) in reading.words.first for other in following)

    # ---- days ----------------------------------------------------------------------------------------------------

    def _days(self, at: int) -> int:
        reading, narrowed = self._reading, self._narrowed
        end = self._end_of_dates(at)
        for last in range(end, at, -1):
            window = self._tokens[at:last]
            if not self._may_be_date(at, window):
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
                raise self._two_ranges(narrowed.days, days, range(at, last))
            narrowed.days, narrowed.days_at = days, range(at, last)
            self._offer_customers(range(at, last))
            return last - at
        return 0

    def _two_ranges(self, first: Days, second: Days, at: range) -> CommandError:
        """Either may be meant or, if just fillers are between them, all the days from one to the other."""
        reading, tokens, before = self._reading, self._tokens, self._narrowed.days_at
        suggestions = []
        if all(reading.is_filler(token) for token in tokens[before[-1] + 1 : at[0]]):
            both = Days(min(first.first, second.first), max(first.last, second.last))
            one, other = joined(tokens[before[0] : before[-1] + 1]), joined(tokens[at[0] : at[-1] + 1])
            suggestions = [reading.replace((before[0], at[-1]), text) for text in (iso(both), one, other)]
        return reading.error(
            "two_ranges",
            suggestions=suggestions,
            first=joined(tokens[before[0] : before[-1] + 1]),
            second=joined(tokens[at[0] : at[-1] + 1]),
        )

    def _end_of_dates(self, at: int) -> int:
        """Return where the tokens end that may be days from here on; there are none before something unlike days."""
        end, first = at, atoms(self._tokens[at].text) if self._is_dated[at] else None
        if not first or first[0].kind not in ("number", "word"):
            return at
        while end < len(self._tokens) and self._is_dated[end] and end - at <= _LONGEST_RUN:
            end += 1
        return at if end - at > _LONGEST_RUN else min(end, at + _LONGEST_RANGE)

    def _may_be_date(self, _at: int, _window: Sequence[Token]) -> bool:
        """Return whether these tokens from `at` on mean days if they can."""
        return True

    def _is_only_filler(self, token: Token) -> bool:
        word = fold(token.text)
        return word in self._reading.words.date_fillers

    # ---- customers -----------------------------------------------------------------------------------------------

    def _domains(self, at: int) -> int:
        reading = self._reading
        read = read_domains(self._tokens[at])
        for domain in read:
            if len(read) == 1 and reading.customers and "*" not in domain and domain not in reading.customers:
                reading.offer_similar(at, domain)
        self._narrowed.domains |= dict.fromkeys(read)
        return 1 if read else 0

    def _offer_customers(self, at: Sequence[int]) -> None:
        """Offer the customers whose name these tokens are, although they were read as something else: 3M, Freitag."""
        text = joined(self._tokens[at[0] : at[-1] + 1])
        for domain in self._reading.customers.called(text):
            self._reading.offer(at, domain, domains.display(domain))

    def _name(self, at: int) -> int:
        """The longest customer name that begins here."""
        reading = self._reading
        if not reading.customers:
            return 0
        if several := reading.several_named(self._tokens[at]):
            self._narrowed.domains |= dict.fromkeys(several)
            return 1
        end = at
        while end < min(len(self._tokens), at + _LONGEST_NAME) and isinstance(self._tokens[end].sole, str):
            end += 1
        for last in range(end, at, -1):
            window = self._tokens[at:last]
            if all(reading.is_filler(token) for token in window):
                continue
            if found := self._named(at, last):
                self._narrowed.domains[found] = None
                return last - at
        return 0

    def _named(self, at: int, last: int) -> str:
        """Return the domain of the customer that these tokens name; empty if they don't name any."""
        reading, window = self._reading, self._tokens[at:last]
        text = joined(window)
        found = (reading.customers.exactly if reading.finds_exactly(window) else reading.customers.matching)(text)
        if len(found) > 1:
            raise several_customers(reading, range(at, last), text, found)
        return "".join(found)

    def _filler(self, at: int) -> int:
        """A word that means nothing."""
        token = self._tokens[at]
        if self._reading.is_filler(token):
            self._offer_customers((at,))
            return 1
        return int(fold(token.text) in self._reading.words.me or not token.text.strip(PUNCTUATION))
