"""Opens modals and fills them, and answers forms within Slack's three seconds."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from bot.app.services import Services
from bot.conversations.clicks import Click
from bot.errors import AccessUndecided, SlackError, SlackUnavailable
from bot.model.people import Person
from bot.render.kit.limits import Payload
from bot.render.kit.views import as_view, loading_view, with_channel
from bot.texts import Texts, texts_for
from handlers.answering import SLOW_AFTER, Respond, answer, failure_message, respond_to, say
from handlers.clicks import Body, channel_of
from handlers.taking_clicks import tell

LOOK_UP = 0.5
"""Seconds that a modal waits for the language of somebody new."""

T = TypeVar("T")


async def in_view(
    services: Services, name: str, body: Body, work: Callable[[Services, Body, Respond], Coroutine[Any, Any, Payload]]
) -> None:
    """Open a modal at once, since its trigger lasts three seconds, and fill it with the view that `work` returns.

    If a modal is open, this one goes on top of it. If it can't be opened, the person reads that below the message that
    they clicked; a click in a modal has no such message, so they read it in the channel. The last argument of `work` is
    a function that says something in the modal later.
    """
    show = services.slack.views.push if body.get("view") else services.slack.views.open
    # A click in a modal comes from no channel, so the modal carries the one in which it was opened.
    user, channel = body["user"]["id"], channel_of(body)
    texts = texts_for(await _look_up_quickly(services, user))
    try:
        view = await show(body["trigger_id"], with_channel(loading_view(texts), channel))
    except SlackError as exc:
        services.metrics.command(name, type(exc).__name__, 0.0)
        failure = failure_message(texts, name, exc)
        has_address = bool(body.get("response_url"))
        respond = respond_to(services, body) if has_address else functools.partial(tell, services, Click(user, channel))
        await say(respond, failure, name)
        return

    is_answered = asyncio.Event()

    async def update(payload: Payload) -> None:
        await services.slack.views.update(view, with_channel(payload, channel))

    async def notify(payload: Payload) -> None:
        await update(as_view(texts, payload))

    async def reply(payload: Payload) -> None:
        # Not before the answer: if Slack refuses that at first, its second try would overwrite this.
        await is_answered.wait()
        if not await services.slack.views.update(view, with_channel(as_view(texts, payload), channel)):
            raise SlackError("view_closed")

    try:
        await answer(services, name, user, work(services, body, reply), update, notify)
    finally:
        is_answered.set()


async def _look_up_quickly(services: Services, user: str) -> Person | None:
    """Return what is known of a person; somebody new is looked up if Slack answers soon, since the modal can't wait."""
    if (known := services.slack.people.known(user)) is not None:
        return known
    task = asyncio.ensure_future(services.slack.people.find(user))
    silence = asyncio.create_task(services.clock.sleep(LOOK_UP))
    try:
        await asyncio.wait({task, silence}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        silence.cancel()
        task.cancel()


# ---- forms -----------------------------------------------------------------------------------------------------------


class TooSlow(Exception):
    """A form had to be acknowledged before anything could be done."""


async def before_ack(services: Services, work: Awaitable[T]) -> T:
    """Return the result of `work` before a form is acknowledged: Slack waits for three seconds.

    Raises TooSlow if it takes too long or Slack doesn't answer now. `work` may be cancelled anywhere.
    """
    task = asyncio.ensure_future(work)
    silence = asyncio.create_task(services.clock.sleep(SLOW_AFTER))
    try:
        await asyncio.wait({task, silence}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TooSlow
        return task.result()
    except (SlackUnavailable, AccessUndecided) as exc:
        raise TooSlow from exc
    finally:
        silence.cancel()
        task.cancel()


def too_slow(texts: Texts, block_id: str) -> Payload:
    """Return the acknowledgement that leaves the form open, so that it can be sent again."""
    return {"response_action": "errors", "errors": {block_id: texts("waiting.form")}}
