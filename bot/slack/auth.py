"""What the bot's own tokens are good for, and who the bot is."""

import functools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.slack.calls import Calls, read_date


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is, by `auth.test` (https://docs.slack.dev/reference/methods/auth.test)."""

    team: str
    team_name: str
    user: str
    bot: str = ""
    """Its id as a bot, `B…`."""
    scopes: frozenset[str] = frozenset()
    answered_at: datetime | None = None
    """By Slack's clock."""

    def drift(self, now: datetime) -> timedelta | None:
        """Return how far `now` is ahead of Slack's clock, or None if Slack's answer had no date."""
        return None if self.answered_at is None else now - self.answered_at


class Auth:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self._identity: Identity | None = None

    async def identity(self) -> Identity:
        """Return the bot's own workspace and user. Slack is asked only once. Raises SlackError."""
        if self._identity is None:
            self._identity = await self.check()
            self.calls.bot_user = self._identity.user
        return self._identity

    async def check(self) -> Identity:
        """Ask Slack whether the token is valid, every time this is called. Raises SlackError."""
        response = await self.calls.call("auth.test", self.calls.client.auth_test, patience=timedelta(0))
        scopes = str(response.headers.get("x-oauth-scopes", ""))
        return Identity(
            team=str(response.get("team_id", "")),
            team_name=str(response.get("team", "")),
            user=str(response.get("user_id", "")),
            bot=str(response.get("bot_id", "")),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
            answered_at=read_date(response.headers.get("date", "")),
        )

    async def app(self) -> str:
        """Return the id of the app that the bot's token belongs to; empty if Slack doesn't say. Raises SlackError."""
        identity = await self.identity()
        read = functools.partial(self.calls.client.bots_info, bot=identity.bot)
        response = await self.calls.call("bots.info", read, patience=timedelta(0))
        return str((response.get("bot") or {}).get("app_id") or "")

    async def open_socket(self, app_token: str) -> str:
        """Return an address for one Socket Mode connection. Raises SlackError."""
        response = await self.calls.call(
            "apps.connections.open",
            lambda: self.calls.client.apps_connections_open(app_token=app_token),
            repeatable=False,  # the Socket Mode client repeats it
            patience=timedelta(0),
        )
        return str(response.get("url") or "")


def app_of(app_token: str) -> str:
    """Return the id of the app that an app-level token belongs to; empty if the token doesn't say.

    Slack doesn't document that it does, but all of them look like this.
    """
    match = re.match(r"xapp-\d+-(A[A-Z0-9]+)-", app_token)
    return match[1] if match else ""
