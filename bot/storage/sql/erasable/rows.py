"""What the erasable stores share."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar

from bot.model.erasure import Links, Plan, Removal
from bot.storage.erasable import Matcher
from bot.storage.transaction import Transaction


class ErasableRows(ABC):
    """One store within one snapshot or transaction; by default, nothing leads on from its rows, and they don't age."""

    name: ClassVar[str]
    tables: ClassVar[Sequence[str]]

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def find(self, _matcher: Matcher, _known: Links) -> Links:
        return Links()

    def find_busy(self, _known: Links) -> Links:
        return Links()

    @abstractmethod
    def plan(self, matcher: Matcher, known: Links, busy: Links) -> Plan: ...

    @abstractmethod
    def forget(self, rows: Collection[Any], removal: Removal) -> None: ...

    def forget_before(self, _moment: datetime) -> int:
        return 0


def delete(tx: Transaction, table: str, column: str, values: Collection[int | str], unless: str = "1 = 0") -> None:
    """Delete the rows whose `column` has one of these values, except those of which `unless`, in SQL, is true."""
    sql = f"delete from {table} where {column} = ? and not ({unless})"  # noqa: S608 no text from outside
    tx.execute_many(sql, [(value,) for value in values])
