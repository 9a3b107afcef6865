"""What the bot reaches Slack with, built from the settings: as little as its start needs."""

import logging
from dataclasses import dataclass
from typing import Self

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.config.settings import Settings
from bot.observe.requests import Observe
from bot.slack.auth import Auth
from bot.slack.calls import Calls
from bot.slack.session import new_session
from bot.tools.proxies import proxy_of

SLACK_TIMEOUT = 30
"""Seconds for one request to Slack."""


@dataclass(frozen=True)
class SlackAccess:
    session: aiohttp.ClientSession
    web: AsyncWebClient
    """The SDK's client, for Bolt and Socket Mode; everything else goes through `calls`."""
    calls: Calls
    auth: Auth

    @classmethod
    def build(cls, settings: Settings, clock: Clock, observe: Observe, *, timeout: int = SLACK_TIMEOUT) -> Self:
        """Must run in an event loop. `timeout` is for one request, in seconds."""
        web = slack_client(settings, timeout=timeout)
        web.session = session = new_session(timeout)
        calls = Calls(web, clock, observe)
        return cls(session, web, calls, Auth(calls))

    async def close(self) -> None:
        await self.session.close()


def slack_client(settings: Settings, *, timeout: int) -> AsyncWebClient:
    """Return a client without a session yet. `timeout` is for one request, in seconds."""
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=timeout,
        retry_handlers=[],
    )
    # The SDK looks at its logger's own level, not at the effective one. If that isn't set, it formats every request for
    # a log line that is thrown away (slack_sdk 3.47, `_request_with_session`).
    client.logger.setLevel(logging.INFO)
    client.proxy = proxy_of(settings.slack_api_url)  # passed as an argument, None would mean whatever slack_sdk finds
    return client
