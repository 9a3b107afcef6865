"""How Slack's requests reach the listeners: Bolt's app, and the socket of Socket Mode."""

import asyncio
import functools
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.app.basics import Basics
from bot.app.reception import Reception
from bot.app.slack_access import SlackAccess
from bot.errors import ConfigError, SlackDenied, SlackError
from bot.jobs.timers import Timers
from bot.slack.auth import Auth
from bot.tools.proxies import proxy_of

log = logging.getLogger(__name__)

WATCH_SOCKET = timedelta(seconds=10)
"""About as long as Slack's addresses work, and as often as the client tries to connect."""
CLOSE_PATIENCE = 2.0
"""Seconds for Slack to agree to the end of its socket; it may not answer at all."""


def bolt_app(basics: Basics) -> Reception:
    """Return Bolt's app without listeners."""
    web = basics.slack.web

    async def choose_proxy(client: AsyncWebClient, next_: Callable[[], Awaitable[None]]) -> None:
        """For the client that Bolt makes for each request: without a proxy, it would look for one itself."""
        client.proxy = web.proxy
        await next_()

    with _no_slack_variables():
        return Reception(
            name="kickscale-bot",  # without one, Bolt reads the source of every caller on the stack for it
            client=web,
            signing_secret=basics.settings.slack_signing_secret.get_secret_value(),
            request_verification_enabled=False,  # bot.app.http.slack_events has verified it
            before_authorize=choose_proxy,
            # Otherwise Bolt would check every ten milliseconds whether a listener has acknowledged. Ours do nothing
            # long before they return (slack_bolt 1.30, `listener/asyncio_runner.py`).
            process_before_response=True,
        )


@contextmanager
def _no_slack_variables() -> Iterator[None]:
    """Hide SLACK_… from Bolt, which reads the environment besides its arguments.

    A SLACK_BOT_TOKEN beside a client makes it log a warning, and a SLACK_CLIENT_ID with its secret turns on OAuth,
    which refuses every request (slack_bolt 1.30, `app/async_app.py`). Settings are read in `bot.config.settings` only.
    """
    hidden = {name: os.environ.pop(name) for name in tuple(os.environ) if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(hidden)


class Socket:
    """The connection of Socket Mode, which the SDK's client opens again by itself."""

    def __init__(self, app: AsyncApp, app_token: str, slack: SlackAccess, slack_api_url: str) -> None:
        self._handler = AsyncSocketModeHandler(app, app_token, web_client=slack.web)
        self._app_token = app_token
        self._auth = slack.auth
        self._slack_api_url = slack_api_url

    async def connect(self) -> None:
        """Raises ConfigError if Slack refuses the token."""
        socket_url = await _first_address(self._auth, self._app_token)
        self._handler.client.wss_uri = socket_url
        # Later addresses are on the same domain.
        self._handler.client.proxy = proxy_of(socket_url or self._slack_api_url)
        await self._handler.connect_async()  # type: ignore[no-untyped-call]

    def watch(self, timers: Timers) -> None:
        """Let a timer renew a lost connection."""
        timers.repeat(WATCH_SOCKET, "watch the socket", functools.partial(renew, self._handler.client))

    async def is_connected(self) -> bool:
        return await self._handler.client.is_connected()

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_PATIENCE):
                await self._handler.close_async()  # type: ignore[no-untyped-call]


async def _first_address(auth: Auth, app_token: str) -> str | None:
    """Return the first socket's address. The SDK would ask for one again and again with a token that is refused."""
    try:
        return await auth.open_socket(app_token) or None
    except SlackDenied as exc:
        raise ConfigError(
            "SLACK_APP_TOKEN", f"was refused by Slack ({exc.code}). Create a token with the scope connections:write."
        ) from exc
    except SlackError as exc:
        log.warning("Slack returned no Socket Mode address at startup (%s)", exc.code)
        return None


async def renew(client: SocketModeClient) -> None:
    """Let a client without a connection ask Slack for a new address.

    By itself it would try the same address forever (slack_sdk 3.47, `socket_mode/aiohttp/__init__.py`, `connect`). But
    Slack's addresses work only once and for seconds, so after a network failure the bot would never be connected again.
    """
    if not await client.is_connected():
        client.wss_uri = None
