"""What a list is filtered by, beyond what the API filters by."""

import pytest

from bot.conversations.filters import matches
from bot.model.commands import Filters
from bot.model.conversation import Owner
from tests.unit.render.samples import conversation

CALL = conversation(
    name="Acme: Pricing",
    summary="They agreed on a discount.",
    owner=Owner(email="Robin@example.com"),
    type=" Discovery ",
    language="de_AT",
    direction="outbound",
    outcome="Won",
)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(owner_email="robin@EXAMPLE.com"),
        Filters(type="discovery"),
        Filters(language="de"),
        Filters(language="DE-at"),
        Filters(direction="outbound"),
        Filters(outcome="won"),
        Filters(words=("pricing", "a DISCOUNT")),
    ],
)
def test_matching_ignores_case(filters: Filters) -> None:
    """A language matches its regional forms too, and words may be in the name or in the summary."""
    assert matches(CALL, filters)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(owner_email="lea@example.com"),
        Filters(type="disco"),
        Filters(language="de-DE"),
        Filters(language="d"),
        Filters(direction="inbound"),
        Filters(outcome="lost"),
        Filters(words=("pricing", "renewal")),
        Filters(type="Discovery", outcome="lost"),
    ],
)
def test_every_filter_has_to_match(filters: Filters) -> None:
    """One that doesn't is enough to leave the conversation out."""
    assert not matches(CALL, filters)
