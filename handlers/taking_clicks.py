"""Takes clicks: each is written down, then acknowledged, and done meanwhile."""

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.app.services import Services
from bot.conversations.clicks import Click
from bot.errors import SlackError, SlackUnavailable, StorageFailed
from bot.render.commands.waiting import click_interrupted_message
from bot.render.kit.limits import Payload
from bot.texts import texts_for
from handlers.answering import answer, failure_message, known_texts, respond_to, say
from handlers.clicks import Body, channel_of


def register(services: Services) -> None:
    services.clicks.register_jobs(functools.partial(explain_interruption, services))


async def take(services: Services, ack: AsyncAck, body: Body, work: Callable[[], Awaitable[None]]) -> None:
    """Have `work` do what was clicked. If the click can't be written down, it isn't done, and the person is told."""
    click = Click(body["user"]["id"], channel_of(body))
    try:
        await services.clicks.promise(click, work)
    except StorageFailed as exc:
        # A click in a modal has no address for answers.
        has_address = bool(body.get("response_url"))
        respond = respond_to(services, body) if has_address else functools.partial(tell, services, click)
        said = failure_message(known_texts(services, click.user), "click", exc)
        services.background.spawn(say(respond, said, "click"))
    await ack()


async def answer_click(
    services: Services,
    name: str,
    body: Body,
    action: Body,
    work: Callable[[Services, Body, Body], Coroutine[Any, Any, Payload | None]],
    *,
    replace: bool = False,
) -> None:
    """Answer below the message that was clicked, or with `replace`, in its place. What goes wrong is said below it."""
    notify, respond = respond_to(services, body), respond_to(services, body, replace=replace)
    await answer(services, name, body["user"]["id"], work(services, body, action), respond, notify)


async def explain_interruption(services: Services, click: Click) -> None:
    person = await services.slack.people.find(click.user)
    await tell(services, click, click_interrupted_message(texts_for(person)))


async def tell(services: Services, click: Click, payload: Payload) -> None:
    """Say something where somebody clicked, so that only they see it, or else by direct message. Raises SlackError."""
    if click.channel and not click.channel.startswith("D"):
        try:
            await services.slack.messages.post_ephemeral(click.channel, click.user, payload)
        except SlackUnavailable:
            raise
        except SlackError:  # the bot needn't be in a channel to answer a command there
            pass
        else:
            return
    await services.outbox.notify(click.user, payload)
