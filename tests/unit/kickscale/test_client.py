"""What several ask for at once is read once; checks, addresses with a path, and closing."""

import asyncio

import pytest

from bot.errors import KickscaleRejected, KickscaleTimeout
from bot.kickscale.client import KickscaleClient
from bot.model.conversation import Kind
from tests.unit.kickscale.conftest import Connect
from tests.unit.kickscale.service import END, START, Service, answer, record

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
