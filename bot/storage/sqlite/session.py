"""An SQLite connection, and what its transactions do."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.storage.sqlite.failures import failure
from bot.storage.text_index import TextIndex
from bot.storage.transaction import Row, Transaction, Values


class SqliteTransaction(Transaction):
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @property
    def text_index(self) -> TextIndex:
        from bot.storage.sqlite.text_index import SqliteTextIndex  # noqa: PLC0415 not needed at the start

        return SqliteTextIndex(self, self._connection)

    def fetch(self, sql: str, values: Values = ()) -> list[Row]:
        return list(self.iterate(sql, values))

    def iterate(self, sql: str, values: Values = ()) -> Iterator[Row]:
        cursor = self._connection.execute(sql, values)
        names = [name for name, *_ in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    @contextmanager
    def any_bytes(self) -> Iterator[None]:
        before = self._connection.text_factory
        self._connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        try:
            yield
        finally:
            self._connection.text_factory = before

    def execute(self, sql: str, values: Values = ()) -> int:
        return self._connection.execute(sql, values).rowcount

    def execute_many(self, sql: str, rows: Sequence[Values]) -> None:
        self._connection.executemany(sql, rows)


class SqliteSession:
    """Its connection is in autocommit mode."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.tx = SqliteTransaction(connection)
        self._connection = connection
        self._path = path

    def begin(self) -> None:
        # IMMEDIATE: a transaction that begins as a reader and then writes fails at once when another process wrote in
        # between, busy_timeout or not (https://www.sqlite.org/rescode.html#busy_snapshot).
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._connection.commit()

    def roll_back(self) -> None:
        self._connection.rollback()

    def is_in_transaction(self) -> bool:
        return self._connection.in_transaction

    def translate(self, exc: BaseException) -> BaseException:
        failed = failure(self._path, exc) if isinstance(exc, sqlite3.Error) else None
        if failed is None:
            return exc
        failed.__cause__ = exc
        return failed

    def close(self) -> None:
        self._connection.close()
