"""Removes copied conversations, within the caller's transaction. Apart from writing them, since the bot's start needs
only this.
"""

from collections.abc import Sequence
from typing import Any

from bot.storage.columns import json_text
from bot.storage.transaction import Transaction

OF_CONVERSATIONS = {
    "mirror_domains": "conversation",
    "mirror_people": "conversation",
    "mirror_records": "conversation",
    "mirror_transcripts": "conversation",
    "mirror": "id",
}
"""The tables with rows of a conversation, and which column has its row in the mirror."""


def remove(tx: Transaction, where: str, values: Sequence[Any]) -> int:
    """Remove the conversations of which this is true; return how many they were."""
    rows = tx.fetch(f"select id from mirror where {where}", values)  # noqa: S608 no text from outside
    ids = json_text([row["id"] for row in rows])
    for table, column in (*OF_CONVERSATIONS.items(), ("mirror_text", "rowid")):
        tx.execute(f"delete from {table} where {column} in (select cast(value as integer) from json_each(?))", [ids])  # noqa: S608
    return len(rows)


def forget_words(tx: Transaction) -> None:
    """Leave no word of conversations that were removed: the index keeps a removed row's words until it is merged."""
    tx.execute("insert into mirror_text (mirror_text) values ('optimize')")
    stale = tx.fetch("select id, word from mirror_words where word not in (select term from mirror_terms)")
    tx.execute_many("insert into mirror_parts (mirror_parts, rowid, word) values ('delete', :id, :word)", stale)
    tx.execute_many("delete from mirror_words where id = :id", stale)
    tx.execute("insert into mirror_parts (mirror_parts) values ('optimize')")
