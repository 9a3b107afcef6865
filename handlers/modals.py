"""Opens modals and fills them, and answers forms within Slack's three seconds."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.app.services import Services
from bot.errors import AccessUndecided, SlackError, SlackUnavailable
from bot.render.kit.limits import Payload
from bot.render.kit.views import as_view, loading_view, with_channel
from bot.texts import texts_in
from handlers.answering import SLOW_AFTER, Respond, answer, failure_message, say
from handlers.clicks import Body, channel_of

T = TypeVar("T")


async def in_view(
    services: Services, name: str, body: Body, work: Callable[[Services, Body, Respond], Awaitable[Payload]]
) -> None:
    """Open a modal at once, since its trigger lasts three seconds, and fill it with the view that `work` returns.

    If a modal is open, this one goes on top of it. If it can't be opened, that is said below the message that was
    clicked. What `work` gets as its last argument says something in the modal later.
    """
    show = services.slack.push_view if body.get("view") else services.slack.open_view
    # A click in a modal comes from no channel, so the modal carries the one in which it was opened.
    channel = channel_of(body)
    try:
        view = await show(body["trigger_id"], with_channel(loading_view(texts_in()), channel))
    except SlackError as exc:
        services.metrics.command(name, type(exc).__name__, 0.0)
        failure = failure_message(name, exc)
        if url := body.get("response_url"):
            await say(functools.partial(services.slack.respond, url), failure, name)
        return

    is_answered = asyncio.Event()

    async def update(payload: Payload) -> None:
        await services.slack.update_view(view, with_channel(payload, channel))

    async def notify(payload: Payload) -> None:
        await update(as_view(texts_in(), payload))

    async def tell(payload: Payload) -> None:
        # Not before the answer: if Slack refused that once, its second try would overwrite this.
        await is_answered.wait()
        if not await services.slack.update_view(view, with_channel(as_view(texts_in(), payload), channel)):
            raise SlackError("view_closed")

    try:
        await answer(services, name, work(services, body, tell), update, notify)
    finally:
        is_answered.set()


# ---- forms -----------------------------------------------------------------------------------------------------------


class TooSlow(Exception):
    """The acknowledgement of a form couldn't wait any longer: nothing was done."""


async def before_ack(services: Services, asking: Awaitable[T]) -> T:
    """Return what has to be known before a form is acknowledged, within the three seconds that Slack gives.

    Raises TooSlow if that takes too long or Slack has no answer now. `asking` may be cancelled anywhere.
    """
    task = asyncio.ensure_future(asking)
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


def too_slow(block_id: str) -> Payload:
    """Return the acknowledgement that leaves the form open, so that it can be sent again."""
    return {"response_action": "errors", "errors": {block_id: texts_in()("waiting.form")}}
