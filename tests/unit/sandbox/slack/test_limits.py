"""Slack's rates, and faults to order."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack
from tests.clock import ManualClock

SALES = "C0SALES001"


async def post(client: AsyncWebClient, channel: str = SALES) -> Any:
    return await client.chat_postMessage(channel=channel, text="x")


async def test_a_channel_takes_a_burst_and_then_a_message_a_second(
    slack: EmbeddedSlack, client: AsyncWebClient, clock: ManualClock
) -> None:
    """Then it is 429 with Retry-After; another channel is not touched by it."""
    for _ in range(5):
        await post(client)
    with pytest.raises(SlackApiError) as caught:
        await post(client)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert caught.value.response["error"] == "ratelimited"
    await post(client, "C0GENERAL1")
    await clock.advance(1)
    await post(client)
    assert len(slack.posts(SALES)) == 6


async def test_a_method_has_its_tier(client: AsyncWebClient, clock: ManualClock) -> None:
    """conversations.list is of tier 2: twenty a minute."""
    for _ in range(20):
        await client.conversations_list()
    with pytest.raises(SlackApiError) as caught:
        await client.conversations_list()
    assert caught.value.response.headers["Retry-After"] == "60"
    await clock.advance(60)
    await client.conversations_list()


async def test_limits_can_be_off(clock: ManualClock) -> None:
    """For tests that are about something else."""
    async with EmbeddedSlack(clock=clock, limits=NO_LIMITS) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        for _ in range(30):
            await post(client)
        assert len(slack.posts(SALES)) == 30


async def test_a_429_to_order(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Once, with the wait that was ordered; then all is well."""
    slack.faults.add("chat.postMessage", status=429, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await post(client)
    assert caught.value.response.headers["Retry-After"] == "7"
    await post(client)
    assert len(slack.posts(SALES)) == 1


async def test_a_late_fault_comes_after_the_message(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """The message is there, and the app does not know it."""
    slack.faults.add("chat.postMessage", status=500, late=True)
    with pytest.raises(SlackApiError):
        await post(client)
    assert len(slack.posts(SALES)) == 1


async def test_a_broken_connection_to_order(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Nothing comes back at all."""
    slack.faults.add("chat.postMessage", broken=True)
    with pytest.raises(aiohttp.ClientError):
        await post(client)
    assert slack.posts(SALES) == []


async def test_a_hang_lasts_until_the_sandbox_stops(clock: ManualClock) -> None:
    """A request waits for its answer until then."""
    async with EmbeddedSlack(clock=clock) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        slack.faults.add("chat.postMessage", hang=True)
        waiting = asyncio.create_task(post(client))
        await slack.wait_for(lambda: slack.calls)
        assert not waiting.done()
    with pytest.raises(aiohttp.ClientError):
        await waiting


async def test_an_error_to_order(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """In Slack's form, for any method, as often as was ordered."""
    slack.faults.add("*", error="internal_error", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError, match="internal_error"):
            await client.auth_test()
    await client.auth_test()
