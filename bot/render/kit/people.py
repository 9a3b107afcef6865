"""People in Slack, by their ids."""

import re

from bot.render.kit.blocks import inline

_USER = re.compile(r"[UW][A-Z0-9]{1,30}")
NAME = 80


def person(user: str) -> str:
    """Return mrkdwn that shows a Slack user by name. Anything but a user id is shown as text: e.g. `command line`."""
    return f"<@{user}>" if _USER.fullmatch(user) else inline(user, NAME) or "?"
