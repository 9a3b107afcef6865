"""Inspects the database without changing it, for the doctor."""

from datetime import datetime
from typing import Any

from psycopg import Connection, Error

from bot.errors import ConfigError
from bot.storage.columns import read_json, read_moment
from bot.storage.postgres.connection import PATIENCE, check_encoding, refusal
from bot.tools.database_urls import describe_database


def inspect(url: str) -> str:
    """Return a description of the database's state. Blocks. Raises ConfigError if the bot can't use it."""
    try:
        with Connection.connect(url, connect_timeout=int(PATIENCE)) as connection:
            check_encoding(describe_database(url), connection)
            (read_only,) = connection.execute("show transaction_read_only").fetchone() or ("",)
            (version,) = connection.execute("show server_version").fetchone() or ("",)
            (has_tables,) = connection.execute("select to_regclass('schema_steps') is not null").fetchone() or (False,)
            (may_create,) = connection.execute(
                "select has_schema_privilege(current_schema(), 'create')"
            ).fetchone() or (False,)
    except Error as exc:
        raise refusal(describe_database(url), exc) from exc
    if read_only == "on":
        raise ConfigError(
            "DATABASE_URL",
            f"leads to {describe_database(url)}, which can only be read. Use the address of the primary server.",
        )
    if not has_tables and not may_create:
        raise ConfigError(
            "DATABASE_URL",
            f"leads to {describe_database(url)}, where its user may not create tables. Let the user own the database.",
        )
    tables = "" if has_tables else "; the first start creates the tables"
    return f"{describe_database(url)}, PostgreSQL {str(version).split()[0]}{tables}"


def read_fact(url: str, name: str) -> tuple[Any, datetime] | None:
    """Return a stored fact and when it was stored; None if there is none, or no database that can be read. Blocks."""
    try:
        with Connection.connect(url, connect_timeout=int(PATIENCE)) as connection:
            row = connection.execute("select value, written_at from facts where name = %s", [name]).fetchone()
    except Error:
        return None
    return (read_json(row[0]), read_moment(row[1])) if row else None
