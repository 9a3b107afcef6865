"""The client's questions: pages, domains, one by id, over a real socket."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.config.api_overrides import read_api_overrides
from bot.errors import GoneError, KickscaleRejected, KickscaleTimeout, KickscaleUnreadable, RangeTooWide
from bot.kickscale.binding.bind import Form, bind, with_overrides
from bot.kickscale.binding.operations import DEFAULT
from bot.kickscale.client import LISTS_AT_ONCE, KickscaleClient
from bot.model.conversation import Kind, Scope
from bot.model.questions import Excerpt, ListQuery, Part
from tests.unit.kickscale.conftest import Connect
from tests.unit.kickscale.service import END, START, Handler, Service, answer, nest, record


def bound(name: str, form: Form) -> Any:
    return with_overrides(DEFAULT, read_api_overrides(domain_filter=f"{name}:{form}"))


# ---- pages ---------------------------------------------------------------------------------------------------------


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


# ---- domains -------------------------------------------------------------------------------------------------------


async def test_a_filter_that_the_service_ignores_leaks_nobody(service: Service, client: KickscaleClient) -> None:
    """Every record is checked against its own customer domains."""
    service.filter_is_ignored = True
    service.records = [record(0, "acme.com"), record(1, "example.com"), record(2, "eu.acme.com"), record(3, "ACME.com")]
    service.records.append({**record(4), "customerDomains": None})
    service.records.append({**record(5), "customerDomains": ["*"]})
    result = await client.conversations(Kind.CALL, START, END, domains=["acme.com"])
    assert [conversation.id for conversation in result.conversations] == ["c0", "c3"]


async def test_a_filter_for_one_domain_is_used_once_for_each_at_the_same_time(
    service: Service, client: KickscaleClient
) -> None:
    """And a conversation of two customers is there once."""
    service.records = [record(0, "acme.com", "example.com"), record(1, "example.com"), record(2, "other.org")]
    service.waves = [2]
    result = await client.conversations(Kind.CALL, START, END, domains=["example.com", "acme.com", "acme.com"])
    assert [conversation.id for conversation in result.conversations] == ["c0", "c1"]
    asked = sorted(request.query["customerDomain"] for request in service.requests)
    assert asked == ["acme.com", "example.com"]


@pytest.mark.parametrize(
    ("form", "sent"), [(Form.REPEATED, ["acme.com", "example.com"]), (Form.COMMA, ["acme.com,example.com"])]
)
async def test_a_filter_for_several_domains_needs_one_request(
    service: Service, connect: Connect, form: Form, sent: list[str]
) -> None:
    """Repeated, or joined by commas."""
    service.filter_name, service.filter_form = "domains", form.value
    service.records = [record(0, "acme.com"), record(1, "example.com"), record(2, "other.org")]
    client = connect(binding=bound("domains", form))
    result = await client.conversations(Kind.CALL, START, END, domains=["example.com", "acme.com"])
    assert [conversation.id for conversation in result.conversations] == ["c0", "c1"]
    assert [request.query.getall("domains") for request in service.requests] == [sent]


@pytest.mark.parametrize("patterns", [["*.acme.com"], ["*.acme.com", "acme.com"], ["*.acme.com", "eu.acme.com"]])
async def test_a_pattern_is_applied_here(service: Service, client: KickscaleClient, patterns: list[str]) -> None:
    """No filter of the API is known to understand one."""
    service.records = [record(0, "acme.com"), record(1, "eu.acme.com"), record(2, "notacme.com"), record(3, "x.org")]
    result = await client.conversations(Kind.CALL, START, END, domains=patterns)
    assert [conversation.id for conversation in result.conversations] == ["c0", "c1"]
    assert "customerDomain" not in service.requests[0].query


async def test_an_international_domain_is_asked_for_in_both_its_forms(
    service: Service, client: KickscaleClient
) -> None:
    """It is not known which of them the API keeps."""
    service.records = [record(0, "bücher.de"), record(1, "xn--bcher-kva.de"), record(2, "other.de")]
    result = await client.conversations(Kind.CALL, START, END, domains=["xn--bcher-kva.de"])
    assert [conversation.id for conversation in result.conversations] == ["c0", "c1"]


async def test_a_renamed_filter_is_bound_from_the_document(service: Service, client: KickscaleClient) -> None:
    """The service narrows by its new name."""
    service.filter_name, service.filter_form, service.unknown_is_refused = "companyDomains", "repeated", True
    service.document = {
        "openapi": "3.0.0",
        "paths": {
            "/calls": {
                "get": {"parameters": [{"name": "companyDomains", "in": "query", "schema": {"type": "array"}}]},
            },
        },
    }
    service.records = [record(0, "acme.com"), record(1, "example.com")]
    client.binding = bind(await client.openapi())
    result = await client.conversations(Kind.CALL, START, END, domains=["acme.com"])
    assert [conversation.id for conversation in result.conversations] == ["c0"]
    assert service.requests[-1].query.getall("companyDomains") == ["acme.com"]


async def test_a_filter_that_the_service_refuses_is_applied_here(service: Service, client: KickscaleClient) -> None:
    """It is remembered until the binding changes."""
    service.filter_name, service.unknown_is_refused = "companyDomains", True
    service.records = [record(0, "acme.com"), record(1, "example.com")]
    for times_asked in (2, 3):
        result = await client.conversations(Kind.CALL, START, END, domains=["acme.com"])
        assert [conversation.id for conversation in result.conversations] == ["c0"]
        assert len(service.requests) == times_asked
    client.binding = bound("companyDomains", Form.SINGLE)
    await client.conversations(Kind.CALL, START, END, domains=["acme.com"])
    assert service.requests[-1].query["companyDomains"] == "acme.com"


async def test_a_value_that_the_filter_refuses_is_not_held_against_the_filter(
    service: Service, client: KickscaleClient
) -> None:
    """The next domain is asked for with it again."""

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return nest(400, ["customerDomain must be a valid domain"])

    service.script = [refuse]
    service.records = [record(0, "acme.com"), record(1, "example.com")]
    await client.conversations(Kind.CALL, START, END, domains=["acme.com"])
    await client.conversations(Kind.CALL, START, END, domains=["example.com"])
    assert ["customerDomain" in request.query for request in service.requests] == [True, False, True]


async def test_a_rejection_of_something_else_is_raised(service: Service, client: KickscaleClient) -> None:
    """With the API's own words."""

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return nest(400, ["startDate must be a date", "endDate must be a date"])

    service.script = [refuse]
    with pytest.raises(KickscaleRejected) as rejected:
        await client.conversations(Kind.CALL, START, END, domains=["acme.com"])
    assert rejected.value.message == "startDate must be a date; endDate must be a date"


