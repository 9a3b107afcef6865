"""Modals: open, push and update them."""

from bot.errors import SlackError
from bot.slack.calls import Calls
from bot.slack.payloads import Payload


class Views:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def open(self, trigger: str, view: Payload) -> str:
        """Open a modal, within 3 s of `trigger`, and return its id. Raises SlackError."""
        response = await self._calls.call(
            "views.open", lambda: self._calls.client.views_open(trigger_id=trigger, view=dict(view))
        )
        return str(response["view"]["id"])

    async def push(self, trigger: str, view: Payload) -> str:
        """Put a modal on top of the open one and return its id. Raises SlackError."""
        response = await self._calls.call(
            "views.push", lambda: self._calls.client.views_push(trigger_id=trigger, view=dict(view))
        )
        return str(response["view"]["id"])

    async def update(self, view_id: str, view: Payload) -> bool:
        """Replace a modal's content. Returns False if it was closed in the meantime. Raises SlackError."""
        try:
            await self._calls.call(
                "views.update", lambda: self._calls.client.views_update(view_id=view_id, view=dict(view))
            )
        except SlackError as exc:
            if exc.code != "not_found":
                raise
            return False
        return True
