"""Reads a search: whatever isn't a customer, a date or a filter is a word to look for, and so is quoted text."""

import re
from collections.abc import Sequence
from functools import cached_property

from bot.commands.arguments import PUNCTUATION, Narrowed, Narrowing, read_domains
from bot.commands.reading import LISTS, joined
from bot.commands.tokens import Markup, Token
from bot.tools.spelling import fold
from bot.tools.words import words_of

MOST_WORDS = 30
"""All of them have to be in a conversation, and each takes the database longer."""
_CLEAR_DATE = re.compile(r"[^\W\d_]{3}|[0-9]+[^\W\d_]|[0-9]+([./-])[0-9]+\1[0-9]+")
"""What is a date even in a search, as a single word: it has a name, counts days, or has all of a date's numbers."""


class Searching(Narrowing):
    def read(self) -> Narrowed:
        """Return what is looked for, each word or phrase once. A domain may turn out to be words, too."""
        narrowed = super().read()
        distinct: dict[tuple[str, ...], str] = {}
        for word in narrowed.words:
            distinct.setdefault(tuple(words_of(word)), word)
        narrowed.words = [*distinct.values()]
        if sum(len(words_of(text)) for text in (*narrowed.words, *narrowed.domains)) > MOST_WORDS:
            raise self._reading.error("search_long", limit=str(MOST_WORDS))
        return narrowed

    def _begin(self) -> int:
        """Return where the words of a search begin: after `me`, and after `my calls for`, if any words remain there."""
        words, end = self._reading.words, 0
        for at, token in enumerate(self._tokens):
            word = fold(token.text) if isinstance(token.sole, str) else ""
            is_name = words.commands.get(word) in LISTS.values()
            if not is_name and word not in (*words.fillers, *words.me, *words.mine):
                break
            if word in words.search_fillers or (at == end and word in words.me):
                end = at + 1
        if not end or not self._has_other_words(0, end):
            return 0
        if self._reading.asker and any(fold(token.text) in words.mine for token in self._tokens[:end]):
            self._own()
        return end

    def _word(self, at: int) -> int:
        self._narrowed.words.append(self._tokens[at].text)
        return 1

    def _quoted_customer(self, _at: int) -> bool:
        return False

    def _unknown_filter(self, _at: int, _typed: str, _value: Token) -> int:
        return 0

    def _spaced_filter(self, _at: int) -> int:
        return 0

    def _bare_value(self, _at: int) -> int:
        return 0

    def _is_me(self, at: int) -> bool:
        """Return whether this is the asker, as in `von mir`. Without `von`, it is a word to look for."""
        words = self._reading.words
        is_after_by = at > 0 and fold(self._tokens[at - 1].text) in words.authors
        return is_after_by and fold(self._tokens[at].text) in words.me

    def _may_be_date(self, at: int, window: Sequence[Token]) -> bool:
        """Return whether this may be a date: not a single weekday or number, and not `nach Mai` in `suche nach Mai`."""
        text, words = window[0].text, self._reading.words
        if len(window) > 1:
            return at > 0 or fold(text) not in words.search_fillers
        return _CLEAR_DATE.match(text) is not None and fold(text) not in words.weekdays

    def _named(self, at: int, last: int) -> str:
        """Return the customer with exactly this name, if other words remain. After `with`, `GmbH` may be missing."""
        found = self._customers(at, joined(self._tokens[at:last]))
        return found[0] if len(found) == 1 and self._has_other_words(at, last) else ""

    def _customers(self, at: int, text: str) -> list[str]:
        """Return the domains of the customers that a search means by this text, which begins here."""
        is_after_with = at > 0 and fold(self._tokens[at - 1].text) in self._reading.words.by
        customers = self._reading.customers
        return customers.called(text) if is_after_with else customers.exactly(text)

    def _has_other_words(self, first: int, last: int) -> bool:
        """Return whether words to look for remain without the tokens from `first` until `last`."""
        return bool(self._narrowed.words) or self._count > sum(self._are_words[first:last])

    @cached_property
    def _are_words(self) -> list[bool]:
        return [
            token.quoted or not (self._reading.is_filler(token) or is_dated or read_domains(token))
            for token, is_dated in zip(self._tokens, self._is_dated, strict=True)
        ]

    @cached_property
    def _count(self) -> int:
        return sum(self._are_words)

    def _filler(self, at: int) -> int:
        """Skip a word like `and` between other words, and one like `from` before a customer or a date."""
        token = self._tokens[at]
        if not self._reading.is_filler(token):
            return int(not token.text.strip(PUNCTUATION))
        word, words = fold(token.text), self._reading.words
        if word in words.joining and self._has_other_words(at, at + 1):
            return 1
        is_before = at + 1 < len(self._tokens) and self._is_narrowing(at + 1)
        return int(is_before and word in (*words.by, *words.date_fillers))

    def _is_narrowing(self, at: int) -> bool:
        token = self._tokens[at]
        if (isinstance(token.sole, Markup) and token.sole.kind == "@") or self._is_me(at):
            return True
        if self._reading.is_filler(token):
            return False
        return bool(read_domains(token)) or self._is_dated[at] or bool(self._customers(at, token.text))
