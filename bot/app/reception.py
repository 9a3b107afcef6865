"""Takes Slack's requests from the moment the bot is connected, although its listeners are imported after that."""

import asyncio
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.calls import Calls
from bot.slack.responses import Responses
from bot.tools.background import BackgroundTasks


class Reception(AsyncApp):
    """Bolt's app. Until `listen`, it acknowledges commands and lets all other requests wait.

    Whatever else Slack sends needs a listener's answer, or has to be on disk before it is acknowledged. Slack waits for
    three seconds.
    """

    def __init__(self, background: BackgroundTasks, calls: Calls, **options: Any) -> None:
        """`options` are those of Bolt's app."""
        super().__init__(**options)
        self._background = background
        self._responses = Responses(calls)
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
        if not self._is_decided.is_set():
            if req.body.get("command"):
                self._background.spawn(self._dispatch_later(req, str(req.body.get("response_url", ""))))
                return BoltResponse(status=200, body="")
            await self._is_decided.wait()
        if not self._has_listeners:
            return BoltResponse(status=503, body="")  # Slack sends events again
        return await super().async_dispatch(req)

    async def _dispatch_later(self, req: AsyncBoltRequest, response_url: str) -> None:
        await self._is_decided.wait()
        if self._has_listeners:
            said = (await super().async_dispatch(req)).body  # what would have come with the acknowledgement
        else:
            from bot.texts import texts_for  # noqa: PLC0415 the start need not wait for it

            said = texts_for(None)("waiting.stopped")
        if said:
            await self._responses.send(response_url, {"text": said})
