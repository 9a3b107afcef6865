"""When the API fails: what is repeated, what is reported, and what never leaves the client."""

import asyncio
import gzip
import html
import json
import logging
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web

from bot.errors import (
    BotError,
    ConfigError,
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleRejected,
    KickscaleTimeout,
    KickscaleUnavailable,
    KickscaleUnreadable,
)
from bot.kickscale.client import KickscaleClient
from bot.kickscale.protocol import ApiAccess
from bot.model.conversation import Kind
from tests.clock import MONDAY_MORNING, ManualClock
from tests.unit.kickscale.conftest import Connect
from tests.unit.kickscale.service import END, START, Service, answer, drop, record

HTML = "<html><head><title>Oops</title><style>p {color: red}</style></head><body><h1>Bad &amp; sad</h1></body></html>"


async def hang(_request: web.Request) -> web.StreamResponse:
    """Never answers."""
    await asyncio.Event().wait()
    return web.Response()


# ---- tried again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failures",
    [
        [answer(500)],
        [answer(502), answer(503), answer(504)],
        [answer(429, retry_after="0")],
        [answer(429)] * 3,
        [answer(429, retry_after="0")] * 6,
        [answer(429, retry_after=format_datetime(MONDAY_MORNING, usegmt=True), date="nonsense")],
        [drop],
        [drop, answer(503), answer(429, retry_after="0.0")],
    ],
)
async def test_a_passing_failure_is_tried_again(service: Service, connect: Connect, failures: list[Any]) -> None:
    """An overloaded service, a lost connection, or a plea for patience."""
    client = connect(clock=ManualClock())
    service.script = list(failures)
    service.records = [record(0)]
    assert (await client.conversation(Kind.CALL, "c0")).id == "c0"
    assert len(service.requests) == len(failures) + 1


@pytest.mark.parametrize(
    ("failure", "error", "requests"),
    [
        (answer(500), KickscaleUnavailable, 4),
        (drop, KickscaleUnavailable, 4),
        (answer(501), KickscaleUnavailable, 1),
        (answer(429), KickscaleRateLimited, 4),
        (answer(429, retry_after="0"), KickscaleRateLimited, 10),
        (answer(401), CredentialsRefused, 1),
        (answer(403, "Forbidden"), CredentialsRefused, 1),
        (answer(400), KickscaleRejected, 1),
        (answer(418), KickscaleRejected, 1),
        (answer(302, location="https://example.com/"), KickscaleRedirected, 1),
        (answer(200, "{"), KickscaleUnreadable, 1),
        (answer(200, HTML), KickscaleUnreadable, 1),
    ],
)
async def test_a_lasting_failure_is_raised_after_a_number_of_requests(
    service: Service, client: KickscaleClient, failure: Any, error: type[KickscaleError], requests: int
) -> None:
    """What will not pass is not asked for twice, and what might is not asked for without end."""
    service.script = [failure] * 20
    with pytest.raises(error):
        await client.check()
    assert len(service.requests) == requests


async def test_a_pause_longer_than_the_deadline_fails_at_once(service: Service, client: KickscaleClient) -> None:
    """With how long it would have been."""
    service.script = [answer(429, retry_after="120")]
    with pytest.raises(KickscaleRateLimited) as limited:
        await client.check()
    assert limited.value.retry_after == 120
    assert len(service.requests) == 1


async def test_a_pause_until_a_date_is_measured_on_the_servers_clock(service: Service, connect: Connect) -> None:
    """Its clock and ours may differ."""
    until = datetime(2031, 1, 1, 12, 0, 0, tzinfo=UTC)
    dates = {"retry_after": format_datetime(until, usegmt=True)}
    dates["date"] = format_datetime(until - timedelta(minutes=10), usegmt=True)
    service.script = [answer(429, **dates)]
    with pytest.raises(KickscaleRateLimited) as limited:
        await connect(clock=ManualClock()).check()
    assert limited.value.retry_after == 600


