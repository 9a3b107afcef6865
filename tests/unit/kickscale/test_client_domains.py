"""Lists of some customers' conversations, with a filter that works, is ignored or is refused."""

from typing import Any

import pytest
from aiohttp import web

from bot.config.api_overrides import read_api_overrides
from bot.errors import KickscaleRejected
from bot.kickscale.binding.bind import Form, bind, with_overrides
from bot.kickscale.binding.operations import DEFAULT
from bot.kickscale.client import KickscaleClient
from bot.model.conversation import Kind
from tests.unit.kickscale.conftest import Connect
from tests.unit.kickscale.service import END, START, Service, nest, record


def bound(name: str, form: Form) -> Any:
    return with_overrides(DEFAULT, read_api_overrides(domain_filter=f"{name}:{form}"))


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
