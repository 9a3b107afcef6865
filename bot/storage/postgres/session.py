"""PostgreSQL connections, and what their transactions do."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

from psycopg import Connection, Error, OperationalError
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

from bot.errors import DatabaseCause, StorageFailed
from bot.storage.columns import without_nul
from bot.storage.text_index import TextIndex
from bot.storage.transaction import Row, Transaction, Values

Rows = Connection[DictRow]

_MARKS = re.compile(r"""'[^']*'|"[^"]*"|--[^\n]*|::|\?|:(?P<name>[a-z_]\w*)|%""")
"""What psycopg writes otherwise, and what only a per cent sign is special in: texts, quoted names and comments."""
WRITER = 5_267_041
"""The key of the lock that whoever writes holds. No other program on the database is likely to use it."""
_BATCH = 1_000
"""How many rows of a long query are in memory at a time."""
_LOCK_PATIENCE = 30
"""Seconds to wait for another bot that writes."""
_SILENCE = 20
"""Seconds after which PostgreSQL rolls back for a writer that says nothing: its machine may be gone, and all others
wait. Less than they wait for.
"""
_BECOME_WRITER = f"""
    set local lock_timeout = '{_LOCK_PATIENCE}s'; set local idle_in_transaction_session_timeout = '{_SILENCE}s';
    select pg_advisory_xact_lock({WRITER})
"""
_FLUSH = "select pg_logical_emit_message(true, 'kickscale-bot', '')"
"""A transaction that only waits until all is on disk that was committed before, by whoever.

The commit itself doesn't wait for that: all others would wait too, since the writer still has its lock then. Several
writers can wait for one flush. Nobody is told that something is written before this; another bot may see it earlier,
but what that writes comes after it on the disk.
"""
_CAUSES: dict[str, DatabaseCause] = {
    "25006": "readonly",  # a standby, or a server that a provider stopped before its disk is full
    "40P01": "busy",
    "53100": "full",
    "55P03": "busy",
    "XX001": "damaged",
    "XX002": "damaged",
}
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""
_LIMIT_EXCEEDED = "54"
"""The class of codes for what is too long or too complex: PostgreSQL itself is well."""


class PostgresTransaction(Transaction):
    def __init__(self, connection: Rows) -> None:
        self._connection = connection

    @property
    def text_index(self) -> TextIndex:
        from bot.storage.postgres.text_index import PostgresTextIndex  # noqa: PLC0415 not needed at the start

        return PostgresTextIndex(self)

    def fetch(self, sql: str, values: Values = ()) -> list[Row]:
        return self._connection.execute(_translated(sql), _storable(values)).fetchall()

    def iterate(self, sql: str, values: Values = ()) -> Iterator[Row]:
        with self._connection.cursor("rows", withhold=True) as cursor:
            cursor.itersize = _BATCH
            yield from cursor.execute(_translated(sql), _storable(values))

    def execute(self, sql: str, values: Values = ()) -> int:
        if not values:  # several statements can't be executed with values, nor with none of them
            return self._connection.execute(sql).rowcount
        return self._connection.execute(_translated(sql), _storable(values)).rowcount

    def execute_many(self, sql: str, rows: Sequence[Values]) -> None:
        if len(rows) == 1:
            self.execute(sql, rows[0])
        elif rows:
            with self._connection.cursor() as cursor:
                cursor.executemany(_translated(sql), [_storable(row) for row in rows])


@lru_cache(maxsize=1_000)
def _translated(sql: str) -> str:
    """Return a statement with psycopg's placeholders."""

    def translate(mark: re.Match[str]) -> str:
        if name := mark["name"]:
            return f"%({name})s"
        return "%s" if mark[0] == "?" else mark[0].replace("%", "%%")

    return _MARKS.sub(translate, sql)


def _storable(values: Values) -> Values:
    """Return the values without NUL, which PostgreSQL has in no text."""
    if isinstance(values, Mapping):
        return {name: without_nul(value) for name, value in values.items()}
    return [without_nul(value) for value in values]


class Writer:
    """The session of the process's one writer. It takes a connection from the pool for each transaction."""

    def __init__(self, pool: ConnectionPool[Rows], server: str) -> None:
        self._pool = pool
        self._server = server
        self._connection: Rows | None = None

    @property
    def tx(self) -> Transaction:
        return PostgresTransaction(self._open)

    @property
    def _open(self) -> Rows:
        if self._connection is None:
            raise RuntimeError("there is no transaction")
        return self._connection

    def begin(self) -> None:
        connection = self._pool.getconn()
        try:
            connection.execute("begin; set local synchronous_commit = off")  # see _FLUSH
            become_writer(connection)
        except BaseException:
            self._give_back(connection)
            raise
        self._connection = connection

    def commit(self) -> None:
        # PostgreSQL doesn't call it an error to commit after a statement that failed. It answers ROLLBACK.
        if (done := self._open.execute("commit").statusmessage) != "COMMIT":
            raise RuntimeError(f"nothing was written: PostgreSQL answered {done} to a commit")
        self._open.execute(_FLUSH)
        self._release()

    def roll_back(self) -> None:
        if self._connection is not None:
            self._release()

    def _release(self) -> None:
        connection, self._connection = self._open, None
        self._give_back(connection)

    def _give_back(self, connection: Rows) -> None:
        if connection.info.transaction_status != TransactionStatus.IDLE:
            with suppress(Error):  # the pool replaces it if it is broken, and would log a warning for a rollback
                connection.execute("rollback")
        self._pool.putconn(connection)

    def is_in_transaction(self) -> bool:
        return self._connection is not None and self._connection.info.transaction_status in (
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
        )

    def translate(self, exc: BaseException) -> BaseException:
        return translate(exc, self._server)

    def close(self) -> None:
        """Nothing is open between transactions."""


def become_writer(connection: Rows) -> None:
    """Wait until nobody else writes, and have all others wait until the transaction's end.

    The stores read before they write, as they may on SQLite, where nobody else writes in the meantime. So it is here,
    over all processes. Each statement sees what was committed before it (READ COMMITTED), and so all that the writer
    before this one wrote.
    """
    connection.execute(_BECOME_WRITER)


def translate(exc: BaseException, server: str) -> BaseException:
    """Return what an error means for the bot's admin: a StorageFailed, or the error itself for a bug of ours."""
    code = getattr(exc, "sqlstate", None) or ""
    cause = _CAUSES.get(code)
    if cause is None and isinstance(exc, OperationalError) and not code.startswith(_LIMIT_EXCEEDED):
        cause = "unreachable"
    if cause is None:
        return exc
    failed = StorageFailed(cause, server)
    failed.__cause__ = exc
    return failed