async def test_the_latest_are_the_newest_page_of_that_domain(service: Service, client: KickscaleClient) -> None:
    """Without any dates, each checked as everywhere."""
    service.filter_is_ignored = True
    service.records = [record(number, "acme.com" if number % 2 else "example.com") for number in range(150)]
    result = await client.latest(Kind.CALL, domains=["acme.com"])
    assert [conversation.id for conversation in result[:3]] == ["c1", "c3", "c5"]
    assert len(result) == 50
    assert "startDate" not in service.requests[0].query


# ---- one by id -----------------------------------------------------------------------------------------------------


async def test_one_is_asked_for_by_its_path(service: Service, client: KickscaleClient) -> None:
    """With its owner's profile, and its transcript if asked."""
    service.records = [record(0), record(1)]
    assert (await client.conversation(Kind.MEETING, "c1")).name == "Call 1"
    assert (await client.conversation(Kind.CALL, "c1", transcript=True)).kind is Kind.CALL
    assert service.paths == ["/meetings/c1", "/calls/c1"]
    assert [request.query["expand"] for request in service.requests] == [
        "user_client_augmentation",
        "user_client_augmentation,meeting_transcript",
    ]


@pytest.mark.parametrize("id_", ["../users", "a/b?c=d#e", "%2e%2e", "a b", "ü", "..;/x", "\\x", "{id}"])
async def test_no_id_leaves_its_segment_of_the_path(service: Service, client: KickscaleClient, id_: str) -> None:
    """Whatever somebody types as one."""
    with pytest.raises(GoneError) as gone:
        await client.conversation(Kind.CALL, id_)
    assert (gone.value.what, gone.value.id) == ("call", id_)
    (request,) = service.requests
    assert request.raw_path.startswith("/calls/")
    assert request.raw_path.partition("?")[0].count("/") == 2
    assert request.path == f"/calls/{id_}"
    assert list(request.query) == ["expand"]


