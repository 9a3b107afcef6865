"""Mentions of the bot, and messages in its own messages tab: read as commands, like what follows `/kickscale`.

A mention with a recording, or below one, asks to upload it: `handlers.uploads`.
"""

import functools
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.app.services import Services
from bot.commands.naming import names_command
from bot.conversations.attempts import Attempt
from bot.conversations.direct_answers import Asked, BeforeChange
from bot.errors import CommandError
from bot.model.uploads import SharedMessage
from bot.render.commands.start import greeted_message
from bot.render.kit.limits import Payload
from bot.slack.payloads import read_message
from bot.texts import texts_for
from handlers.answering import answer_once, compose, failure_message, known_texts, say
from handlers.commands import run

Body = dict[str, Any]
Next = Callable[[], Awaitable[Any]]


def register(app: AsyncApp, services: Services) -> None:
    services.direct_answers.register_jobs(functools.partial(compose_answer, services))
    services.mentions.register_jobs(
        functools.partial(answer_mention, services), functools.partial(explain_failure, services)
    )

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
        if is_command:
            await services.mentions.promise(_asked(message, text))

    # In the app's own messages. Slack also reports what people write in channels, which isn't for the bot.
    async def asked(event: Body, context: AsyncBoltContext, next_: Next) -> None:
        message = read_message(event, str(event["channel"]))
        if event.get("channel_type") == "im" and "edited" not in event and not message.is_by_bot and message.user:
            await services.direct_answers.promise(_asked(message, text_of(event, context)))
        await next_()

    @app.event({"type": "message", "subtype": None}, middleware=[asked])
    @app.event({"type": "message", "subtype": "thread_broadcast"}, middleware=[asked])
    async def written_down() -> None:
        """The answer is a job by now."""


def text_of(event: Body, context: AsyncBoltContext) -> str:
    """Return what was written, without the mention of the bot."""
    text = str(event.get("text") or "")
    return re.sub(rf"<@{re.escape(context.bot_user_id or '')}(\|[^>]*)?>[:,]?", " ", text).strip()


def is_about_recording(message: SharedMessage, text: str) -> bool:
    """Return whether a mention is about a recording: its own or, unless it names a command, one above it."""
    is_in_thread = message.thread_ts != message.ts
    return bool(message.files) or (is_in_thread and not names_command(text))


def _asked(message: SharedMessage, text: str) -> Asked:
    thread = message.thread_ts if message.thread_ts != message.ts else ""
    return Asked(message.channel, message.ts, message.user, text, thread)


async def answer_mention(services: Services, asked: Asked, attempt: Attempt) -> None:
    """Answer so that only the person sees it: in the thread where it was asked, or else in the channel."""

    def begin() -> Coroutine[Any, Any, Payload | None]:
        work = run(services, asked.typed, asked.user, asked.channel, before_change=attempt.before_change)
        return _greeted(services, asked, work)

    respond = functools.partial(_respond_to_mention, services, asked)
    await answer_once(services, "mention", asked.user, begin, respond, attempt, asked.typed)


async def explain_failure(services: Services, asked: Asked, exc: Exception) -> None:
    """Say why a mention can't be answered, which nothing else could say."""
    said = failure_message(known_texts(services, asked.user), "mention", exc, asked.typed)
    await say(functools.partial(_respond_to_mention, services, asked), said, "mention")


async def _respond_to_mention(services: Services, asked: Asked, payload: Payload) -> None:
    # In a thread that nobody has opened yet, only a person who opens it would see the answer.
    await services.slack.messages.post_ephemeral(asked.channel, asked.user, payload, thread_ts=asked.thread_ts)


async def compose_answer(services: Services, asked: Asked, before_change: BeforeChange) -> Payload | None:
    """Return the answer to a message in the app's own messages."""
    work = run(services, asked.typed, asked.user, asked.channel, before_change=before_change)
    notify = functools.partial(services.direct_answers.say_meanwhile, asked)
    return await compose(services, "message", asked.user, _greeted(services, asked, work), notify, command=asked.typed)


async def _greeted(services: Services, asked: Asked, work: Coroutine[Any, Any, Payload | None]) -> Payload | None:
    """Return the answer, or what wasn't understood, with a greeting if this is the person's first message."""
    name = f"{asked.channel}:{asked.ts}"
    try:
        payload = await work
    except CommandError as exc:
        if not await services.direct_answers.greet(asked.user, name):
            raise
        payload = failure_message(known_texts(services, asked.user), "message", exc)
    else:
        if payload is None or not await services.direct_answers.greet(asked.user, name):
            return payload
    return greeted_message(texts_for(await services.slack.people.get(asked.user)), payload)
