"""Before every listener: whether this person asks too often."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp

from bot.app.rate_limit import MOST, Pace
from bot.app.services import Services
from bot.render.commands.waiting import too_often_message

Body = dict[str, Any]


def register(app: AsyncApp, services: Services) -> None:
    pace = Pace(services.clock)

    @app.middleware
    async def keep_pace(body: Body, next_: Callable[[], Awaitable[None]]) -> BoltResponse | None:
        asker = _asker(body)
        count = pace.count(asker) if asker else 0
        if count <= MOST:
            await next_()
            return None
        # Acknowledged, and nothing done. A click gets an answer through its own address alone, so once will do.
        if body.get("command"):
            return BoltResponse(status=200, body=services.texts("waiting.too_often"))
        if count == MOST + 1 and (url := body.get("response_url")):
            services.background.spawn(services.slack.respond(url, too_often_message(services.texts)))
        return BoltResponse(status=200, body="")


def _asker(body: Body) -> str:
    """Who typed, clicked, chose or mentioned the bot; nobody for another event, and for a form, which cost a click."""
    if body.get("command"):
        return str(body.get("user_id", ""))
    event = body.get("event")
    if isinstance(event, dict) and event.get("type") == "app_mention":
        return str(event.get("user") or "")
    return str(body["user"]["id"]) if body.get("type") in ("block_actions", "message_action") else ""
