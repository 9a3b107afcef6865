"""What is kept: questions, the ledger, leases, facts."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.commands import Days, Filters, ListCommand, ShowCommand
from bot.model.conversation import Kind, Scope
from bot.model.messages import Posted
from bot.model.questions import Question
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW

LIST = ListCommand(
    kind=Kind.CALL,
    days=Days(date(2026, 11, 16), date(2026, 11, 22)),
    domains=("acme.com", "*.example.com"),
    filters=Filters(
        owner_user="U1",
        scope=Scope.ALL,
        type="Discovery",
        language="de",
        direction="inbound",
        outcome="won",
        words=("price", "“quoted”"),
        oldest_first=True,
    ),
)
POSTED = Posted(
    channel="C1", ts="1.5", kind="share", key="share:q:0:C1", conversations=("m2", "m1"), posted_at=NOW, by="U1"
)
SECOND = timedelta(seconds=1)


def question(command: ListCommand | ShowCommand, id_: str = "q") -> Question:
    return Question(id=id_, command=command, timezone="Europe/Berlin", user="U1", channel="C1", asked_at=NOW)


@pytest.mark.parametrize("command", [LIST, ListCommand(Kind.MEETING, LIST.days), ShowCommand(Kind.CALL, "Ab/1")])
async def test_a_question_comes_back_as_it_was_asked(database: Database, command: ListCommand | ShowCommand) -> None:
    """A button pressed next week is of the list that was asked for."""
    await database.questions.add(question(command))
    assert await database.questions.get("q") == question(command)


async def test_what_goes_wrong_half_way_leaves_nothing_behind(database: Database, path: Path) -> None:
    """A write that fails is taken back whole, and holds up no other, in this process or in the next."""
    await database.questions.add(question(LIST))
    with pytest.raises(sqlite3.IntegrityError):
        await database.questions.add(question(ShowCommand(Kind.CALL, "1")))
    other = await Database.open(path)
    await other.facts.set("a", 1, NOW)
    await other.close()
    assert await database.questions.get("q") == question(LIST)


async def test_a_question_that_nobody_asked_is_not_there(database: Database) -> None:
    """An id from elsewhere finds nothing."""
    assert await database.questions.get("q") is None


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


async def test_old_questions_are_forgotten(database: Database) -> None:
    """What was asked before a moment goes, what was asked at it stays."""
    await database.questions.add(question(LIST, "new"))
    await database.questions.add(replace(question(LIST, "old"), asked_at=NOW - SECOND))
    assert await database.questions.prune(NOW) == 1
    assert await database.questions.get("old") is None
    assert await database.questions.get("new") is not None


async def test_a_message_is_found_by_its_key_and_by_each_conversation_in_it(database: Database) -> None:
    """The ledger tells what was posted, and where a conversation is to be seen."""
    later = replace(POSTED, ts="", key="transcript:1", conversations=("m1",), file="F1", posted_at=NOW + SECOND)
    assert await database.ledger.add(later)
    assert await database.ledger.add(POSTED)
    assert await database.ledger.by_key(POSTED.key) == POSTED
    assert await database.ledger.of_conversation("m1") == [POSTED, later]
    assert await database.ledger.of_conversation("m2") == [POSTED]
    assert await database.ledger.of_conversation("m3") == []
    assert await database.ledger.by_key("m1") is None


async def test_one_effect_is_in_the_ledger_once(database: Database) -> None:
    """A key that is known changes nothing, whoever comes second."""
    added = await asyncio.gather(*(database.ledger.add(replace(POSTED, ts=str(number))) for number in range(5)))
    assert added == [True, False, False, False, False]
    found = await database.ledger.by_key(POSTED.key)
    assert found == replace(POSTED, ts="0")


async def test_a_message_may_be_of_no_conversation_or_of_one_twice(database: Database) -> None:
    """What is in a message is kept as it is, in its order."""
    for key, conversations in (("none", ()), ("many", tuple("abcab"))):
        await database.ledger.add(replace(POSTED, key=key, conversations=conversations))
        found = await database.ledger.by_key(key)
        assert found is not None
        assert found.conversations == conversations
    assert len(await database.ledger.of_conversation("a")) == 1


async def test_a_message_tells_whom_it_is_about(database: Database) -> None:
    """And an edit of it adds whom it is about since then, nothing twice."""
    posted = replace(POSTED, domains=("acme.com", "*.example.com"))
    await database.ledger.add(posted)
    await database.ledger.learn("C1", "1.5", ("m1", "m3"), ("acme.com", "example.org"), by="U2")
    await database.ledger.learn("C1", "1.6", ("m4",), ("example.net",))
    found = await database.ledger.by_key(POSTED.key)
    domains = ("acme.com", "*.example.com", "example.org")
    assert found == replace(posted, conversations=("m2", "m1", "m3"), domains=domains, by="U2")


async def test_a_lease_is_one_holders_until_it_ends(database: Database) -> None:
    """Another gets it when its time is over, not before; its holder renews it, and nobody else."""
    leases = database.leases
    assert await leases.take("digests", "a", NOW, 30)
    assert not await leases.take("digests", "b", NOW + 29 * SECOND, 30)
    assert await leases.take("digests", "a", NOW + 29 * SECOND, 30)
    assert not await leases.take("digests", "b", NOW + 58 * SECOND, 30)
    assert await leases.take("digests", "b", NOW + 59 * SECOND, 30)
    assert not await leases.take("digests", "a", NOW + 60 * SECOND, 30)
    assert await leases.take("uploads", "a", NOW, 30)


async def test_a_lease_that_is_given_back_is_free(database: Database) -> None:
    """Giving back what is another's gives nothing back."""
    await database.leases.take("digests", "a", NOW, 30)
    await database.leases.release("digests", "b")
    assert not await database.leases.take("digests", "b", NOW, 30)
    await database.leases.release("digests", "a")
    assert await database.leases.take("digests", "b", NOW, 30)


async def test_of_several_bots_one_gets_the_lease(database: Database, path: Path) -> None:
    """Two databases on one file that ask at once: exactly one of all is told yes."""
    other = await Database.open(path)
    asked = [(bots.leases, f"bot {number}") for number in range(10) for bots in (database, other)]
    got = await asyncio.gather(*(leases.take("digests", f"{name} of {id(leases)}", NOW, 30) for leases, name in asked))
    await other.close()
    assert sum(got) == 1


async def test_a_fact_is_what_was_said_last(database: Database) -> None:
    """Facts are written over, with the moment; one that nobody wrote is not there."""
    assert await database.facts.get("binding") is None
    await database.facts.set("binding", {"filter": "customerDomain"}, NOW)
    east = NOW.astimezone(timezone(timedelta(hours=9))) + SECOND
    await database.facts.set("binding", None, east)
    assert await database.facts.get("binding") == (None, NOW + SECOND)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=8,
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones())  # noqa: DTZ001 by timezones


@given(value=JSON, moment=MOMENTS)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_json_and_any_moment_come_back(database: Database, value: Any, moment: datetime) -> None:
    """Half a surrogate pair, a NUL, a number beyond 64 bits, the second hour of two: nothing is lost or refused."""
    await database.facts.set("any", value, moment)
    # In UTC: Python calls a moment of the hour that comes twice equal to none of another zone's.
    assert await database.facts.get("any") == (value, moment.astimezone(UTC))


def rewrite(path: Path, sql: str, value: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(sql, [value])
    connection.close()
