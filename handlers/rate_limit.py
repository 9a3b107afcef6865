"""Refuses people who ask too often, or while too many others ask, before any listener is called."""

from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp

from bot.app.rate_limit import LIMIT, RateLimiter
from bot.app.services import Services
from bot.render.commands.waiting import refused_message
from handlers.answering import known_texts
from handlers.clicks import Body

MOST_WAITING = 500
"""How many commands and clicks may wait for their turn: one core answers them in a few seconds."""


def register(app: AsyncApp, services: Services) -> None:
    limiter = RateLimiter(services.clock)

    @app.middleware
    async def limit_rate(body: Body, next_: Callable[[], Awaitable[None]]) -> BoltResponse | None:
        asker = _asker(body)
        count = limiter.count(asker) if asker else 0
        is_crowd = bool(asker) and len(services.turns) >= MOST_WAITING
        if count <= LIMIT and not is_crowd:
            await next_()
            return None
        if count <= LIMIT and body.get("event"):
            return BoltResponse(status=503, body="")  # Slack sends events again
        # Acknowledge it without doing anything. A click can only be answered with a message, and of a person's clicks
        # beyond the limit, only the first one is.
        why = "too_often" if count > LIMIT else "too_many"
        if body.get("command"):
            return BoltResponse(status=200, body=known_texts(services, asker)(f"waiting.{why}"))
        if count <= LIMIT + 1 and (url := body.get("response_url")):
            said = refused_message(known_texts(services, asker), why)
            services.background.spawn(services.slack.responses.send(url, said))
        return BoltResponse(status=200, body="")


def _is_to_bot(event: Body) -> bool:
    is_direct = event.get("type") == "message" and event.get("channel_type") == "im" and not event.get("bot_id")
    return event.get("type") == "app_mention" or is_direct


def _asker(body: Body) -> str:
    """Return the Slack user who typed a command, clicked, chose a shortcut, or mentioned or wrote to the bot.

    Empty for other events, and for forms: the click that opened the form was counted already.
    """
    if body.get("command"):
        return str(body.get("user_id", ""))
    event = body.get("event")
    if isinstance(event, dict) and _is_to_bot(event):
        return str(event.get("user") or "")
    return str(body["user"]["id"]) if body.get("type") in ("block_actions", "message_action") else ""
