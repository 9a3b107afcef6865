"""What a store does within one transaction. Its SQL is what SQLite and PostgreSQL both understand."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeVar

from bot.storage.text_index import TextIndex

T = TypeVar("T")

Row = dict[str, Any]
Values = Sequence[Any] | Mapping[str, Any]
"""For the `?` of a statement, or for its `:names`. A list of values is passed as JSON: see `bot.storage.columns`."""


class Transaction(ABC):
    """Names of tables and columns are never text from outside."""

    @property
    @abstractmethod
    def text_index(self) -> TextIndex:
        """Return the index of the mirror's words."""

    @abstractmethod
    def fetch(self, sql: str, values: Values = ()) -> list[Row]:
        """Return the rows of a query."""

    @abstractmethod
    def iterate(self, sql: str, values: Values = ()) -> Iterator[Row]:
        """Yield the rows of a query, of which only some are in memory at a time."""

    @abstractmethod
    def execute(self, sql: str, values: Values = ()) -> int:
        """Return how many rows were written or removed."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Sequence[Values]) -> None:
        """Execute a statement with each of these values."""

    def any_bytes(self) -> AbstractContextManager[None]:
        """Read invalid text, which only tampering can have put there, as text that the bot can't have written."""
        return nullcontext()

    def first(self, sql: str, values: Values = ()) -> Row | None:
        """Return the first row of a query; None if there is none."""
        return next(iter(self.fetch(sql, values)), None)

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        self.execute(_insertion(table, row), row)

    def insert_many(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that all have the same columns; there must be one."""
        self.execute_many(_insertion(table, rows[0]), rows)

    def put(self, table: str, row: Mapping[str, Any], *, key: Sequence[str]) -> None:
        """Write a row in place of the one with the same key, if there is one."""
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in row if name not in key)
        self.execute(f"{_insertion(table, row)} on conflict ({_names(key)}) do update set {changes}", row)

    def update(self, table: str, changes: Mapping[str, Any], *, id: int | str) -> int:  # noqa: A002
        """Write these columns of the row with this id; return how many rows that were."""
        assignments = ", ".join(f'"{name}" = ?' for name in changes)
        return self.execute(f"update {table} set {assignments} where id = ?", [*changes.values(), id])  # noqa: S608


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _insertion(table: str, columns: Iterable[str]) -> str:
    names = tuple(columns)
    places = ", ".join(f":{name}" for name in names)
    return f"insert into {table} ({_names(names)}) values ({places})"  # noqa: S608


Work = Callable[[Transaction], T]
"""What is done within a transaction. It has fetched everything when it returns."""


class Connection(Protocol):
    """The database, as its stores use it."""

    async def read(self, work: Work[T]) -> T:
        """Return what `work` returns. If it asks several things, others may write in the meantime.

        This and all below raise StorageFailed if the database can't be used.
        """
        ...

    async def read_at_once(self, work: Work[T]) -> T:
        """The same for several queries, which all see one moment, whatever others write in the meantime."""
        ...

    async def write(self, work: Work[T], *, urgent: bool = False, then: Callable[[T], None] | None = None) -> T:
        """Return what `work` returns, once all that it wrote is there for good; if it raises, nothing is written.

        Nobody else writes in the meantime. What is `urgent` comes before what was asked for earlier: it should be
        short, and rare. `then` is called with the result too, once it is there for good, also if the caller was
        cancelled in the meantime.
        """
        ...

    async def check(self) -> None:
        """Return when it can be read and written, and will be there after a restart."""
        ...

    async def compacts_fast(self) -> bool:
        """Return whether `compact` takes no more than a second or two, in which all others have to wait."""
        ...

    async def compact(self) -> bool:
        """Leave no byte of what was removed, as far as that is in our hands; False if others are in the way."""
        ...

    async def close(self) -> None:
        """Finish what was begun. Closing it twice does no harm."""
        ...
