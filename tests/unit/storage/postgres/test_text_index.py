"""The list of words in which parts of words are looked for."""

from datetime import timedelta

import psycopg

from bot.model.conversation import Kind
from bot.model.mirror import Content, Mirrored
from bot.storage.postgres import PostgresDatabase
from bot.storage.sql.mirror_words import WORDS
from tests.clock import MONDAY_MORNING as NOW


def call(id_: str, words: list[str], days_ago: int) -> Mirrored:
    return Mirrored(
        kind=Kind.CALL,
        id=id_,
        starts_at=NOW - timedelta(days=days_ago),
        is_internal=False,
        domains=("acme.com",),
        owner="rep@example.com",
        people=frozenset(),
        content=Content(summary=" ".join(words)),
        record={"id": id_},
        version="1",
    )


async def test_words_are_forgotten_with_the_last_conversation_that_has_them(url: str) -> None:
    """A few at a time, so that others can write in between; what another conversation has stays."""
    old, new, both = ([f"{kind}{number:04}" for number in range(WORDS)] for kind in ("old", "new", "both"))
    database = await PostgresDatabase.open(url)
    try:
        await database.mirror.merge([call("c1", old + both, 9), call("c2", both + new, 0)], None, NOW)
        assert await database.mirror.trim(NOW.date()) == 1
    finally:
        await database.close()
    with psycopg.connect(url) as admin:
        left = [word for (word,) in admin.execute("select word from mirror_words order by word")]
    assert left == [*both, *new]
