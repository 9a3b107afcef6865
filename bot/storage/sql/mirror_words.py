"""The list of the mirror's words, in which parts of words are looked for: forgets those of removed conversations.

To find out which words no conversation has takes longer the more conversations there are. So they are looked for in
reads, and a short write checks those again that were found, and removes them. Others write in between.
"""

from functools import partial

from bot.storage.transaction import Connection, Row, Transaction

WORDS = 500
"""How many words are looked at in one go."""


async def forget_words(connection: Connection) -> None:
    """Leave no word of conversations that were removed."""
    is_first = True
    while await connection.write(partial(_merge, is_first=is_first)):
        is_first = False
    after = 0
    while words := await connection.read(partial(_words_after, after=after)):
        if unused := await connection.read(partial(_unused, words=words)):
            await connection.write(partial(_remove_unused, words=unused))
        after = words[-1]["id"]
    await connection.write(_merge_words)


def _merge(tx: Transaction, *, is_first: bool) -> bool:
    return tx.text_index.merge(is_first=is_first)


def _words_after(tx: Transaction, *, after: int) -> list[Row]:
    return tx.fetch("select id, word from mirror_words where id > ? order by id limit ?", [after, WORDS])


def _unused(tx: Transaction, *, words: list[Row]) -> list[Row]:
    return tx.text_index.unused(words)


def _remove_unused(tx: Transaction, *, words: list[Row]) -> None:
    """Remove those of these words that no conversation has: one may have been copied in the meantime."""
    if unused := tx.text_index.unused(words):
        tx.text_index.remove_words(unused)


def _merge_words(tx: Transaction) -> None:
    tx.text_index.merge_words()
