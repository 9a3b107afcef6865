"""Takes Slack's requests from the moment the bot is connected, although its listeners are imported after that."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.errors import StorageFailed

if TYPE_CHECKING:
    from bot.conversations.typed_commands import TypedCommands


class Reception(AsyncApp):
    """Bolt's app. Until `listen`, requests wait. From `take_commands` on, commands needn't: they are written down.

    Slack waits for three seconds.
    """

    def __init__(self, **options: Any) -> None:
        """`options` are those of Bolt's app."""
        super().__init__(**options)
        self._is_decided = asyncio.Event()
        """Whether there are listeners, or never will be."""
        self._has_listeners = False
        self._typed_commands: TypedCommands | None = None
        self._is_open = asyncio.Event()
        """Whether commands can be written down, or that is decided."""

    def take_commands(self, typed_commands: "TypedCommands") -> None:
        """Have commands written down and acknowledged. They are answered once there is what answers them."""
        self._typed_commands = typed_commands
        self._is_open.set()

    def listen(self) -> None:
        """Pass requests on: all listeners are registered."""
        self._has_listeners = True
        self._decide()

    def give_up(self) -> None:
        """If there are no listeners yet, there won't be any: the bot is stopping."""
        self._decide()

    def _decide(self) -> None:
        self._is_decided.set()
        self._is_open.set()

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Return the answer to a request."""
        if req.body.get("command") and await self._write_down(req.body):
            return BoltResponse(status=200, body="")
        await self._is_decided.wait()
        if not self._has_listeners:
            return BoltResponse(status=503, body="")  # Slack sends events again, and tells people about their commands
        return await super().async_dispatch(req)

    async def _write_down(self, body: Mapping[str, Any]) -> bool:
        """Write a command down if there are no listeners yet; False if it is left to them."""
        await self._is_open.wait()
        if self._is_decided.is_set() or self._typed_commands is None:
            return False
        try:
            await self._typed_commands.promise(body)
        except StorageFailed:
            return False  # they try again, and can say why it fails
        return True
