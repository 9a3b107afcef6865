"""Parts of lists over a real socket: how far the API's filter is trusted, and for how long."""

from datetime import timedelta

import pytest
from aiohttp import web

from bot.config.api_overrides import read_api_overrides
from bot.kickscale.binding.bind import with_overrides
from bot.kickscale.binding.operations import DEFAULT
from bot.kickscale.client import KickscaleClient
from bot.kickscale.excerpts import DISTRUST, TRUST
from bot.model.conversation import Kind
from bot.model.questions import Excerpt, ListQuery, Part, WholeReason
from tests.clock import ManualClock
from tests.unit.kickscale.conftest import Connect
from tests.unit.kickscale.service import END, START, Service, answer, nest, record

QUERY = ListQuery(Kind.CALL, START, END, ("acme.com",))
FIRST = Part(0, 3)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def client(connect: Connect, clock: ManualClock) -> KickscaleClient:
    return connect(clock=clock)


@pytest.fixture(autouse=True)
def records(service: Service) -> None:
    service.records = [record(number) for number in range(7)]


def probes(service: Service) -> int:
    return sum(request.query.get("customerDomain") == "nobody.invalid" for request in service.requests)


async def test_the_filter_is_tried_once_an_hour_beside_the_first_question(
    service: Service, client: KickscaleClient, clock: ManualClock
) -> None:
    """With a domain that can't exist, over all days and scopes. The other kind has a filter of its own."""
    service.waves = [2]
    assert isinstance(await client.excerpt(QUERY, FIRST), Excerpt)
    (tried,) = (request for request in service.requests if request.query["customerDomain"] == "nobody.invalid")
    assert dict(tried.query).items() >= {"scopes": "internal,external", "pageSize": "1"}.items()
    assert "startDate" not in tried.query
    await client.excerpt(QUERY, Part(1, 3))
    assert probes(service) == 1
    await client.excerpt(ListQuery(Kind.MEETING, START, END, ("acme.com",)), FIRST)
    assert probes(service) == 2
    await clock.advance(TRUST.total_seconds() + 1)
    assert isinstance(await client.excerpt(QUERY, FIRST), Excerpt)
    assert probes(service) == 3


async def test_a_list_of_all_customers_needs_no_filter(service: Service, client: KickscaleClient) -> None:
    """Nor a proof that it works."""
    for domains in ((), ("*",)):
        assert isinstance(await client.excerpt(ListQuery(Kind.CALL, START, END, domains), FIRST), Excerpt)
    assert len(service.requests) == 2


async def test_a_filter_that_is_ignored_is_not_tried_with_each_question(
    service: Service, client: KickscaleClient, clock: ManualClock
) -> None:
    """For an hour nothing is asked in vain."""
    service.filter_is_ignored = True
    assert await client.excerpt(QUERY, FIRST) is WholeReason.IGNORED_FILTER
    asked = len(service.requests)
    assert await client.excerpt(QUERY, Part(1, 3)) is WholeReason.IGNORED_FILTER
    assert len(service.requests) == asked
    service.filter_is_ignored = False
    await clock.advance(TRUST.total_seconds() + 1)
    assert isinstance(await client.excerpt(QUERY, FIRST), Excerpt)


async def test_a_filter_is_not_trusted_by_a_workspace_without_calls(service: Service, client: KickscaleClient) -> None:
    """There a filter that is ignored finds nothing either."""
    service.filter_is_ignored, service.records = True, []
    assert await client.excerpt(QUERY, FIRST) == Excerpt((), 0)
    service.records = [record(number, "x.org" if number > 3 else "acme.com") for number in range(7)]
    assert await client.excerpt(QUERY, FIRST) is WholeReason.IGNORED_FILTER


async def test_a_filter_that_lets_another_customer_through_is_not_used_for_a_day(
    service: Service, client: KickscaleClient, clock: ManualClock
) -> None:
    """Also for other domains, and though it is applied."""
    assert isinstance(await client.excerpt(QUERY, FIRST), Excerpt)

    async def leak(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": [record(number, "x.org") for number in (3, 4, 5)], "meta": {"total": 7}})

    service.script = [leak]
    assert await client.excerpt(QUERY, Part(1, 3)) is WholeReason.OTHER_DOMAIN
    await clock.advance(2 * TRUST.total_seconds())
    assert await client.excerpt(ListQuery(Kind.CALL, START, END, ("x.org",)), FIRST) is WholeReason.OTHER_DOMAIN
    await clock.advance((DISTRUST - 2 * TRUST).total_seconds() + 1)
    assert isinstance(await client.excerpt(QUERY, FIRST), Excerpt)


@pytest.mark.parametrize("status", [400, 503])
async def test_a_filter_that_could_not_be_tried_is_tried_again(
    service: Service, client: KickscaleClient, status: int
) -> None:
    """The question is answered all the same, from the whole list."""

    async def fail_for_nobody(request: web.Request) -> web.StreamResponse:
        service.script.append(fail_for_nobody)
        if request.query["customerDomain"] == "nobody.invalid":
            return nest(status, "customerDomain must be a real domain")
        return web.json_response({"data": service.records[:3], "meta": {"total": 7}})

    service.script = [fail_for_nobody]
    assert await client.excerpt(QUERY, FIRST) is WholeReason.UNCHECKED_FILTER
    service.script.clear()
    assert isinstance(await client.excerpt(QUERY, FIRST), Excerpt)


async def test_an_api_without_totals_is_not_asked_in_vain_for_an_hour(
    service: Service, client: KickscaleClient, clock: ManualClock
) -> None:
    """Not for any list of calls."""
    service.bare = True
    assert await client.excerpt(QUERY, FIRST) is WholeReason.NO_TOTAL
    asked = len(service.requests)
    assert await client.excerpt(ListQuery(Kind.CALL, START, END), FIRST) is WholeReason.NO_TOTAL
    assert len(service.requests) == asked
    service.bare = False
    await clock.advance(TRUST.total_seconds() + 1)
    assert isinstance(await client.excerpt(QUERY, FIRST), Excerpt)


async def test_a_refused_query_is_left_to_the_whole_list(service: Service, client: KickscaleClient) -> None:
    """That says what is wrong, or asks without the filter."""
    service.script = [answer(400, '{"message": "customerDomain should not exist"}')] * 2
    assert await client.excerpt(QUERY, FIRST) is WholeReason.REFUSED


async def test_another_filter_has_to_show_again_that_it_is_applied(service: Service, client: KickscaleClient) -> None:
    """Here the binding names one that the API doesn't have."""
    await client.excerpt(QUERY, FIRST)
    client.binding = with_overrides(DEFAULT, read_api_overrides(domain_filter="companyDomain:single"))
    assert await client.excerpt(QUERY, Part(1, 3)) is WholeReason.IGNORED_FILTER
    assert service.requests[-1].query["companyDomain"] in ("nobody.invalid", "acme.com")


async def test_how_many_begin_at_the_end_is_asked_again_after_a_minute(
    service: Service, client: KickscaleClient, clock: ManualClock
) -> None:
    """Beside the page itself."""
    service.end_is_inclusive = True
    service.records.insert(0, record(99, at=END))
    first, second = await client.excerpt(QUERY, FIRST), await client.excerpt(QUERY, Part(1, 3))
    assert isinstance(first, Excerpt)
    assert isinstance(second, Excerpt)
    assert [shown.id for shown in (*first.conversations, *second.conversations)] == [f"c{n}" for n in range(6)]
    await clock.advance(timedelta(minutes=2).total_seconds())
    service.records.pop(0)
    again = await client.excerpt(QUERY, Part(1, 3))
    assert again == second
