"""Questions: the buttons of an answer work for as long as its question is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.erasure.traces import forget_old_copies
from bot.model.commands import ListCommand, SearchCommand, ShowCommand, StatsCommand
from bot.model.conversation import Kind
from bot.model.questions import Shareable
from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.questions import LIST, question


@pytest.mark.parametrize(
    "command",
    [
        LIST,
        ListCommand(Kind.MEETING, LIST.days),
        ShowCommand(Kind.CALL, "Ab/1"),
        SearchCommand(("price",)),
        SearchCommand(("a price", "b"), LIST.days, ("acme.com",), LIST.filters),
        StatsCommand(LIST.days),
        StatsCommand(LIST.days, ("acme.com", "*.example.com")),
    ],
)
async def test_a_question_comes_back_as_it_was_asked(stores: Stores, command: Shareable) -> None:
    """A button that is pressed next week is about the same list."""
    await stores.questions.add(question(command))
    assert await stores.questions.get("q") == question(command)


async def test_a_question_that_nobody_asked_is_not_there(stores: Stores) -> None:
    """An id from elsewhere finds nothing."""
    assert await stores.questions.get("q") is None


async def test_old_questions_are_forgotten(stores: Stores) -> None:
    """Those that were asked before a moment go; one that was asked at that moment stays."""
    await stores.questions.add(question(LIST, "new"))
    await stores.questions.add(replace(question(LIST, "old"), asked_at=NOW - timedelta(seconds=1)))
    forgotten = await stores.erasures.write(lambda erasables: forget_old_copies(erasables, NOW))
    assert forgotten == {"questions": 1}
    assert await stores.questions.get("old") is None
    assert await stores.questions.get("new") is not None
