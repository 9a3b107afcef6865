"""An empty database, to be filled in one transaction. Blocks: it is for the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Error
from psycopg.rows import dict_row

from bot.errors import ConfigError
from bot.storage.copying import INDEX, TABLES, Altered, is_unused
from bot.storage.postgres.connection import PATIENCE
from bot.storage.postgres.session import PostgresTransaction, Rows, become_writer, translate
from bot.storage.transaction import Transaction
from bot.tools.database_urls import describe_database

IDENTITIES = """
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = current_schema() and is_identity = 'YES'
"""


@contextmanager
def fill(url: str) -> Iterator[Transaction]:
    """Yield a transaction on a database that has the bot's tables, all empty, and commit it at the end.

    If it ends otherwise, the database is as it was. Raises ConfigError if it has data that isn't an earlier copy, or
    changes what is written to it, and StorageFailed.
    """
    server = describe_database(url)
    try:
        with Rows.connect(url, connect_timeout=int(PATIENCE), row_factory=dict_row) as connection:
            become_writer(connection)
            tx = PostgresTransaction(connection)
            if not is_unused(tx):
                raise ConfigError(
                    server, "has data that this copy would replace: a bot has used it. Use an empty database."
                )
            _empty(tx)
            yield tx
            _continue_numbers(tx)
    except Error as exc:
        raise translate(exc, server) from exc
    except Altered as exc:
        raise ConfigError(server, f"has other rows in {exc} than were written. Nothing was copied.") from exc


def _empty(tx: Transaction) -> None:
    # Unlike `delete`, it doesn't ask the audit's triggers.
    tx.execute(f"truncate {', '.join([*TABLES, INDEX, 'mirror_words'])} restart identity")


def _continue_numbers(tx: Transaction) -> None:
    """Have the next row of each table get a number that none of its rows has."""
    for row in tx.fetch(IDENTITIES):
        table, column = row["table"], row["column"]
        if table in TABLES:
            tx.fetch(
                f"select setval(pg_get_serial_sequence('{table}', '{column}'), "  # noqa: S608 no text from outside
                f"(select coalesce(max({column}), 0) + 1 from {table}), false)"
            )
