"""The clients of Kickscale and Slack as the settings want them: the only place that builds them."""

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.config.settings import Settings
from bot.kickscale.client import KickscaleClient
from bot.kickscale.uploading.sender import Sender
from bot.observe.requests import Observe
from bot.tools.proxies import proxy_of


def kickscale_client(settings: Settings, *, observe: Observe | None = None) -> KickscaleClient:
    """To be closed at the end, as is the sender."""
    return KickscaleClient(*_credentials(settings), hosts=settings.storage_hosts, observe=observe)


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
    client.proxy = proxy_of(settings.slack_api_url)  # as an argument, None means what slack_sdk finds itself
    return client


def _credentials(settings: Settings) -> tuple[str, str, str]:
    return (
        settings.kickscale_base_url,
        settings.kickscale_api_key.get_secret_value(),
        settings.kickscale_client_id.get_secret_value(),
    )
