"""One conversation by its id."""

import pytest
from aiohttp import web

from bot.config.api_overrides import read_api_overrides
from bot.errors import GoneError, KickscaleRejected, KickscaleUnreadable
from bot.kickscale.binding.bind import with_overrides
from bot.kickscale.binding.operations import DEFAULT
from bot.kickscale.client import KickscaleClient
from bot.model.conversation import Kind
from tests.unit.kickscale.conftest import Connect
from tests.unit.kickscale.service import Service, answer, nest, record


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
