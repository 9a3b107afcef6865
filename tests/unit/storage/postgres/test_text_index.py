"""The list of words in which parts of words are looked for."""

from datetime import timedelta

import psycopg

from bot.storage.postgres import PostgresDatabase
from bot.storage.sql.mirror_words import WORDS
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.copies import copy


async def test_words_are_forgotten_with_the_last_conversation_that_has_them(url: str) -> None:
    """A few at a time, so that others can write in between; what another conversation has stays."""
    old, new, both = ([f"{kind}{number:04}" for number in range(WORDS)] for kind in ("old", "new", "both"))
    database = await PostgresDatabase.open(url)
    try:
        earlier = copy("c1", " ".join(old + both), starts_at=NOW - timedelta(days=9))
        await database.mirror.merge([earlier, copy("c2", " ".join(both + new))], None, NOW)
        assert await database.mirror.trim(NOW.date()) == 1
    finally:
        await database.close()
    with psycopg.connect(url) as admin:
        left = [word for (word,) in admin.execute("select word from mirror_words order by word")]
    assert left == [*both, *new]
