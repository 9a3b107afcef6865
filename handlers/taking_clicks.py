"""Takes clicks: each is written down, then acknowledged, and done meanwhile."""

import functools
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncAck

from bot.app.services import Services
from bot.conversations.clicks import Click
from bot.errors import StorageFailed
from bot.render.commands.waiting import click_interrupted_message
from bot.render.kit.limits import Payload
from bot.texts import texts_for
from handlers.answering import failure_message, known_texts, say
from handlers.clicks import Body, channel_of


def register(services: Services) -> None:
    services.clicks.register_jobs(functools.partial(explain_interruption, services))


async def take(services: Services, ack: AsyncAck, body: Body, work: Callable[[], Awaitable[None]]) -> None:
    """Have `work` do what was clicked. If the click can't be written down, it isn't done, and the person is told."""
    click = Click(body["user"]["id"], channel_of(body), str(body.get("response_url") or ""))
    try:
        await services.clicks.promise(click, work)
    except StorageFailed as exc:
        services.background.spawn(
            tell(services, click, failure_message(known_texts(services, click.user), "click", exc))
        )
    await ack()


async def explain_interruption(services: Services, click: Click) -> None:
    texts = texts_for(await services.slack.people.find(click.user))
    await tell(services, click, click_interrupted_message(texts))


async def tell(services: Services, click: Click, payload: Payload) -> None:
    """Say something where somebody clicked, so that only they see it."""

    async def respond(payload: Payload) -> None:
        if click.response_url:
            await services.slack.responses.send(click.response_url, payload)
        elif click.channel:
            await services.slack.messages.post_ephemeral(click.channel, click.user, payload)

    await say(respond, payload, "click")