@pytest.mark.parametrize("id_", ["", ".", "..", "x" * 300, "\ud800"])
async def test_what_cannot_be_an_id_is_not_even_asked_for(service: Service, client: KickscaleClient, id_: str) -> None:
    """It is as gone as any other."""
    with pytest.raises(GoneError):
        await client.conversation(Kind.CALL, id_)
    assert service.requests == []


@pytest.mark.parametrize(
    "body", ['{"id": "c2"}', '{"data": {"id": "C1"}}', '[{"id": "c11"}]', "", "null", '{"data": null}']
)
async def test_another_id_than_the_one_asked_for_is_never_shown(
    service: Service, client: KickscaleClient, body: str
) -> None:
    """Nor is nothing taken for something."""
    service.script = [answer(body=body)]
    with pytest.raises(GoneError):
        await client.conversation(Kind.CALL, "c1")


@pytest.mark.parametrize(
    "body", ['{"id": "c1"}', '{"data": {"id": "c1"}}', '[{"id": "c0"}, {"id": "c1"}]', '{"data": [{"id": "c1"}]}']
)
async def test_one_is_found_in_whatever_it_is_wrapped(service: Service, client: KickscaleClient, body: str) -> None:
    """Alone, in `data`, or on a page."""
    service.script = [answer(body=body)]
    assert (await client.conversation(Kind.CALL, "c1")).id == "c1"


async def test_a_record_without_an_id_is_unreadable_rather_than_gone(service: Service, client: KickscaleClient) -> None:
    """It may be there, and nobody can tell."""
    service.script = [answer(body='{"name": "Call"}')]
    with pytest.raises(KickscaleUnreadable):
        await client.conversation(Kind.CALL, "c1")


async def test_without_a_route_for_one_the_list_is_filtered_by_id(service: Service, client: KickscaleClient) -> None:
    """Internal ones included, and the id checked all the same."""
    service.has_by_id = False
    service.records = [record(0), record(1)]
    assert (await client.conversation(Kind.CALL, "c1")).id == "c1"
    assert service.paths == ["/calls/c1", "/calls"]
    assert service.requests[1].query["id"] == "c1"
    assert service.requests[1].query["scopes"] == "internal,external"
    service.id_parameter = "other"
    with pytest.raises(GoneError):
        await client.conversation(Kind.CALL, "c7")


async def test_one_is_asked_for_by_the_parameter_that_the_settings_name(service: Service, connect: Connect) -> None:
    """And a path that they name is not second-guessed."""
    service.id_parameter = "callId"
    service.records = [record(0), record(1)]
    client = connect(
        binding=with_overrides(DEFAULT, read_api_overrides(call_path="/calls?callId=", meeting_path="/nowhere/{id}"))
    )
    assert (await client.conversation(Kind.CALL, "c1")).id == "c1"
    assert service.paths == ["/calls"]
    with pytest.raises(KickscaleRejected, match="Cannot GET /nowhere/c1"):
        await client.conversation(Kind.MEETING, "c1")


