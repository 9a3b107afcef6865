"""Removes copied conversations, within the caller's transaction. Apart from writing them, since the bot's start needs
only this.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.storage.sqlite.columns import json_text

if TYPE_CHECKING:
    from sqlite_utils import Database

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
    stale = db.execute("select id, word from mirror_words where word not in (select term from mirror_terms)").fetchall()
    db.conn.executemany("insert into mirror_parts (mirror_parts, rowid, word) values ('delete', ?, ?)", stale)
    db.conn.executemany("delete from mirror_words where id = ?", [(id_,) for id_, _ in stale])
    db.execute("insert into mirror_parts (mirror_parts) values ('optimize')")
