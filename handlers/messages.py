"""Mentions of the bot, and messages in its own messages tab: read as commands, like what follows `/kickscale`.

A mention with a recording, or below one, asks to upload it: `handlers.uploads`.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.app.services import Services
from bot.commands.naming import names_command
from bot.model.uploads import SharedMessage
from bot.render.commands.start import greeted_message
from bot.render.kit.limits import Payload
from bot.slack.payloads import read_message
from bot.texts import texts_for
from bot.tools.cache import TtlCache
from handlers.answering import answer
from handlers.commands import run

Body = dict[str, Any]
Next = Callable[[], Awaitable[Any]]

REPEATED = timedelta(minutes=10)
"""For how long Slack may report a message again: it tries three times within about six minutes."""


def register(app: AsyncApp, services: Services) -> None:
    answered: TtlCache[bool] = TtlCache(services.clock, REPEATED)

    def is_new(message: SharedMessage) -> bool:
        key = f"{message.channel}:{message.ts}"
        if answered.get(key):
            return False
        answered.put(key, value=True)
        return True

    # As in `handlers.uploads`: what asks for an upload is written down before Slack's report is acknowledged.
    async def asked_to_upload(event: Body, context: AsyncBoltContext, next_: Next) -> None:
        message = read_message(event, str(event["channel"]))
        if "edited" not in event and is_about_recording(message, text_of(event, context)):
            await services.uploads.intake.take_message(message, asked_by=message.user)
        await next_()

    @app.event("app_mention", middleware=[asked_to_upload])
    async def mentioned(event: Body, context: AsyncBoltContext) -> None:
        message, text = read_message(event, str(event["channel"])), text_of(event, context)
        is_command = not message.is_by_bot and "edited" not in event and not is_about_recording(message, text)
        if is_command and is_new(message):
            services.background.spawn(answer_mention(services, message, text))

    @app.event({"type": "message", "subtype": None})
    async def written(event: Body, context: AsyncBoltContext) -> None:
        """In the app's own messages. Slack also reports what people write in channels, which isn't for the bot."""
        message = read_message(event, str(event["channel"]))
        if event.get("channel_type") != "im" or "edited" in event or message.is_by_bot or not message.user:
            return
        if is_new(message):
            services.background.spawn(answer_message(services, message, text_of(event, context)))


def text_of(event: Body, context: AsyncBoltContext) -> str:
    """Return what was written, without the mention of the bot."""
    text = str(event.get("text") or "")
    return re.sub(rf"<@{re.escape(context.bot_user_id or '')}(\|[^>]*)?>[:,]?", " ", text).strip()


def is_about_recording(message: SharedMessage, text: str) -> bool:
    """Return whether a mention is about a recording: its own or, unless it names a command, one above it."""
    is_in_thread = message.thread_ts != message.ts
    return bool(message.files) or (is_in_thread and not names_command(text))


async def answer_mention(services: Services, message: SharedMessage, text: str) -> None:
    """Answer so that only the person sees it: in the thread where it was asked, or else in the channel."""
    # In a thread that nobody has opened yet, only a person who opens it would see the answer.
    thread_ts = message.thread_ts if message.thread_ts != message.ts else ""

    async def respond(payload: Payload) -> None:
        await services.slack.messages.post_ephemeral(message.channel, message.user, payload, thread_ts=thread_ts)

    await answer(services, "mention", message.user, _run(services, message, text), respond, respond, command=text)


async def answer_message(services: Services, message: SharedMessage, text: str) -> None:
    """Answer with an ordinary message: in the thread where it was asked, or else below."""
    thread_ts = message.thread_ts if message.thread_ts != message.ts else ""

    async def respond(payload: Payload) -> None:
        await services.direct_answers.post(message.channel, message.user, payload, thread_ts=thread_ts)

    await answer(services, "message", message.user, _run(services, message, text), respond, respond, command=text)


async def _run(services: Services, message: SharedMessage, text: str) -> Payload | None:
    payload = await run(services, text, message.user, message.channel)
    if payload is None or not await services.direct_answers.greet(message.user):
        return payload
    return greeted_message(texts_for(await services.slack.people.get(message.user)), payload)
