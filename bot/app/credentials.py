"""Checks the credentials at the start, while somebody who can correct them is watching."""

import logging
from typing import TYPE_CHECKING

from bot.clock import LARGEST_DRIFT, Clock, describe_drift
from bot.errors import ConfigError, CredentialsRefused, KickscaleError, SlackDenied, SlackError
from bot.jobs.timers import SET_CLOCK
from bot.slack.auth import Auth, Identity

if TYPE_CHECKING:
    from bot.kickscale.client import KickscaleClient

log = logging.getLogger(__name__)


async def check_bot_token(auth: Auth, clock: Clock) -> Identity | None:
    """Return who the bot is. Raises ConfigError if Slack refuses the token.

    A wrong clock is logged as a warning, and so is Slack if it doesn't answer; then the result is None.
    """
    try:
        identity = await auth.identity()
    except SlackDenied as exc:
        raise ConfigError(
            "SLACK_BOT_TOKEN",
            f"was refused by Slack ({exc.code}). Copy it again from the app's OAuth & Permissions page.",
        ) from exc
    except SlackError as exc:
        log.warning("Slack couldn't be reached at startup (%s)", exc.code)
        return None
    drift = identity.drift(clock.now())
    if drift is not None and abs(drift) > LARGEST_DRIFT:
        log.warning("this machine's clock is %s Slack's. %s", describe_drift(drift), SET_CLOCK)
    return identity


async def check_api_key(client: "KickscaleClient") -> None:
    """Log a warning if Kickscale refuses the API key or can't be reached; otherwise it would show only in answers."""
    try:
        await client.check()
    except CredentialsRefused:
        log.warning(
            "Kickscale rejects KICKSCALE_API_KEY or KICKSCALE_CLIENT_ID, so the bot can't answer questions. Create a "
            "new key under Settings → Integrations → API & Webhooks in Kickscale, set both, and restart the bot"
        )
    except KickscaleError as exc:
        log.warning("Kickscale couldn't be reached at startup (%s)", type(exc).__name__)
