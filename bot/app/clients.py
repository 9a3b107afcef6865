"""The clients of Kickscale and Slack, built from the settings: the only place that builds them."""

import logging
from dataclasses import dataclass
from typing import Self

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.config.settings import Settings
from bot.kickscale.client import KickscaleClient
from bot.kickscale.uploading.sender import Sender
from bot.observe.metrics import Metrics
from bot.observe.requests import Observe
from bot.slack.calls import Limits
from bot.slack.client import Slack
from bot.slack.downloads import Downloads
from bot.slack.session import new_session
from bot.tools.proxies import proxy_of

SLACK_TIMEOUT = 30
"""Seconds for one request to Slack."""


@dataclass(frozen=True)
class Clients:
    session: aiohttp.ClientSession
    web: AsyncWebClient
    """The SDK's client, for Bolt and Socket Mode; everything else calls `slack`."""
    slack: Slack
    downloads: Downloads
    kickscale: KickscaleClient
    sender: Sender

    @classmethod
    def build(
        cls,
        settings: Settings,
        clock: Clock,
        metrics: Metrics,
        *,
        slack_timeout: int = SLACK_TIMEOUT,
        limits: Limits | None = None,
    ) -> Self:
        """Must run in an event loop. Raises ConfigError."""
        kickscale = kickscale_client(settings, observe=metrics.kickscale_request, clock=clock)
        sender = kickscale_sender(settings, observe=metrics.kickscale_request)
        session = new_session(slack_timeout)
        web = slack_client(settings, session, timeout=slack_timeout)
        return cls(
            session=session,
            web=web,
            slack=Slack(web, clock, observe=metrics.slack_call, limits=limits),
            downloads=Downloads(
                settings.slack_bot_token.get_secret_value(), settings.slack_api_url, observe=metrics.slack_call
            ),
            kickscale=kickscale,
            sender=sender,
        )

    async def close(self) -> None:
        await self.downloads.aclose()
        await self.sender.aclose()
        await self.kickscale.aclose()
        await self.session.close()


def kickscale_client(
    settings: Settings, *, observe: Observe | None = None, clock: Clock | None = None
) -> KickscaleClient:
    """The caller closes it, and the sender too."""
    return KickscaleClient(*_credentials(settings), hosts=settings.storage_hosts, observe=observe, clock=clock)


def kickscale_sender(settings: Settings, *, observe: Observe | None = None) -> Sender:
    return Sender(*_credentials(settings), hosts=settings.storage_hosts, observe=observe)


def slack_client(settings: Settings, session: aiohttp.ClientSession, *, timeout: int) -> AsyncWebClient:
    """`timeout` is for one request, in seconds."""
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        session=session,
        timeout=timeout,
        retry_handlers=[],
    )
    # The SDK goes by its logger's own level, not by the one that counts. Without one, it writes out every request, and
    # that is thrown away (slack_sdk 3.47, `_request_with_session`).
    client.logger.setLevel(logging.INFO)
    client.proxy = proxy_of(settings.slack_api_url)  # as an argument, None means what slack_sdk finds itself
    return client


def _credentials(settings: Settings) -> tuple[str, str, str]:
    return (
        settings.kickscale_base_url,
        settings.kickscale_api_key.get_secret_value(),
        settings.kickscale_client_id.get_secret_value(),
    )