async def test_a_service_that_refuses_expand_for_one_is_asked_without(
    service: Service, client: KickscaleClient
) -> None:
    """Once: then it is known."""

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return nest(400, ["property expand should not exist"])

    service.script = [refuse]
    service.records = [record(0)]
    await client.conversation(Kind.CALL, "c0")
    await client.conversation(Kind.CALL, "c0")
    assert ["expand" in request.query for request in service.requests] == [True, False, False]


# ---- single flight -------------------------------------------------------------------------------------------------


async def test_what_several_ask_for_at_once_is_read_once(service: Service, client: KickscaleClient) -> None:
    """And read again for later callers."""
    service.records = [record(0)]
    ask = client.conversations
    both = await asyncio.gather(
        ask(Kind.CALL, START, END, domains=["acme.com", "x.org"]),
        ask(Kind.CALL, START, END, domains=["x.org", "acme.com"]),
    )
    assert both[0] is both[1]
    assert len(service.requests) == 2
    await asyncio.gather(*(client.conversation(Kind.CALL, "c0") for _ in range(5)))
    assert len(service.requests) == 3
    await client.conversation(Kind.CALL, "c0")
    assert len(service.requests) == 4


async def test_an_asker_who_leaves_takes_nobody_elses_reading_along(service: Service, client: KickscaleClient) -> None:
    """Not even the one who asked first."""
    service.records = [record(0)]
    service.opened.clear()
    first, second = (asyncio.create_task(client.conversation(Kind.CALL, "c0")) for _ in range(2))
    await service.arrived.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    service.opened.set()
    assert (await second).id == "c0"
    assert len(service.requests) == 1


async def test_a_reading_that_everybody_left_is_given_up(service: Service, client: KickscaleClient) -> None:
    """Who asks after that begins a new one."""
    service.records = [record(0)]
    service.opened.clear()
    only = asyncio.create_task(client.conversation(Kind.CALL, "c0"))
    await service.arrived.wait()
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    service.opened.set()
    assert (await client.conversation(Kind.CALL, "c0")).id == "c0"
    assert len(service.requests) == 2


async def test_a_failure_is_everybodys_and_is_not_remembered(service: Service, client: KickscaleClient) -> None:
    """The next caller asks again."""
    service.script = [answer(400, '{"message": "no"}')]
    service.records = [record(0)]
    both = await asyncio.gather(*(client.conversation(Kind.CALL, "c0") for _ in range(2)), return_exceptions=True)
    assert [type(error) for error in both] == [KickscaleRejected, KickscaleRejected]
    assert (await client.conversation(Kind.CALL, "c0")).id == "c0"


# ---- the rest ------------------------------------------------------------------------------------------------------


async def test_the_openapi_document_is_handed_over_as_it_is(service: Service, client: KickscaleClient) -> None:
    """Binding to it is not the client's."""
    service.document = {"openapi": "3.0.0", "paths": {}}
    assert await client.openapi() == service.document
    assert service.paths == ["/swagger-json"]


async def test_checking_asks_for_one_meeting(service: Service, client: KickscaleClient) -> None:
    """The cheapest read that needs the credentials."""
    service.records = [record(0), record(1)]
    await client.check()
    assert (service.paths, service.requests[0].query["pageSize"]) == (["/meetings"], "1")


async def test_an_address_with_a_path_keeps_it(service: Service, connect: Connect) -> None:
    """As behind a gateway."""
    client = connect(base_url=f"{service.base_url}/gateway/")
    with pytest.raises(KickscaleRejected, match="Cannot GET /gateway/meetings"):
        await client.check()


async def test_closing_ends_what_is_under_way(service: Service, client: KickscaleClient) -> None:
    """Nothing keeps running after shutdown."""
    service.opened.clear()
    asked = asyncio.create_task(client.check())
    read = asyncio.create_task(client.conversation(Kind.CALL, "c0"))
    await service.arrived.wait()
    await client.aclose()
    with pytest.raises(asyncio.CancelledError):
        await read
    asked.cancel()
    with pytest.raises((asyncio.CancelledError, KickscaleTimeout)):
        await asked
