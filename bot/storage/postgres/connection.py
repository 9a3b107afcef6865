"""A pool of PostgreSQL connections: many read side by side, and one at a time writes, as on SQLite."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Self, TypeVar

from psycopg import Connection as PgConnection
from psycopg import Error
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from bot.errors import ConfigError, NoDatabase
from bot.storage.postgres.schema import migrate
from bot.storage.postgres.session import PostgresTransaction, Rows, Writer, translate
from bot.storage.transaction import Transaction, Work
from bot.storage.worker import Worker, transact
from bot.tools.database_urls import describe_database

T = TypeVar("T")

CONNECTIONS = 6
"""Per process: one that writes, and the others read. A command reads for a millisecond or two."""
HAS_TABLES = "select 1 from pg_class where oid = to_regclass('schema_steps')"
PATIENCE = 10.0
"""Seconds to wait for a connection."""
OPTIONS = {
    "connect_timeout": int(PATIENCE),
    # A connection that a firewall or a failover cut without a word would be waited for many minutes.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
    # PostgreSQL refuses a prepared `select *` once a newer version of the bot has added a column.
    "prepare_threshold": None,
}
"""Of all connections of the bot."""


class PostgresConnection:
    def __init__(self, pool: ConnectionPool[Rows], threads: ThreadPoolExecutor, server: str, *, is_new: bool) -> None:
        self.is_new = is_new
        self._pool = pool
        self._threads = threads
        self._server = server
        writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database-writer")
        self._worker = Worker(Writer(pool, server), writer)
        self._is_closed = False

    @classmethod
    async def open(cls, url: str, *, create: bool = True) -> Self:
        """Connect to the database, and bring it up to date; with `create`, an empty one too.

        Raises ConfigError, with a remedy, if it can't be used.
        """
        server = describe_database(url)
        pool = ConnectionPool[Rows](
            url,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=PATIENCE,
            # By default, it waits longer and longer between its attempts, up to minutes. So it begins anew with the
            # next one who needs a connection.
            reconnect_timeout=PATIENCE,
            # Server and network may have closed it in the meantime: the check takes a round trip, and saves a failure.
            check=ConnectionPool.check_connection,
            kwargs={"autocommit": True, "row_factory": dict_row, "application_name": "kickscale-bot", **OPTIONS},
            name="kickscale-bot",
            open=False,
        )
        threads = ThreadPoolExecutor(max_workers=CONNECTIONS - 1, thread_name_prefix="database")
        try:
            is_new = await asyncio.get_running_loop().run_in_executor(threads, _prepare, pool, url, server, create)
        except BaseException:
            threads.shutdown(wait=False)
            await asyncio.to_thread(pool.close)
            raise
        return cls(pool, threads, server, is_new=is_new)

    async def check(self) -> None:
        """Return when the database can be read and written. Raises StorageFailed."""
        await self.write(_write_trial)

    async def read(self, work: Work[T]) -> T:
        return await self._run(partial(self._read, work))

    async def read_at_once(self, work: Work[T]) -> T:
        return await self._run(partial(self._read_at_once, work))

    async def write(self, work: Work[T], *, urgent: bool = False, then: Callable[[T], None] | None = None) -> T:
        """Return what `work` returns, once it is committed; if it raises, nothing is written.

        Nobody else writes in the meantime, on whichever machine. Only if the connection breaks in the very moment of
        the commit, StorageFailed leaves open whether it was written.
        """
        return await self._worker.run(work, writes=True, urgent=urgent, then=then)

    async def compacts_fast(self) -> bool:
        """Return True: nobody has to wait for it."""
        return True

    async def compact(self) -> bool:
        """Have PostgreSQL reuse the room of what was removed.

        Its bytes stay in the tables' files until they are overwritten, in the write-ahead log until that is recycled,
        and in backups: docs/privacy.md says so.
        """
        await self._run(self._vacuum)
        return True

    async def close(self) -> None:
        """Finish what was begun, and disconnect. Closing it twice does no harm."""
        if self._is_closed:
            return
        self._is_closed = True
        await self._worker.close()
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._pool.close)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._is_closed:
            raise RuntimeError("the database is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except Error as exc:
            failed = translate(exc, self._server)
            if failed is exc:
                raise
            raise failed from exc

    def _read(self, work: Work[T]) -> T:
        with self._pool.connection() as connection:
            return work(PostgresTransaction(connection))

    def _read_at_once(self, work: Work[T]) -> T:
        with self._pool.connection() as connection:
            connection.execute("begin isolation level repeatable read read only")
            try:
                return work(PostgresTransaction(connection))
            finally:
                connection.execute("rollback")

    def _vacuum(self) -> None:
        with self._pool.connection() as connection:
            connection.execute("vacuum")


def refusal(server: str, exc: Error) -> ConfigError:
    """Return why a database can't be used, in PostgreSQL's own words, which name no password."""
    # Without a connection there is only a text: a line for each attempt, and indented hints.
    lines = [line for line in str(exc).splitlines() if line and not line[0].isspace()] or [type(exc).__name__]
    reason = exc.diag.message_primary or lines[-1].rpartition(" failed: ")[2]
    return ConfigError("DATABASE_URL", f"leads to {server}, which can't be used. PostgreSQL says: {reason}")


def check_encoding(server: str, connection: PgConnection[Any]) -> None:
    """Raise ConfigError unless the database can hold any text: PostgreSQL converts nothing to SQL_ASCII, for example,
    which a server has whose locale is C.
    """
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        raise ConfigError(
            "DATABASE_URL",
            f"leads to {server}, whose encoding is {encoding}. "
            "Create the database again, with encoding 'UTF8' template template0.",
        )


def _prepare(pool: ConnectionPool[Rows], url: str, server: str, create: bool) -> bool:
    """Open the pool, and bring the database up to date; return whether it is new."""
    try:
        # Not through the pool: that tries again and again, and doesn't say why it fails.
        with Rows.connect(url, connect_timeout=int(PATIENCE), row_factory=dict_row) as connection:
            check_encoding(server, connection)
            if not create and not connection.execute(HAS_TABLES).fetchone():
                raise NoDatabase("DATABASE_URL", f"leads to {server}, where the bot hasn't been yet. Start it first.")
        pool.open(wait=True, timeout=PATIENCE)
        unknown, is_new = transact(Writer(pool, server), migrate)
    except Error as exc:
        raise refusal(server, exc) from exc
    if unknown:
        raise ConfigError(
            "DATABASE_URL",
            f"leads to {server}, which a newer version of the bot has used. Run that version, or use another database.",
        )
    return is_new


def _write_trial(tx: Transaction) -> None:
    tx.put("facts", {"name": "trial", "value": f'"{secrets.token_hex(8)}"', "written_at": ""}, key=["name"])
