"""Removes copied conversations, within the caller's transaction. Apart from writing them, since the bot's start needs
only this.
"""

from bot.storage.columns import json_text
from bot.storage.transaction import Transaction, Values

OF_CONVERSATIONS = {
    "mirror_domains": "conversation",
    "mirror_people": "conversation",
    "mirror_records": "conversation",
    "mirror_transcripts": "conversation",
    "mirror": "id",
}
"""The tables with rows of a conversation, and which column has its row in the mirror."""


def remove(tx: Transaction, where: str, values: Values) -> int:
    """Remove the conversations of which this is true; return how many they were."""
    ids = [row["id"] for row in tx.fetch(f"select id from mirror where {where}", values)]  # noqa: S608 ours
    for table, column in OF_CONVERSATIONS.items():
        of_these = f"{column} in (select cast(value as bigint) from json_each(?))"  # noqa: S608 no text from outside
        tx.execute(f"delete from {table} where {of_these}", [json_text(ids)])  # noqa: S608 no text from outside
    tx.text_index.remove(ids)
    return len(ids)
