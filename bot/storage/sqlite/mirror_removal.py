"""Removes copied conversations, within the caller's transaction. Apart from writing them, since the bot's start needs
only this.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.storage.sqlite.columns import json_text

if TYPE_CHECKING:
    from sqlite_utils import Database

FIRST_MERGE, NEXT_MERGE = -500, 500
"""Pages of the index that are merged in one go: it takes some hundredths of a second."""
WORDS = 2_000

OF_CONVERSATIONS = {
    "mirror_domains": "conversation",
    "mirror_people": "conversation",
    "mirror_records": "conversation",
    "mirror_transcripts": "conversation",
    "mirror": "id",
}
"""The tables with rows of a conversation, and which column has its row in the mirror."""


def remove(db: "Database", where: str, values: Sequence[Any]) -> int:
    """Remove the conversations of which this is true; return how many they were."""
    rows = list(db.table("mirror").rows_where(where, list(values), select="id"))
    ids = json_text([row["id"] for row in rows])
    for table, column in (*OF_CONVERSATIONS.items(), ("mirror_text", "rowid")):
        db.execute(f"delete from {table} where {column} in (select value from json_each(?))", [ids])  # noqa: S608
    return len(rows)


def forget_words(db: "Database") -> None:
    """Leave no word of conversations that were removed: the index keeps a removed row's words until it is merged."""
    db.execute("insert into mirror_text (mirror_text) values ('optimize')")
    after = 0
    while (last := forget_some_words(db, after)) is not None:
        after = last


def merge_index(db: "Database", pages: int) -> bool:
    """Merge so many pages of the index; return whether there is more (https://sqlite.org/fts5.html#the_merge_command).

    A negative number begins to merge all of it, and positive ones go on with that.
    """
    before = db.conn.total_changes
    db.execute("insert into mirror_text (mirror_text, rank) values ('merge', ?)", [pages])
    return db.conn.total_changes - before >= 2


def forget_some_words(db: "Database", after: int) -> int | None:
    """Forget some words, after this id, that the index has no more; return the last one's id, None after all."""
    words = db.execute("select id, word from mirror_words where id > ? order by id limit ?", [after, WORDS]).fetchall()
    if not words:
        db.execute("insert into mirror_parts (mirror_parts) values ('optimize')")
        return None
    kept = "select 1 from mirror_text where mirror_text match ? limit 1"
    stale = [(id_, word) for id_, word in words if not db.execute(kept, [f'"{word}"']).fetchone()]
    db.conn.executemany("insert into mirror_parts (mirror_parts, rowid, word) values ('delete', ?, ?)", stale)
    db.conn.executemany("delete from mirror_words where id = ?", [(id_,) for id_, _ in stale])
    return int(words[-1][0])
