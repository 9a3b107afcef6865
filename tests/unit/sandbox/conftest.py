from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack
from tests.clock import ManualClock
from tests.unit.sandbox.socketapp import SocketApp
from tests.world import ACK


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[EmbeddedSlack]:
    """An embedded Slack on the turned clock."""
    async with EmbeddedSlack(clock=clock, ack_seconds=ACK) as slack:
        yield slack


@pytest.fixture
def client(slack: EmbeddedSlack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
async def app(slack: EmbeddedSlack) -> AsyncIterator[SocketApp]:
    async with SocketApp(slack) as app:
        yield app
