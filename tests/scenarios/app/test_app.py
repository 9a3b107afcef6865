"""The life of the bot: what it depends on may not be available yet."""

import asyncio

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.app.slack_connection import renew
from bot.sandbox.slack import EmbeddedSlack
from tests.clock import ManualClock


async def test_a_socket_with_an_expired_address_gets_another_one() -> None:
    """Slack's addresses work once and for seconds, but the SDK would try the same one forever."""
    async with EmbeddedSlack(clock=ManualClock()) as slack:
        web = AsyncWebClient(base_url=slack.api_url)
        client = SocketModeClient(slack.app_token, web_client=web, ping_interval=0.05)
        client.wss_uri = f"{slack.base_url.replace('http', 'ws')}/link/?ticket=spent"
        connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(30):
                await asyncio.sleep(0)
                await renew(client)
                await connecting
            assert len(slack.sockets.connections) == 1
            address = client.wss_uri
            await renew(client)
            assert client.wss_uri == address is not None, "one that is connected keeps its address"
        finally:
            connecting.cancel()
            await client.close()  # type: ignore[no-untyped-call]
