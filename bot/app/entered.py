"""The wiring of `kickscale-bot init`: checks what was entered with the services that it is for."""

from collections.abc import Sequence

from bot.app.clients import kickscale_client
from bot.app.doctor import DOCTOR_SLACK_TIMEOUT
from bot.app.slack_access import SlackAccess
from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.observe.requests import ignore
from bot.operations.checks.check import Check
from bot.operations.checks.kickscale import check_credentials, check_key_age
from bot.operations.checks.slack import check_connection, check_token
from bot.slack.client import Slack


async def check_entered(settings: Settings, name: str) -> Sequence[Check]:
    """Ask Slack or Kickscale about the setting that was entered last; empty if neither knows it.

    The API key and its client ID are only accepted together, so they are checked with the second one. And an app-level
    token is checked with the bot's token, if there is one: whether both belong to the same app.
    """
    match name:
        case "SLACK_BOT_TOKEN" | "SLACK_APP_TOKEN":
            return await _check_slack(settings, name)
        case "KICKSCALE_CLIENT_ID":
            client = kickscale_client(settings)
            try:
                return await check_credentials(client)
            finally:
                await client.aclose()
    return ()


def check_created(settings: Settings) -> Sequence[Check]:
    """Check the day on which the key was created, if it is known: a key expires, and none is from the future."""
    created = settings.kickscale_api_key_created
    return check_key_age(created, SystemClock().now().date()) if created is not None else ()


async def _check_slack(settings: Settings, name: str) -> Sequence[Check]:
    clock = SystemClock()
    access = SlackAccess.build(settings, clock, ignore, timeout=DOCTOR_SLACK_TIMEOUT)
    try:
        slack = Slack(access.auth)
        if name == "SLACK_BOT_TOKEN":
            return await check_token(slack, clock)
        return await check_connection(settings.slack_app_token.get_secret_value(), slack)
    finally:
        await access.close()
