"""Which tables erasure knows, and how messages are linked to their uploads."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.model.messages import Posted
from bot.storage.sql.erasable import KEPT_TABLES
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW

OF_THE_VERSION_BEFORE = """
    insert into messages (key, channel, ts, kind, posted_at, by, file)
    values (?, 'C1', ?, 'upload', '2026-11-23T08:00:00.000000+00:00', '', '')
"""


async def test_each_table_is_erased_from_or_kept_for_a_reason(database: Database, path: Path) -> None:
    """A new table fails here until its store declares what it forgets, or why nothing in it is about anybody."""
    erased = await database.erasures.read(
        lambda stores: [*stores.messages.tables, *(table for store in stores.copies for table in store.tables)]
    )
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    own = {name for name in tables if not name.startswith(("_", "sqlite_"))}
    assert sorted([*erased, *KEPT_TABLES]) == sorted(own)
    assert all(KEPT_TABLES.values())


async def test_a_message_leads_to_its_upload(database: Database) -> None:
    """The link is its own, whatever the key is."""
    posted = Posted("C1", "1.5", "upload", "a key", (), NOW, upload=7, is_upload_message=True)
    await database.ledger.add(posted)
    assert await database.ledger.by_key("a key") == posted


async def test_messages_of_the_version_before_lead_to_their_uploads(path: Path) -> None:
    """It wrote the upload's id only into the key: before the upgrade, and beside this version during it."""
    await (await Database.open(path)).close()
    keys = ["upload_message:7:0", "upload_known:12:1:C1:1.5", "upload:7", "share:upload_message:7:0", "upload_x:y:0"]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("drop trigger message_links_upload")
        connection.execute("drop table message_uploads")
        connection.execute("delete from _sqlite_migrations where name = 'message_uploads'")
        connection.executemany(OF_THE_VERSION_BEFORE, [(key, f"{number}.1") for number, key in enumerate(keys)])
    database = await Database.open(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(OF_THE_VERSION_BEFORE, [(f"{key}:later", "9.1") for key in keys])
    for later in ("", ":later"):
        messages = [await database.ledger.by_key(f"{key}{later}") for key in keys]
        links = [(posted.upload, posted.is_upload_message) for posted in messages if posted is not None]
        assert links[:2] == [(7, True), (12, False)]
        assert links[3:] == [(None, False)] * 2
    await database.close()


async def test_the_version_before_may_forget_a_message_that_has_an_upload(database: Database, path: Path) -> None:
    """It knows nothing of the link, and SQLite refuses to leave one that leads nowhere."""
    await database.ledger.add(Posted("C1", "1.5", "upload", "a key", (), NOW, upload=7))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("pragma foreign_keys = on")
        connection.execute("delete from messages")
        assert connection.execute("select * from message_uploads").fetchall() == []
