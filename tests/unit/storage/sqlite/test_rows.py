"""What only SQLite can get wrong: transactions, rows of other versions, and indexes."""

import sqlite3
from pathlib import Path

import pytest

from bot.model.commands import ShowCommand
from bot.model.conversation import Kind
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.questions import LIST, question


async def test_what_goes_wrong_half_way_leaves_nothing_behind(database: Database, path: Path) -> None:
    """A write that fails is taken back whole, and holds up no other, in this process or in the next."""
    await database.questions.add(question(LIST))
    with pytest.raises(sqlite3.IntegrityError):
        await database.questions.add(question(ShowCommand(Kind.CALL, "1")))
    other = await Database.open(path)
    await other.facts.set("a", 1, NOW)
    await other.close()
    assert await database.questions.get("q") == question(LIST)


@pytest.mark.parametrize("written", ['{"list": {}}', '{"stats": {}}', '{"show": {"kind": "mail", "id": "1"}}', "[]"])
async def test_a_question_of_another_version_is_not_there(database: Database, path: Path, written: str) -> None:
    """What cannot be read in full is not answered in part."""
    await database.questions.add(question(LIST))
    rewrite(path, "update questions set command = ?", written)
    assert await database.questions.get("q") is None


async def test_a_filter_that_is_unknown_here_does_not_widen_the_list(database: Database, path: Path) -> None:
    """A question with a filter of a newer version is not there, rather than answered without it."""
    await database.questions.add(question(LIST))
    rewrite(path, "update questions set command = json_set(command, '$.list.filters.mood', ?)", "good")
    assert await database.questions.get("q") is None


def rewrite(path: Path, sql: str, value: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(sql, [value])
    connection.close()


async def test_an_address_is_found_without_reading_every_upload(database: Database, path: Path) -> None:
    """Anybody may guess at addresses of recordings."""
    assert await database.uploads.at_address("a" * 43, NOW) is None
    with sqlite3.connect(path) as db:
        plan = db.execute(
            "explain query plan select * from uploads where address = ? and address_until > ?", ("a", "b")
        )
        assert [step for *_, step in plan] == ["SEARCH uploads USING INDEX idx_uploads_address (address=?)"]
