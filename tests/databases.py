"""The database of a test, whichever it runs on."""

import asyncio
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

ON_FILE = pytest.mark.skipif("config.option.database == 'postgres'", reason="it is about SQLite's file")


def on_postgres() -> bool:
    """Say what the tests run on. pytest reads that from its arguments only after it has imported this module."""
    return os.environ.get(DATABASE) == "postgres"


def database_settings(folder: Path) -> dict[str, str]:
    """Return the settings of a database for the tests in this folder."""
    return {"database_url": SHARED.of(folder)} if on_postgres() else {"database_path": str(folder / "bot.db")}


def database_environment(folder: Path) -> dict[str, str]:
    """Return the variables of a database for processes in this folder. On SQLite, the bot chooses the file itself."""
    return {"DATABASE_URL": SHARED.of(folder)} if on_postgres() else {}


def new_database_environment() -> dict[str, str]:
    """Return the variables of a database that nobody has used, nor uses afterwards."""
    return {"DATABASE_URL": SHARED.make_new()} if on_postgres() else {}


async def open_database_in(folder: Path, name: str = "bot.db") -> Database:
    """Open the database of these settings; the caller closes it."""
    return await (PostgresDatabase.open(SHARED.of(folder)) if on_postgres() else FileDatabase.open(folder / name))


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


def read_tables(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each table, without the signs of life of Procrastinate's workers."""
    names = [name for name in table_names(settings) if name != "procrastinate_workers"]
    return {name: run_sql(settings, f'select * from "{name}"') for name in names}  # noqa: S608 ours


async def read_everything(settings: Settings) -> str:
    """Return the bytes of the database's file and of those beside it; on PostgreSQL, what is in the tables."""
    if settings.database_url:
        return repr(read_tables(settings))
    path = Path(settings.database_path)
    files = sorted(path.parent.glob(f"{path.name}*"))
    assert path in files
    # Not by this process: closing what it had opened would drop the bot's own locks on the file
    # (https://www.sqlite.org/howtocorrupt.html, 2.2).
    reading = await asyncio.create_subprocess_exec("cat", *map(str, files), stdout=asyncio.subprocess.PIPE)
    out, _ = await reading.communicate()
    assert len(out) >= path.stat().st_size
    return out.decode("latin-1")


def table_names(settings: Settings) -> list[str]:
    of_postgres = "select tablename from pg_tables where schemaname = 'public' order by tablename"
    of_file = "select name from sqlite_master where type = 'table'"
    return [name for (name,) in run_sql(settings, of_postgres if settings.database_url else of_file)]
