"""The database of a test, whichever it runs on."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.config.settings import Settings
from bot.storage.database import Database
from bot.storage.postgres import PostgresDatabase
from bot.storage.postgres.session import WRITER
from bot.storage.sqlite import Database as FileDatabase
from tests.postgres import DATABASE, SHARED

IS_POSTGRES = os.environ.get(DATABASE) == "postgres"
ON_FILE = pytest.mark.skipif(IS_POSTGRES, reason="it is about SQLite's file")


def database_settings(folder: Path) -> dict[str, str]:
    """Return the settings of a database for the tests in this folder."""
    return {"database_url": SHARED.of(folder)} if IS_POSTGRES else {"database_path": str(folder / "bot.db")}


async def open_database_in(folder: Path) -> Database:
    """Open the database of these settings; the caller closes it."""
    return await (PostgresDatabase.open(SHARED.of(folder)) if IS_POSTGRES else FileDatabase.open(folder / "bot.db"))


def run_sql(settings: Settings, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Execute a statement that both databases understand, beside the bot; `?` stands for each of the values."""
    if url := settings.database_url.get_secret_value():
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(sql.replace("?", "%s"), values or None)
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(settings.database_path)) as file, file:
        return file.execute(sql, values).fetchall()


@contextmanager
def nobody_writes(settings: Settings) -> Iterator[None]:
    """Hold the lock that whoever writes to the database needs."""
    if url := settings.database_url.get_secret_value():
        with psycopg.connect(url) as postgres:
            postgres.execute("select pg_advisory_xact_lock(%s)", [WRITER])
            yield
    else:
        with closing(sqlite3.connect(settings.database_path, isolation_level=None)) as sqlite:
            sqlite.execute("begin immediate")
            yield


def table_names(settings: Settings) -> list[str]:
    of_postgres = "select tablename from pg_tables where schemaname = 'public' order by tablename"
    of_file = "select name from sqlite_master where type = 'table'"
    return [name for (name,) in run_sql(settings, of_postgres if settings.database_url else of_file)]
