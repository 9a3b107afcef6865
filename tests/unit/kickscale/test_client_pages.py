"""Reading lists page by page, whatever the API does."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.errors import KickscaleUnreadable, RangeTooWide
from bot.kickscale.client import LISTS_AT_ONCE, KickscaleClient
from bot.model.conversation import Kind, Scope
from bot.model.questions import Excerpt, ListQuery, Part
from tests.unit.kickscale.conftest import Connect
from tests.unit.kickscale.service import END, START, Handler, Service, answer, record


async def test_a_list_asks_as_the_api_wants_it(service: Service, client: KickscaleClient) -> None:
    """Both headers, page zero, newest first, UTC instants, the scope, the owner's profile and the domain."""
    service.records = [record(0)]
    result = await client.conversations(Kind.CALL, START, END, scope=Scope.ALL, domains=["acme.com"])
    assert [conversation.id for conversation in result.conversations] == ["c0"]
    (request,) = service.requests
    assert request.path == "/calls"
    assert (request.headers["api-key"], request.headers["client-id"]) == ("key-of-1-year", "client-1")
    assert dict(request.query) == {
        "page": "0",
        "pageSize": "100",
        "sortingOrder": "descending",
        "startDate": "2026-03-01T00:00:00Z",
        "endDate": "2026-04-01T00:00:00Z",
        "scopes": "internal,external",
        "expand": "user_client_augmentation",
        "customerDomain": "acme.com",
    }


async def test_the_first_answer_for_2000_calls_takes_three_round_trips(
    service: Service, client: KickscaleClient
) -> None:
    """One page, twelve side by side, the last seven: the service answers a wave only when all of it is there."""
    service.records = [record(number) for number in range(2000)]
    service.waves = [1, 12, 7]
    result = await client.conversations(Kind.CALL, START, END)
    assert [conversation.id for conversation in result.conversations] == [f"c{number}" for number in range(2000)]
    assert len(service.requests) == 20
    assert service.most_together == 12
    assert service.waves == []


async def test_requests_of_all_lists_share_a_cap(service: Service, connect: Connect) -> None:
    """However many are read, no more than three quarters of the requests at a time are for their pages."""
    service.records = [record(number) for number in range(600)]
    service.waves = [3] * 8
    client = connect(concurrency=4)
    await asyncio.gather(
        *(client.conversations(kind, START - timedelta(days=day), END) for kind in Kind for day in range(2))
    )
    assert service.most_together == 3
    assert len(service.requests) == 24


async def test_a_page_does_not_wait_for_the_pages_of_whole_lists(service: Service, connect: Connect) -> None:
    """It is read while three pages of a list are under way, and sixteen more wait for them."""
    service.records = [record(number) for number in range(2000)]
    service.waves = [1, 4, 4, 4, 4, 4]
    client = connect(concurrency=4)
    listing = asyncio.create_task(client.conversations(Kind.CALL, START, END))
    while len(service.requests) < 4:
        service.arrived.clear()
        await service.arrived.wait()
    assert isinstance(await client.excerpt(ListQuery(Kind.CALL, START, END), Part(0, 10)), Excerpt)
    assert [request.query["pageSize"] for request in service.requests][:5] == ["100"] * 4 + ["10"]
    listing.cancel()


async def test_of_many_lists_only_some_are_read_at_a_time(service: Service, client: KickscaleClient) -> None:
    """Each may be large. The others follow, and none is lost."""
    service.records = [record(number) for number in range(3)]
    service.waves = [LISTS_AT_ONCE] * 5
    asked = (client.conversations(Kind.CALL, START - timedelta(days=day), END) for day in range(5 * LISTS_AT_ONCE))
    assert {len(result.conversations) for result in await asyncio.gather(*asked)} == {3}
    assert service.most_together == LISTS_AT_ONCE


async def test_a_bare_array_is_read_page_by_page_until_a_short_one(service: Service, client: KickscaleClient) -> None:
    """Without a total there is no telling how many there are."""
    service.records = [record(number) for number in range(250)]
    service.bare = True
    result = await client.conversations(Kind.MEETING, START, END)
    assert len(result.conversations) == 250
    assert [request.query["page"] for request in service.requests] == ["0", "1", "2"]
    assert service.most_together == 1


@pytest.mark.parametrize("bare", [True, False])
async def test_a_service_that_caps_the_page_size_loses_nothing(
    service: Service, client: KickscaleClient, bare: bool
) -> None:
    """What the first page holds is the size of all."""
    service.records = [record(number) for number in range(130)]
    service.page_size = 20
    service.bare = bare
    result = await client.conversations(Kind.CALL, START, END)
    assert len(result.conversations) == 130


@pytest.mark.parametrize("bare", [True, False])
async def test_nothing_found_is_an_empty_list(service: Service, client: KickscaleClient, bare: bool) -> None:
    """And takes one request."""
    service.bare = bare
    result = await client.conversations(Kind.CALL, START, END)
    assert result.conversations == ()
    assert len(service.requests) == 1


