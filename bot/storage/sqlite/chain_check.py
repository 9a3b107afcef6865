"""Whether the rows of the audit still are what was written, each in its place, the last ones included. Pure."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.model.audit import AuditHead, AuditKind, LoggedHead
from bot.storage.sqlite.chain import linked, read_columns, traced

KINDS = frozenset(AuditKind)
NEVER = "9999-12-31"

What = Literal["changed", "missing", "added", "head", "told", "cut", "young"]
"""`cut` is one that no row tells of, `young` what the log told of and was cut before its age."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as the bot wrote it."""

    kind: str
    number: int
    what: What
    until: int
    """The last number: another than the first where several in a row are missing."""


@dataclass(frozen=True, slots=True)
class Report:
    flaws: tuple[Flaw, ...]
    heads: tuple[AuditHead, ...]
    rows: int
    beyond: tuple[LoggedHead, ...]
    """What the log told of and was removed since, as its age allows: nothing more can be said of these."""


def check(
    heads: Iterable[Mapping[str, Any]],
    rows: Iterable[Mapping[str, Any]],
    told: Sequence[LoggedHead],
    aged: Mapping[AuditKind, str],
) -> Report:
    """What is wrong with the rows of both tables, as they stand there; those of the audit by kind and number.

    The rows are gone through once, and not kept. `aged` has the last day of which rows of a kind may have been removed
    for their age: what was told of a later one has to be there still. Nothing is said of a kind that is not in it.
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
        beyond=tuple(each for chain in chains.values() for each in chain.beyond),
    )


class _Chain:
    """One kind's rows, taken in their order."""

    def __init__(
        self, kind: str, head: Mapping[str, Any] | None, told: Sequence[LoggedHead], aged: Mapping[AuditKind, str]
    ) -> None:
        self._kind = kind
        self._told = [each for each in told if each.kind == kind]
        self._aged = aged.get(AuditKind(kind), NEVER) if kind in KINDS else NEVER
        self.head = None if head is None or kind not in KINDS else AuditHead(**{**head, "kind": AuditKind(kind)})
        self.flaws: list[Flaw] = []
        self.beyond: list[LoggedHead] = []
        # The row before the next one; not known where there is no head to say where the chain was cut.
        self._number = self.head.cut_number if self.head else None
        self._hash = self.head.cut_hash if self.head else None
        self._hashes = {self.head.cut_number: self.head.cut_hash} if self.head else {}
        self._wanted = {each.number for each in self._told}

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
        cut = {each for each in self._told if head is not None and each.number <= head.cut_number}
        young = {each.number for each in cut if each.day > self._aged}
        if young:
            self.flaw("young", min(young), max(young))
        for each in self._told:
            if each.number in young:
                continue
            if head is not None and each.number < head.cut_number:
                self.beyond.append(each)
            elif self._hashes.get(each.number) != each.hash:
                self.flaw("told", each.number)

    def flaw(self, what: What, number: int, until: int | None = None) -> None:
        self.flaws.append(Flaw(self._kind, number, what, number if until is None else until))

    def _is_flawed(self, number: int | None) -> bool:
        return any(flaw.until == number for flaw in self.flaws)


def _follows(row: Mapping[str, Any], before: str | None) -> bool:
    """Whether a row is as it was written after the one with this hash; any hash where that is not known."""
    read = read_columns(row)
    return read is not None and (before is None or linked(read, before).hash == read.hash)
