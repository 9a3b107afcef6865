"""What the erasable stores share."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from bot.model.erasure import Links, Plan, Removal
from bot.storage.erasable import Matcher
from bot.storage.sqlite.columns import json_text

if TYPE_CHECKING:
    from sqlite_utils import Database

Row = Mapping[str, Any]


class ErasableRows(ABC):
    """One store within one snapshot or transaction; by default, nothing leads on from its rows, and they don't age."""

    name: ClassVar[str]
    tables: ClassVar[Sequence[str]]

    def __init__(self, db: "Database") -> None:
        self._db = db

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


def delete(db: "Database", table: str, column: str, values: Collection[int | str], unless: str = "0") -> None:
    """Delete the rows whose `column` has one of these values, except those of which `unless`, in SQL, is true."""
    where = f"{column} in (select value from json_each(?)) and not ({unless})"  # noqa: S608 no text from outside
    db.table(table).delete_where(where, [json_text(list(values))])
