"""The clients of Kickscale and Slack, built from the settings."""

from dataclasses import dataclass
from typing import Self

from bot.app.slack_access import SlackAccess
from bot.clock import Clock
from bot.config.settings import Settings
from bot.kickscale.client import KickscaleClient
from bot.kickscale.protocol import ApiAccess
from bot.kickscale.uploading.sender import Sender
from bot.observe.metrics import Metrics
from bot.observe.requests import Observe
from bot.slack.client import Slack
from bot.slack.downloads import Downloads


@dataclass(frozen=True)
class Clients:
    slack: Slack
    downloads: Downloads
    kickscale: KickscaleClient
    sender: Sender

    @classmethod
    def build(cls, settings: Settings, clock: Clock, metrics: Metrics, access: SlackAccess) -> Self:
        """Must run in an event loop. Raises ConfigError. The caller closes `access`."""
        kickscale = kickscale_client(settings, observe=metrics.kickscale_request, clock=clock)
        sender = kickscale_sender(settings, observe=metrics.kickscale_request)
        return cls(
            slack=Slack(access.auth),
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


def kickscale_client(
    settings: Settings, *, observe: Observe | None = None, clock: Clock | None = None
) -> KickscaleClient:
    """The caller closes it, and the sender too."""
    return KickscaleClient(_api_access(settings), observe=observe, clock=clock)


def kickscale_sender(settings: Settings, *, observe: Observe | None = None) -> Sender:
    return Sender(_api_access(settings), observe=observe)


def _api_access(settings: Settings) -> ApiAccess:
    return ApiAccess(
        settings.kickscale_base_url,
        settings.kickscale_api_key.get_secret_value(),
        settings.kickscale_client_id.get_secret_value(),
        settings.storage_hosts,
    )
