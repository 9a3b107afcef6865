"""Takes Slack's requests from the moment the bot is connected, although its listeners are imported after that."""

import asyncio
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest


class Reception(AsyncApp):
    """Bolt's app. Until `listen`, all requests wait: none is acknowledged before it has been written down.

    Slack waits for three seconds.
    """

    def __init__(self, **options: Any) -> None:
        """`options` are those of Bolt's app."""
        super().__init__(**options)
        self._is_decided = asyncio.Event()
        self._has_listeners = False

    def listen(self) -> None:
        """Pass requests on: all listeners are registered."""
        self._has_listeners = True
        self._is_decided.set()

    def give_up(self) -> None:
        """If there are no listeners yet, there won't be any: the bot is stopping."""
        self._is_decided.set()

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Return the answer to a request."""
        await self._is_decided.wait()
        if not self._has_listeners:
            return BoltResponse(status=503, body="")  # Slack sends events again, and tells people about their commands
        return await super().async_dispatch(req)
