"""Signed HTTP, without any framework at the other end."""

import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.slack import EmbeddedSlack
from tests.clock import ManualClock
from tests.servers import serving

ROBIN, SALES = "robin.rep", "sales-acme"


@contextlib.asynccontextmanager
async def listening(
    slack: EmbeddedSlack, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> AsyncIterator[None]:
    async with serving(answer) as address:
        slack.request_url = f"{address}/slack/events"
        yield


async def test_requests_are_signed_over_the_time_and_the_raw_body(slack: EmbeddedSlack) -> None:
    """So that Slack's own verifier takes them; and computed here once more by hand."""
    seen: list[tuple[dict[str, str], str]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((dict(request.headers), await request.text()))
        return web.Response()

    async with listening(slack, answer):
        await slack.command(ROBIN, SALES, "/kickscale calls acme.com")
    [(headers, body)] = seen
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert SignatureVerifier(slack.signing_secret).is_valid_request(body, headers)
    stamp = headers["X-Slack-Request-Timestamp"]
    assert abs(time.time() - int(stamp)) < 60
    digest = hmac.new(slack.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    assert headers["X-Slack-Signature"] == f"v0={digest}"


async def test_a_body_in_the_answer_is_the_answer(slack: EmbeddedSlack) -> None:
    """Plain or as JSON; an empty one is none."""
    answers = [
        web.Response(text="plain"),
        web.json_response({"text": "all", "response_type": "in_channel"}),
        web.Response(),
    ]

    async def answer(_request: web.Request) -> web.StreamResponse:
        return answers.pop(0)

    async with listening(slack, answer):
        for _ in range(3):
            assert (await slack.command(ROBIN, SALES, "/kickscale help")).error == ""
    assert [message.text for message in slack.ephemerals(SALES, ROBIN)] == ["plain"]
    assert [message.text for message in slack.posts(SALES)] == ["all"]


@pytest.mark.parametrize(("status", "error"), [(404, "http_client_error"), (500, "http_service_error")])
async def test_an_error_of_the_app_is_seen(slack: EmbeddedSlack, status: int, error: str) -> None:
    """By the person who typed."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    async with listening(slack, answer):
        delivery = await slack.command(ROBIN, SALES, "/kickscale help")
    assert delivery.error == error


async def test_a_slow_app_times_out(clock: ManualClock) -> None:
    """After the time for an acknowledgement."""
    async with EmbeddedSlack(clock=clock, ack_seconds=0.05) as slack:

        async def answer(_request: web.Request) -> web.Response:
            await clock.sleep(3600)
            return web.Response()

        async with listening(slack, answer):
            delivery = await slack.command(ROBIN, SALES, "/kickscale help")
            assert delivery.error == "operation_timeout"


async def test_an_app_that_is_not_there_is_seen_too(slack: EmbeddedSlack) -> None:
    """Nobody listens at the address."""
    slack.request_url = "http://127.0.0.1:1/slack/events"
    assert (await slack.command(ROBIN, SALES, "/kickscale help")).error == "dispatch_failed"


async def test_an_event_that_failed_is_sent_again_with_its_number(slack: EmbeddedSlack, clock: ManualClock) -> None:
    """Until the app says that it wants no more."""
    seen: list[tuple[str | None, str | None]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.headers.get("X-Slack-Retry-Num"), request.headers.get("X-Slack-Retry-Reason")))
        assert json.loads(await request.text())["event"]["type"] == "app_mention"
        headers = {"X-Slack-No-Retry": "1"} if len(seen) == 2 else {}
        return web.Response(status=500, headers=headers)

    async with listening(slack, answer):
        await slack.event({"type": "app_mention", "channel": "C0SALES001"})
        await slack.wait_for(lambda: len(slack.deliveries) == 2)
        await clock.advance(1000)
    assert seen == [(None, None), ("1", "http_error")]
