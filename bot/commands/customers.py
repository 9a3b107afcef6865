"""The customers that the asker may know, by their domains and names. Nothing is read here: the caller knows them."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from bot import domains
from bot.tools.spelling import LONGEST_WORD, fold, nearest

MOST = 5
"""How many customers are suggested."""
_SHORTEST = 3
"""Characters of a word for which a similar one is looked for."""
_POSSESSIVE = re.compile("['\u2019]s$", re.IGNORECASE)
"""`acme's`"""
_APART = re.compile(r"[^\w]+")
_LEGAL_FORMS = frozenset(
    (
        *("ag", "co", "corp", "corporation", "company", "gbr", "gmbh", "inc", "incorporated", "kg", "kgaa", "limited"),
        *(
            "llc",
            "llp",
            "ltd",
            "mbh",
            "ug",
            "se",
            "plc",
            "ab",
            "aps",
            "as",
            "bv",
            "nv",
            "oy",
            "sa",
            "sarl",
            "sl",
            "spa",
        ),
        *("srl", "group", "gruppe", "holding"),
    )
)


class Known(Protocol):
    @property
    def domain(self) -> str: ...

    @property
    def names(self) -> Sequence[str]: ...


class CustomerNames:
    """Finds customers by what people type. They are suggested in the order in which they were added."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._domains: set[str] = set()
        self._exact: dict[str, list[str]] = {}
        """The domains by their folded names, and by themselves."""
        self._short: dict[str, list[str]] = {}
        """The domains by their names without legal forms, and by the domains without what follows the name."""
        self._first: dict[str, list[str]] = {}
        """The domains by the first words of their names."""
        for customer in known:
            self.add(customer)

    def add(self, customer: Known) -> None:
        """Add a customer whose domain wasn't added before."""
        domain, shown = customer.domain, _key(domains.display(customer.domain))
        self._domains.add(domain)
        _put(self._exact, _key(domain), domain)
        _put(self._exact, shown, domain)
        _put(self._short, shown.split(".")[0], domain)
        for name in customer.names:
            _put(self._exact, _key(name), domain)
            core = _core(_words(name))
            _put(self._short, " ".join(core), domain)
            for count in range(1, len(core)):
                _put(self._first, " ".join(core[:count]), domain)

    def __len__(self) -> int:
        return len(self._domains)

    def __contains__(self, domain: object) -> bool:
        return domain in self._domains

    def exactly(self, text: str) -> list[str]:
        """Return the domains of the customers with exactly this name or domain."""
        return list(self._exact.get(_key(text), ()))

    def called(self, text: str) -> list[str]:
        """Return the domains that this names, at least without `GmbH` and the like, or without what follows the dot."""
        return self.exactly(text) or list(self._short.get(" ".join(_core(_words(text))), ()))

    def matching(self, text: str) -> list[str]:
        """Return the domains that this means: by the exact name, without `GmbH` and the like, or by its first words."""
        if exact := self.exactly(text):
            return exact
        core = " ".join(_core(_words(_POSSESSIVE.sub("", text))))
        return list(dict.fromkeys([*self._short.get(core, ()), *self._first.get(core, ())]))

    def near(self, text: str) -> list[str]:
        """Return the domains of customers that are spelled similarly, or whose names contain this word."""
        key = _key(text)
        if not _SHORTEST <= len(key) <= LONGEST_WORD:
            return []
        found: dict[str, None] = {}
        for candidate in dict.fromkeys((key, key.replace(",", "."))):
            for table in (self._exact, self._short, self._first):
                if (near := nearest(candidate, table)) is not None:
                    found |= dict.fromkeys(table[near])
        inside = (
            domain for name, named in self._exact.items() if key in name and key in _words(name) for domain in named
        )
        return list(found | dict.fromkeys(inside))[:MOST]


def _put(table: dict[str, list[str]], key: str, domain: str) -> None:
    if key:
        domains_so_far = table.setdefault(key, [])
        if domains_so_far[-1:] != [domain]:  # the others are of customers that were added earlier
            domains_so_far.append(domain)


def _key(text: str) -> str:
    return " ".join(fold(text).split())


def _words(name: str) -> list[str]:
    return [word for word in _APART.split(fold(name)) if word]


def _core(words: list[str]) -> list[str]:
    """Return the words of a name without legal forms at the end; all of them if nothing else remains."""
    core = list(words)
    while core and core[-1] in _LEGAL_FORMS:
        core.pop()
    return core or words


NOBODY = CustomerNames()
