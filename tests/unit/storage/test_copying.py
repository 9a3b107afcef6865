"""Which tables are copied from one database to another."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

from bot.storage.copying import INDEX, PASSING, TABLES
from bot.storage.postgres import PostgresDatabase
from bot.storage.sqlite import Database
from tests.postgres import SHARED

OF_THE_INDEX = (INDEX, "mirror_words", "mirror_parts")


async def test_both_databases_have_the_same_tables_with_the_same_keys(tmp_path: Path) -> None:
    """A new table fails here until it is copied too."""
    await (await Database.open(tmp_path / "bot.db")).close()
    await (await PostgresDatabase.open(url := SHARED.of(tmp_path))).close()
    with closing(sqlite3.connect(tmp_path / "bot.db")) as ours, psycopg.connect(url) as theirs:
        tables = [name for (name,) in ours.execute("select name from sqlite_schema where type = 'table'")]
        own = [name for name in tables if not name.startswith(("_", "sqlite_", *OF_THE_INDEX, *PASSING))]
        assert sorted(own) == sorted(TABLES)
        for table, key in TABLES.items():
            columns = ours.execute("select name, pk from pragma_table_info(?)", [table]).fetchall()
            assert [name for name, place in sorted(columns, key=lambda column: column[1]) if place] == list(key)
            copied = theirs.execute("select column_name from information_schema.columns where table_name = %s", [table])
            assert {name for (name,) in copied} - {"rowid"} == {name for name, _ in columns}
