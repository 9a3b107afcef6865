"""Asking the list of calls whether one that was sent is there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.kickscale.client import KickscaleClient
from bot.kickscale.finding import Finding
from tests.unit.kickscale.service import END, START, Service, record

SINCE = datetime(2026, 3, 31, 12, tzinfo=UTC)


def call(number: int, external_id: object = None, created: timedelta | None = timedelta(), **more: Any) -> Any:
    """A call made so long after the sending began; the list does not say when with None."""
    sent_call = record(number) | {"externalCallId": external_id} | more
    return sent_call if created is None else sent_call | {"createdAt": (SINCE + created).isoformat()}


async def find(client: KickscaleClient) -> Finding:
    return await client.find_by_external_id("slack-F1", START, END, SINCE)


async def test_the_call_with_our_key_is_found_on_any_page(service: Service, client: KickscaleClient) -> None:
    """Internal ones too, with a list that is asked in whole."""
    service.records = [call(number, f"other-{number}") for number in range(250)] + [call(250, "slack-F1")]
    assert await find(client) == Finding("c250", is_certain=True)
    assert {request.query["scopes"] for request in service.requests} == {"internal,external"}
    assert service.requests[0].query["startDate"] == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("record", "is_certain"),
    [
        (call(0, "other"), True),
        (call(0, None, timedelta(hours=-1)), True),
        (call(0, None, timedelta(seconds=-59)), False),
        (call(0, None, timedelta(seconds=5)), False),
        (call(0, "", timedelta(seconds=5)), False),
        (call(0, None, None), False),
        (call(0, "other", None), True),
        (record(0) | {"createdAt": (SINCE + timedelta(seconds=5)).isoformat()}, False),
        ({"name": "without an id"}, False),
    ],
)
async def test_if_no_call_has_our_key_one_without_any_might_be_it(
    service: Service, client: KickscaleClient, record: Any, is_certain: bool
) -> None:
    """Unless it was there before the sending began, give or take a minute between two clocks."""
    service.records = [record | {"date": "2026-03-05T10:00:00Z"}]
    assert await find(client) == Finding("", is_certain=is_certain)


async def test_an_empty_list_is_certain(service: Service, client: KickscaleClient) -> None:
    """Nothing could be it."""
    assert await find(client) == Finding("", is_certain=True)
    assert len(service.requests) == 1


async def test_our_key_settles_it_among_those_without_one(service: Service, client: KickscaleClient) -> None:
    """However many might have been it."""
    service.records = [call(0), call(1, "slack-F1"), call(2)]
    assert await find(client) == Finding("c1", is_certain=True)