async def test_a_range_of_over_a_hundred_pages_is_refused_before_the_second(
    service: Service, client: KickscaleClient
) -> None:
    """With the total of the first page."""
    service.records = [record(number) for number in range(301)]
    service.page_size = 3
    with pytest.raises(RangeTooWide) as refused:
        await client.conversations(Kind.CALL, START, END)
    assert (refused.value.total, refused.value.limit) == (301, 300)
    assert len(service.requests) == 1


async def test_without_a_total_it_is_refused_after_a_hundred_pages(service: Service, client: KickscaleClient) -> None:
    """There was no telling before."""
    service.records = [record(number) for number in range(301)]
    service.page_size = 3
    service.bare = True
    with pytest.raises(RangeTooWide) as refused:
        await client.conversations(Kind.CALL, START, END)
    assert (refused.value.total, refused.value.limit) == (None, 300)
    assert len(service.requests) == 100


async def test_a_service_without_paging_is_not_asked_for_ever(service: Service, client: KickscaleClient) -> None:
    """A second page with the first one's records ends it."""
    page = web.json_response

    async def always(_request: web.Request) -> web.StreamResponse:
        return page([record(number) for number in range(100)])

    service.script = [always, always, always]
    result = await client.conversations(Kind.CALL, START, END)
    assert len(result.conversations) == 100
    assert len(service.requests) == 2


async def test_pages_without_a_readable_record_are_not_asked_for_for_ever(
    service: Service, client: KickscaleClient
) -> None:
    """One may stand between good ones; two of them are one that is answered again and again."""
    bad = [{"name": "no id"}] * 100
    good = [record(number) for number in range(100)]

    def page(records: list[Any]) -> Handler:
        async def handle(_request: web.Request) -> web.StreamResponse:
            return web.json_response(records)

        return handle

    service.script = [page(bad), page(good), page(bad), page(bad), page(good)]
    result = await client.conversations(Kind.CALL, START, END)
    assert (len(result.conversations), result.unreadable) == (100, 300)
    assert len(service.requests) == 4


@pytest.mark.parametrize("total", [0, 1, 99, 100, -5, True, "many"])
async def test_a_total_that_is_none_loses_nothing(service: Service, client: KickscaleClient, total: object) -> None:
    """If it is too small, or just the page's own, pages are read until there are no more."""
    records = [record(number) for number in range(250)]

    async def lie(request: web.Request) -> web.StreamResponse:
        first = 100 * int(request.query["page"])
        return web.json_response({"data": records[first : first + 100], "meta": {"total": total}})

    service.script = [lie] * 3
    assert len((await client.conversations(Kind.CALL, START, END)).conversations) == 250


async def test_records_that_arrive_while_pages_are_read_push_nothing_out(
    service: Service, client: KickscaleClient
) -> None:
    """A total that grows means a further page, and what appears twice is merged."""
    service.records = [record(number) for number in range(1, 201)]

    async def first(_request: web.Request) -> web.StreamResponse:
        page = web.json_response({"data": service.records[:100], "meta": {"total": 200}})
        service.records = [record(0), *service.records]
        return page

    service.script = [first]
    result = await client.conversations(Kind.CALL, START, END)
    assert {conversation.id for conversation in result.conversations} == {f"c{number}" for number in range(1, 201)}
    assert [request.query["page"] for request in service.requests] == ["0", "1", "2"]


@pytest.mark.parametrize("inclusive", [True, False])
async def test_what_begins_at_the_end_is_excluded_whatever_the_api_does(
    service: Service, client: KickscaleClient, inclusive: bool
) -> None:
    """The end is the first instant of the next day."""
    service.end_is_inclusive = inclusive
    service.records = [
        record(0, at=END),
        record(1, at=END - timedelta(seconds=1)),
        record(2, at=START),
        record(3, at=START - timedelta(seconds=1)),
    ]
    result = await client.conversations(Kind.CALL, START, END)
    assert [conversation.id for conversation in result.conversations] == ["c1", "c2"]


async def test_dates_that_the_service_ignores_are_applied_here(service: Service, client: KickscaleClient) -> None:
    """A conversation with an unknown date is included, at the end."""
    outside, unknown = record(0, at=START - timedelta(days=3)), {**record(1), "date": None}
    service.script = [answer(body=web.json_response([unknown, outside, record(2)]).text or "")]
    result = await client.conversations(Kind.CALL, START, END)
    assert [conversation.id for conversation in result.conversations] == ["c2", "c1"]


async def test_bad_records_are_counted_and_the_others_kept(service: Service, client: KickscaleClient) -> None:
    """One bad record never spoils the other ninety-nine."""
    service.records = [*(record(number) for number in range(99)), None, "x", {"date": "2026-03-05", "id": {}}]
    service.records[101]["customerDomains"] = []
    result = await client.conversations(Kind.CALL, START, END)
    assert len(result.conversations) == 99
    assert result.unreadable == 3


@pytest.mark.parametrize("body", ["{}", "null", '"x"', '{"data": {"a": 1}}', '{"items": []}', ""])
async def test_a_list_of_no_known_shape_is_unreadable(service: Service, client: KickscaleClient, body: str) -> None:
    """It is not taken for nothing found."""
    service.script = [answer(body=body)]
    with pytest.raises(KickscaleUnreadable):
        await client.conversations(Kind.CALL, START, END)
