"""What the log says at the start: which version runs, and what with."""

import logging

from bot import __version__
from bot.app.foundation import Foundation
from bot.slack.auth import Identity

log = logging.getLogger(__name__)


def log_start(base: Foundation, identity: Identity | None) -> None:
    """Log a few lines. `identity` is None if Slack didn't answer."""
    settings = base.settings
    log.info("kickscale-bot %s", __version__)
    workspace = f"the workspace {identity.team_name}" if identity else "a workspace that isn't known yet"
    over = "Socket Mode" if settings.slack_app_token.get_secret_value() else "HTTP"
    log.info("Slack: %s, over %s", workspace, over)
    log.info("Kickscale: %s (API configuration: %s)", settings.kickscale_base_url, _describe_binding(base))
    log.info("database: %s", settings.database_name)


def _describe_binding(base: Foundation) -> str:
    match base.bindings.origin:
        case "overridden":
            return "overridden by the settings"
        case "default":
            return "default, until its OpenAPI document is read"
        case _:
            return f"from its OpenAPI document, as of {base.bindings.bound_at:%Y-%m-%d}"
