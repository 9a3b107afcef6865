"""Checks that the rows of the audit are what the bot wrote, in their places, down to the last one. Pure."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.model.audit import AuditHead, AuditKind, LoggedHead
from bot.storage.sqlite.chain import linked, read_columns, traced

KINDS = frozenset(AuditKind)
NEVER = "9999-12-31"

What = Literal["changed", "missing", "added", "head", "told", "cut", "young"]
"""`cut` is a cut that no row records, `young` is a row that the log mentions and that was cut before its age."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that isn't as the bot wrote it."""

    kind: str
    number: int
    what: What
    until: int
    """The last number, which differs from the first if several rows in succession are missing."""


@dataclass(frozen=True, slots=True)
class Report:
    flaws: tuple[Flaw, ...]
    heads: tuple[AuditHead, ...]
    rows: int
    beyond: tuple[LoggedHead, ...]
    """Heads that the log mentions and that were removed since, as their age allows: they can't be checked any more."""


def check(
    heads: Iterable[Mapping[str, Any]],
    rows: Iterable[Mapping[str, Any]],
    told: Sequence[LoggedHead],
    aged: Mapping[AuditKind, str],
) -> Report:
    """Check the rows of both tables, those of the audit ordered by kind and number, and the heads that the log has.

    The rows are read once, and not kept. `aged` has, for each kind, the last day of which rows may have been removed
    for their age: later ones that the log mentions must still be there. A kind that isn't in it isn't checked for that.
    """
    known = {str(head["kind"]): head for head in heads}
    untold = {traced(kind, head["cut_number"]): kind for kind, head in known.items() if head["cut_number"]}
    chains = {kind: _Chain(kind, known.get(kind), told, aged) for kind in (*AuditKind, *sorted(known.keys() - KINDS))}
    count = 0
    for kind, members in itertools.groupby(rows, key=lambda row: str(row["kind"])):
        chain = chains.setdefault(kind, _Chain(kind, None, told, aged))
        for row in members:
            chain.take(row)
            count += 1
            if kind == AuditKind.ERASED:
                untold.pop(row["what"], None)
    for chain in chains.values():
        chain.end()
    for kind in untold.values():
        chains[kind].flaw("cut", known[kind]["cut_number"])
    return Report(
        flaws=tuple(flaw for chain in chains.values() for flaw in chain.flaws),
        heads=tuple(chain.head for chain in chains.values() if chain.head is not None),
        rows=count,
        beyond=tuple(head for chain in chains.values() for head in chain.beyond),
    )


class _Chain:
    """Checks the rows of one kind, which it is given in their order."""

    def __init__(
        self, kind: str, head: Mapping[str, Any] | None, told: Sequence[LoggedHead], aged: Mapping[AuditKind, str]
    ) -> None:
        self._kind = kind
        self._told = [logged for logged in told if logged.kind == kind]
        self._aged = aged.get(AuditKind(kind), NEVER) if kind in KINDS else NEVER
        self.head = None if head is None or kind not in KINDS else AuditHead(**{**head, "kind": AuditKind(kind)})
        self.flaws: list[Flaw] = []
        self.beyond: list[LoggedHead] = []
        # Of the row before the next one; unknown if there is no head to say where the chain was cut.
        self._number = self.head.cut_number if self.head else None
        self._hash = self.head.cut_hash if self.head else None
        self._hashes = {self.head.cut_number: self.head.cut_hash} if self.head else {}
        self._wanted = {logged.number for logged in self._told}

    def take(self, row: Mapping[str, Any]) -> None:
        number = row["number"]
        if self._kind not in KINDS or (self._number is not None and number <= self._number):
            self.flaw("added", number)
            return
        if self._number is not None and number > self._number + 1:
            self.flaw("missing", self._number + 1, number - 1)
            self._hash = None
        if self.head is not None and number > self.head.number:
            self.flaw("added", number)
        elif not _follows(row, self._hash):
            self.flaw("changed", number)
        self._number, self._hash = number, row["hash"]
        if number in self._wanted:
            self._hashes[number] = row["hash"]

    def end(self) -> None:
        head, last = self.head, self._number
        if head is None:
            self.flaw("head", 0)
        elif last is not None and last < head.number:
            self.flaw("missing", last + 1, head.number)
        elif (last, self._hash) != (head.number, head.hash) and not self._is_flawed(last):
            self.flaw("head", head.number)
        cut = {logged for logged in self._told if head is not None and logged.number <= head.cut_number}
        young = {logged.number for logged in cut if logged.day > self._aged}
        if young:
            self.flaw("young", min(young), max(young))
        for logged in self._told:
            if logged.number in young:
                continue
            if head is not None and logged.number < head.cut_number:
                self.beyond.append(logged)
            elif self._hashes.get(logged.number) != logged.hash:
                self.flaw("told", logged.number)

    def flaw(self, what: What, number: int, until: int | None = None) -> None:
        self.flaws.append(Flaw(self._kind, number, what, number if until is None else until))

    def _is_flawed(self, number: int | None) -> bool:
        return any(flaw.until == number for flaw in self.flaws)


def _follows(row: Mapping[str, Any], before: str | None) -> bool:
    """Return whether a row is as it was written after the one with this hash; None if that hash is unknown."""
    read = read_columns(row)
    return read is not None and (before is None or linked(read, before).hash == read.hash)
