"""Whether the rows of the audit still are what was written, each in its place, the last ones included. Pure."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.models import AuditHead, AuditKind
from bot.storage.chain import linked, read_columns

KINDS = frozenset(AuditKind)


@dataclass(frozen=True, slots=True)
class Told:
    """A head that the log told of once."""

    kind: AuditKind
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as the bot wrote it."""

    kind: str
    number: int
    what: Literal["changed", "missing", "added", "head", "told"]
    until: int
    """The last number: another than the first where several in a row are missing."""


@dataclass(frozen=True, slots=True)
class Report:
    flaws: tuple[Flaw, ...]
    heads: tuple[AuditHead, ...]
    rows: int
    beyond: tuple[Told, ...]
    """What the log told of and was removed for its age since: nothing can be said of these."""


def check(heads: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]], told: Sequence[Told] = ()) -> Report:
    """What is wrong with the rows of both tables, as they stand there; those of the audit by kind and number.

    The rows are gone through once, and not kept.
    """
    known = {str(head["kind"]): head for head in heads}
    chains = {kind: _Chain(kind, known.get(kind), told) for kind in (*AuditKind, *sorted(known.keys() - KINDS))}
    count = 0
    for kind, members in itertools.groupby(rows, key=lambda row: str(row["kind"])):
        chain = chains.setdefault(kind, _Chain(kind, None, told))
        for row in members:
            chain.take(row)
            count += 1
    for chain in chains.values():
        chain.end()
    return Report(
        flaws=tuple(flaw for chain in chains.values() for flaw in chain.flaws),
        heads=tuple(chain.head for chain in chains.values() if chain.head is not None),
        rows=count,
        beyond=tuple(each for chain in chains.values() for each in chain.beyond),
    )


class _Chain:
    """One kind's rows, taken in their order."""

    def __init__(self, kind: str, head: Mapping[str, Any] | None, told: Sequence[Told]) -> None:
        self._kind = kind
        self._told = [each for each in told if each.kind == kind]
        self.head = None if head is None or kind not in KINDS else AuditHead(**{**head, "kind": AuditKind(kind)})
        self.flaws: list[Flaw] = []
        self.beyond: list[Told] = []
        # The row before the next one; not known where there is no head to say where the chain was cut.
        self._number = self.head.cut_number if self.head else None
        self._hash = self.head.cut_hash if self.head else None
        self._hashes = {self.head.cut_number: self.head.cut_hash} if self.head else {}
        self._wanted = {each.number for each in self._told}

    def take(self, row: Mapping[str, Any]) -> None:
        number = row["number"]
        if self._kind not in KINDS or (self._number is not None and number <= self._number):
            self._flaw("added", number)
            return
        if self._number is not None and number > self._number + 1:
            self._flaw("missing", self._number + 1, number - 1)
            self._hash = None
        if self.head is not None and number > self.head.number:
            self._flaw("added", number)
        elif not _follows(row, self._hash):
            self._flaw("changed", number)
        self._number, self._hash = number, row["hash"]
        if number in self._wanted:
            self._hashes[number] = row["hash"]

    def end(self) -> None:
        head, last = self.head, self._number
        if head is None:
            self._flaw("head", 0)
        elif last is not None and last < head.number:
            self._flaw("missing", last + 1, head.number)
        elif (last, self._hash) != (head.number, head.hash) and not self._is_flawed(last):
            self._flaw("head", head.number)
        for each in self._told:
            if head is not None and each.number < head.cut_number:
                self.beyond.append(each)
            elif self._hashes.get(each.number) != each.hash:
                self._flaw("told", each.number)

    def _flaw(
        self, what: Literal["changed", "missing", "added", "head", "told"], number: int, until: int | None = None
    ) -> None:
        self.flaws.append(Flaw(self._kind, number, what, number if until is None else until))

    def _is_flawed(self, number: int | None) -> bool:
        return any(flaw.until == number for flaw in self.flaws)


def _follows(row: Mapping[str, Any], before: str | None) -> bool:
    """Whether a row is as it was written after the one with this hash; any hash where that is not known."""
    read = read_columns(row)
    return read is not None and (before is None or linked(read, before).hash == read.hash)