async def test_a_failing_page_fails_the_question_and_ends_the_others(service: Service, client: KickscaleClient) -> None:
    """Half an answer would be a wrong one."""
    service.records = [record(number) for number in range(500)]

    async def first(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": service.records[:100], "meta": {"total": 500}})

    service.script = [first, hang, answer(403), hang, hang]
    with pytest.raises(CredentialsRefused):
        await client.conversations(Kind.CALL, START, END)


# ---- time ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [[hang], [answer(503), hang]])
async def test_a_hang_ends_at_the_deadline(service: Service, connect: Connect, script: list[Any]) -> None:
    """One deadline for the question with all its retries."""
    service.script = script
    with pytest.raises(KickscaleTimeout):
        await connect(deadline=0.2).check()


async def test_a_body_that_trickles_ends_at_the_deadline_too(service: Service, connect: Connect) -> None:
    """Each byte in time is not an answer in time."""

    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while not service.never.is_set():
            await response.write(b" ")
            await asyncio.sleep(0.01)
        return response

    service.script = [trickle]
    with pytest.raises(KickscaleTimeout):
        await connect(deadline=0.2).check()


async def test_no_service_at_all_is_unavailable(connect: Connect) -> None:
    """Without a status."""
    with pytest.raises(KickscaleUnavailable) as unavailable:
        await connect(base_url="http://127.0.0.1:1").check()
    assert unavailable.value.status is None


# ---- what it says --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"statusCode": 400, "message": "Bad id", "error": "Bad Request"}', "Bad id"),
        ('{"message": ["a must be b", "c must be d"]}', "a must be b; c must be d"),
        ("Bad\n request", "Bad request"),
        (HTML, "Bad & sad"),
        ("", ""),
        ('{"a": 1}', ""),
    ],
)
async def test_a_rejection_carries_the_apis_own_words(
    service: Service, client: KickscaleClient, body: str, words: str
) -> None:
    """NestJS's, plain text, or HTML without its tags; never raw JSON."""
    service.script = [answer(400, body)]
    with pytest.raises(KickscaleRejected) as rejected:
        await client.check()
    assert (rejected.value.status, rejected.value.message) == (400, words)


async def test_a_redirect_is_not_followed_and_its_query_not_kept(service: Service, client: KickscaleClient) -> None:
    """It would replay the credentials elsewhere."""
    service.script = [answer(307, location="/elsewhere?token=secret")]
    with pytest.raises(KickscaleRedirected) as redirected:
        await client.check()
    assert redirected.value.location == "/elsewhere"
    assert service.paths == ["/meetings"]


