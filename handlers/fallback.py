"""Notices people who join a channel, and acknowledges everything else that Slack sends.

Without a listener, Bolt would answer with 404, and in Socket Mode not at all.
"""

import logging
import re
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.app.http.slack_requests import MALFORMED
from bot.app.services import Services

log = logging.getLogger(__name__)

ANYTHING = re.compile("")


def register(app: AsyncApp, services: Services) -> None:
    @app.event("member_joined_channel")
    async def joined(event: dict[str, Any]) -> None:
        await services.forget_listeners(str(event.get("channel")))

    @app.event("channel_shared")
    async def shared(event: dict[str, Any]) -> None:
        await services.forget_listeners(str(event.get("channel")))

    @app.error
    async def failed(error: Exception, response: BoltResponse | None) -> BoltResponse | None:
        """Answer a request that failed before it was acknowledged; after that there is no `response`.

        Slack sends an event again after a 500, but an event of the wrong shape would only fail again.
        """
        log.error("a request from Slack couldn't be handled", exc_info=error)
        return response and BoltResponse(status=400 if isinstance(error, MALFORMED) else 500)

    @app.action(ANYTHING)
    @app.event(ANYTHING)
    @app.options(ANYTHING)
    @app.shortcut(ANYTHING)
    @app.view(ANYTHING)
    @app.view_closed(ANYTHING)
    async def ignore(ack: AsyncAck, body: dict[str, Any]) -> None:
        """Acknowledge a link that was opened, a button of an older version, or an event nobody needs."""
        del body
        await ack()
