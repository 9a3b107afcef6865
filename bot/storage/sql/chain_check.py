"""Checks that the rows of the audit are what the bot wrote, in their places, down to the last one. Pure."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.model.audit import AuditHead, AuditKind, LoggedHead
from bot.storage.sql.chain import linked, read_columns, traced

KINDS = frozenset(AuditKind)
NEVER = "9999-12-31"

What = Literal["changed", "missing", "added", "head", "unlogged", "cut", "young"]
"""`unlogged` is a row that differs from what the log says of it, `cut` is a cut that no row records, and `young` is a
row in the log that was cut before its age."""


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
    logged: Sequence[LoggedHead],
    removable_until: Mapping[AuditKind, str],
) -> Report:
    """Check the rows of both tables, those of the audit ordered by kind and number, and the heads that the log has.

    The rows are read once, and not kept. `removable_until` has, for each kind, the last day whose rows may have been
    removed for their age: later ones that the log mentions must still be there. Other kinds aren't checked for that.
    """
    known = {str(head["kind"]): head for head in heads}
    unrecorded = {traced(kind, head["cut_number"]): kind for kind, head in known.items() if head["cut_number"]}
    chains = {
        kind: _Chain(kind, known.get(kind), logged, removable_until)
        for kind in (*AuditKind, *sorted(known.keys() - KINDS))
    }
    count = 0
    for kind, members in itertools.groupby(rows, key=lambda row: str(row["kind"])):
        chain = chains.setdefault(kind, _Chain(kind, None, logged, removable_until))
        for row in members:
            chain.take(row)
            count += 1
            if kind == AuditKind.ERASED:
                unrecorded.pop(row["what"], None)
    for chain in chains.values():
        chain.end()
    for kind in unrecorded.values():
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
        self,
        kind: str,
        head: Mapping[str, Any] | None,
        logged: Sequence[LoggedHead],
        removable_until: Mapping[AuditKind, str],
    ) -> None:
        self._kind = kind
        self._logged = [head for head in logged if head.kind == kind]
        self._removable_until = removable_until.get(AuditKind(kind), NEVER) if kind in KINDS else NEVER
        self.head = None if head is None or kind not in KINDS else AuditHead(**{**head, "kind": AuditKind(kind)})
        self.flaws: list[Flaw] = []
        self.beyond: list[LoggedHead] = []
        # Of the row before the next one; unknown if there is no head to say where the chain was cut.
        self._number = self.head.cut_number if self.head else None
        self._hash = self.head.cut_hash if self.head else None
        self._hashes = {self.head.cut_number: self.head.cut_hash} if self.head else {}
        self._wanted = {head.number for head in self._logged}

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
        cut = {logged for logged in self._logged if head is not None and logged.number <= head.cut_number}
        young = {logged.number for logged in cut if logged.day > self._removable_until}
        if young:
            self.flaw("young", min(young), max(young))
        for logged in self._logged:
            if logged.number in young:
                continue
            if head is not None and logged.number < head.cut_number:
                self.beyond.append(logged)
            elif self._hashes.get(logged.number) != logged.hash:
                self.flaw("unlogged", logged.number)

    def flaw(self, what: What, number: int, until: int | None = None) -> None:
        self.flaws.append(Flaw(self._kind, number, what, number if until is None else until))

    def _is_flawed(self, number: int | None) -> bool:
        return any(flaw.until == number for flaw in self.flaws)


def _follows(row: Mapping[str, Any], before: str | None) -> bool:
    """Return whether a row is as it was written after the one with this hash; None if that hash is unknown."""
    read = read_columns(row)
    return read is not None and (before is None or linked(read, before).hash == read.hash)