async def test_credentials_are_in_nothing_that_is_raised_or_logged(
    service: Service, client: KickscaleClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even when the service repeats them."""
    caplog.set_level(logging.DEBUG)
    said = [repr(client), str(client)]
    service.script = [
        answer(400, "no such key: key-of-1-year of client-1"),
        answer(500, "key-of-1-year"),
        answer(403),
        drop,
        answer(200, "<key-of-1-year>"),
    ]
    for _ in range(3):
        try:
            await client.check()
        except BotError as exc:
            said += [repr(exc), str(exc), repr(exc.__cause__)]
    said += [record.getMessage() for record in caplog.records if record.name.startswith(("bot", "httpx", "stamina"))]
    assert any("*** of ***" in text for text in said)
    assert not any("key-of-1-year" in text or "client-1" in text for text in said)


@pytest.mark.parametrize(
    ("key", "client_id", "variable"),
    [
        ("", "c", "KICKSCALE_API_KEY"),
        ("a\nb", "c", "KICKSCALE_API_KEY"),
        ("schlüssel", "c", "KICKSCALE_API_KEY"),
        ("some-key", " ", "KICKSCALE_CLIENT_ID"),
    ],
)
def test_a_credential_that_no_header_can_carry_is_a_bad_setting(key: str, client_id: str, variable: str) -> None:
    """Told without showing it."""
    with pytest.raises(ConfigError) as refused:
        KickscaleClient(ApiAccess("https://api.example.com", key, client_id))
    assert refused.value.variable == variable
    assert not key.strip() or key not in str(refused.value)


# ---- bounds --------------------------------------------------------------------------------------------------------


async def test_a_document_without_end_is_cut_off(service: Service, client: KickscaleClient) -> None:
    """At eight megabytes for the OpenAPI document."""

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while not service.never.is_set():
            await response.write(b" " * 2**20)
        return response

    service.script = [flood]
    with pytest.raises(KickscaleUnreadable, match="more than 8388608 bytes"):
        await client.openapi()


async def test_an_errors_body_without_end_is_cut_off(service: Service, client: KickscaleClient) -> None:
    """The status is enough."""

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=400)
        await response.prepare(request)
        while not service.never.is_set():
            await response.write(b"no " * 2**16)
        return response

    service.script = [flood]
    with pytest.raises(KickscaleRejected) as rejected:
        await client.check()
    assert len(rejected.value.message) <= 500


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("times", [1, 2])
async def test_what_is_packed_to_burst_is_cut_off(
    service: Service, client: KickscaleClient, status: int, times: int
) -> None:
    """A few kilobytes can be gigabytes of zeros: no more of them is unpacked than would be read, and nothing twice."""
    bomb = b"0" * 2**26
    for _ in range(times):
        bomb = gzip.compress(bomb, 9)

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=bomb, headers={"Content-Encoding": ", ".join(["gzip"] * times)})

    service.script = [handle]
    tracemalloc.start()
    try:
        with pytest.raises(KickscaleUnreadable if status == 200 else KickscaleRejected):
            await client.openapi()
        assert tracemalloc.get_traced_memory()[1] < 2**25
    finally:
        tracemalloc.stop()


async def test_a_packed_answer_is_unpacked(service: Service, client: KickscaleClient) -> None:
    """In gzip, as requested."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=gzip.compress(b'{"openapi": "3"}'), headers={"Content-Encoding": "GZIP"})

    service.script = [handle]
    assert await client.openapi() == {"openapi": "3"}
    assert service.requests[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("key", ['k"ey/with\\slash', "a&b<c>d'e+f"])
async def test_no_way_to_write_a_credential_brings_it_back(service: Service, key: str) -> None:
    """Escaped as JSON or HTML has it, or in capitals: what a person reads is free of it."""
    client = KickscaleClient(ApiAccess(service.base_url, key, "client-1"))
    for said in (
        json.dumps({"message": f"no {key} here"}),
        json.dumps({"message": f"no {key} here"}).replace("/", r"\/"),
        json.dumps({"message": f"no {key.upper()} here"}),
        f"<p>no {html.escape(key)} here</p>",
        f"no {key} here",
    ):
        service.script = [answer(400, said)]
        with pytest.raises(KickscaleRejected) as rejected:
            await client.check()
        assert rejected.value.message == "no *** here"
    await client.aclose()


async def test_json_nested_without_end_is_unreadable(service: Service, client: KickscaleClient) -> None:
    """As is what says it is compressed and is not."""
    service.script = [answer(200, "[" * 200_000)]
    with pytest.raises(KickscaleUnreadable):
        await client.check()
    service.script = [answer(200, "plain", content_encoding="gzip")]
    with pytest.raises(KickscaleUnreadable):
        await client.check()


# ---- measured ------------------------------------------------------------------------------------------------------


async def test_each_request_is_observed(service: Service, connect: Connect) -> None:
    """Its operation, its outcome and its seconds."""
    seen: list[tuple[str, str]] = []

    def observe(operation: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        seen.append((operation, outcome))

    client = connect(observe=observe)
    service.records = [record(0)]
    service.script = [answer(503), drop]
    await client.check()
    await client.conversation(Kind.CALL, "c0")
    hurried = connect(observe=observe, deadline=0.2)
    for asked, handler in (
        (client, answer(404)),
        (client, answer(200, "plain", content_encoding="gzip")),
        (hurried, hang),
    ):
        service.script = [handler]
        with pytest.raises(KickscaleError):
            await asked.conversations(Kind.MEETING, START, END)
    assert seen == [
        ("check", "503"),
        ("check", "unreachable"),
        ("check", "200"),
        ("get_call", "200"),
        ("list_meetings", "404"),
        ("list_meetings", "unreadable"),
        ("list_meetings", "cancelled"),
    ]


async def test_the_connection_is_reused(service: Service, client: KickscaleClient) -> None:
    """One for the life of the process, as long as nobody asks at the same time."""
    for _ in range(5):
        await client.check()
    peers = {request.transport.get_extra_info("peername") for request in service.requests if request.transport}
    assert len(peers) == 1
