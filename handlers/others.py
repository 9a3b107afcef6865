"""Whatever else Slack sends: what nothing listens for Bolt answers with 404, and in Socket Mode not at all."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

ANYTHING = re.compile("")


def register(app: AsyncApp) -> None:
    @app.action(ANYTHING)
    @app.event(ANYTHING)
    @app.options(ANYTHING)
    @app.shortcut(ANYTHING)
    @app.view(ANYTHING)
    @app.view_closed(ANYTHING)
    async def nothing(ack: AsyncAck, body: dict[str, Any]) -> None:
        """Taken, and nothing done: a link that was opened, a button of an older version, an event not asked for."""
        del body
        await ack()
