"""Bad days of the embedded Kickscale, its log of requests, and its coming and going."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from bot.sandbox.kickscale import EmbeddedKickscale
from tests.clock import ManualClock
from tests.unit.sandbox.asking import client_of


@pytest.fixture
async def kickscale(kickscale: EmbeddedKickscale) -> EmbeddedKickscale:
    kickscale.add_call({"id": "c1", "date": "2026-11-20T09:00:00Z", "summary": "x" * 2_000})
    return kickscale


# ---- faults --------------------------------------------------------------------------------------------------------


async def test_a_fault_hits_its_path_as_often_as_was_ordered(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """Faults for one path come in the order of their adding; other paths never see them."""
    kickscale.faults.add("/calls", status=500, times=2)
    kickscale.faults.add("/calls*", status=503)
    assert (await client.get("/meetings")).status_code == 200
    assert [(await client.get("/calls")).status_code for _ in range(4)] == [500, 500, 503, 200]
    kickscale.faults.add("/calls", status=500, times=9)
    kickscale.faults.clear()
    assert (await client.get("/calls")).status_code == 200


async def test_errors_have_the_bodies_of_nestjs(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Two of them have no `error`."""
    kickscale.faults.add("/calls", status=500)
    kickscale.faults.add("/calls", status=401)
    assert (await client.get("/calls")).json() == {"statusCode": 500, "message": "Internal server error"}
    assert (await client.get("/calls")).json() == {
        "statusCode": 401,
        "message": "Unauthorized",
        "error": "Unauthorized",
    }


async def test_too_many_requests_says_when_to_come_back(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """In seconds, as an HTTP date, or not at all."""
    for wait in (2, clock.now() + timedelta(seconds=30), ""):
        kickscale.faults.add("/calls", status=429, retry_after=wait)
    answers = [await client.get("/calls") for _ in range(3)]
    assert [answer.headers.get("retry-after") for answer in answers] == ["2", "Mon, 23 Nov 2026 08:30:30 GMT", None]
    assert answers[0].json() == {"statusCode": 429, "message": "ThrottlerException: Too Many Requests"}


async def test_a_redirect_names_an_address(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """A client that follows it sends its credentials along."""
    kickscale.faults.add("/calls", redirect="https://elsewhere.example/calls")
    answer = await client.get("/calls")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.example/calls")


async def test_bodies_can_be_anything(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Broken JSON as 200, a proxy's page as 502."""
    kickscale.faults.add("/calls", body='{"data": [')
    kickscale.faults.add("/calls", status=502, body="<html>Bad gateway</html>", content_type="text/html")
    broken, page = await client.get("/calls"), await client.get("/calls")
    assert (broken.status_code, broken.text) == (200, '{"data": [')
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")


async def test_connections_break_before_or_within_an_answer(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """The next request is fine."""
    kickscale.faults.add("/calls", broken=True)
    kickscale.faults.add("/calls", truncated=True)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        await client.get("/calls")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        await client.get("/calls")
    assert (await client.get("/calls")).status_code == 200
    assert [request.status for request in kickscale.requests] == [None, 200, 200]


async def test_a_hang_lasts_until_it_is_released(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Then it gets the usual answer. Other requests are not delayed in the meantime."""
    kickscale.faults.add("/calls", hang=True)
    hanging = asyncio.ensure_future(client.get("/calls"))
    await kickscale.requests.until(lambda log: len(log) == 1)
    assert (await client.get("/calls")).status_code == 200
    assert not hanging.done()
    kickscale.release()
    assert (await hanging).status_code == 200


async def test_stopping_does_not_wait_for_what_hangs(clock: ManualClock) -> None:
    """Nor for an answer that would be late by an hour."""
    async with EmbeddedKickscale(clock, populated=False) as kickscale, client_of(kickscale) as client:
        kickscale.faults.add("/calls", hang=True)
        kickscale.faults.add("/meetings", latency=3_600)
        asked = [asyncio.ensure_future(client.get(path)) for path in ("/calls", "/meetings")]
        await kickscale.requests.until(lambda log: len(log) == 2)
        async with asyncio.timeout(3):
            await kickscale.stop()
        for answer in asked:
            with pytest.raises(httpx.TransportError):
                await answer


async def test_it_comes_back_at_the_same_address(clock: ManualClock) -> None:
    """With what it held."""
    kickscale = EmbeddedKickscale(clock, populated=False)
    async with kickscale:
        kickscale.add_call({"id": "c1"})
        address = kickscale.base_url
    async with client_of(kickscale) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("/calls")
        async with kickscale:
            assert kickscale.base_url == address
            assert (await client.get("/calls")).json()["meta"]["total"] == 1


# ---- the log -------------------------------------------------------------------------------------------------------


async def test_requests_are_noted_without_credentials(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """Method, path, query, headers, moment and status."""
    await client.get("/calls?page=0&domain=a&domain=b")
    await client.get("/meetings/nope")
    first, second = kickscale.requests
    assert (first.method, first.path, first.status, first.at) == ("GET", "/calls", 200, clock.now())
    assert first.query == (("page", "0"), ("domain", "a"), ("domain", "b"))
    assert first.parameters == {"page": "0", "domain": "b"}
    assert kickscale.api_key not in repr(first)
    assert first.headers["api-key"] == "…"
    assert first.headers["user-agent"].startswith("python-httpx")
    assert second.status == 404
    assert len(kickscale.requests.on("/calls")) == 1
    assert not kickscale.requests.on("/calls", "POST")
    kickscale.requests.clear()
    assert not kickscale.requests


async def test_waves_count_round_trips_one_after_another(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """Five at the same time between two single ones are three, over persistent connections."""
    await client.get("/calls")
    kickscale.faults.add("/calls", hang=True, times=5)
    asked = asyncio.gather(*(client.get("/calls", params={"page": page}) for page in range(5)))
    await kickscale.requests.until(lambda log: log.most_at_once == 5)
    kickscale.release()
    await asked
    await client.get("/meetings")
    log = kickscale.requests
    assert (len(log), log.waves, log.most_at_once) == (7, 3, 5)
    assert log.on("/calls").waves == 2
    assert log.connections <= 5


async def test_in_turn_every_request_is_a_wave(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """One connection serves them all."""
    for page in range(4):
        await client.get("/calls", params={"page": page})
    assert (kickscale.requests.waves, kickscale.requests.most_at_once, kickscale.requests.connections) == (4, 1, 1)


async def test_a_request_that_was_given_up_has_no_status(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """It ends when its client goes."""
    kickscale.faults.add("/calls", hang=True)
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/calls", timeout=httpx.Timeout(10, read=0.05))
    await kickscale.requests.until(lambda log: log[0].ended is not None)
    assert kickscale.requests[0].status is None
