"""Clicks: a page on or back, *Share in channel*, *Details*, the transcript, the recording link.

A button carries an id and nothing that is trusted: whoever clicks is judged anew.
"""

import asyncio
import functools
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.app.services import Services
from bot.conversations.sharing import ShareRequest
from bot.conversations.transcripts import TranscriptRequest
from bot.errors import GoneError, SlackError
from bot.model.access import Wish
from bot.model.conversation import Kind
from bot.model.questions import Question
from bot.render.conversations.details import details_view
from bot.render.conversations.lists import list_message
from bot.render.conversations.recording import recording_view
from bot.render.conversations.share import already_shared_message
from bot.render.conversations.transcript import transcript_promised_view
from bot.render.kit.limits import Payload
from bot.render.kit.views import as_view, loading_view, opened_in, within
from handlers.answering import Respond, answer, say, told

Body = dict[str, Any]


def register(app: AsyncApp, services: Services) -> None:
    @app.action(re.compile(f"^({ids.NEWER}|{ids.OLDER})$"))
    async def turn(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        respond = functools.partial(services.slack.respond, body["response_url"])
        work = turned_page(services, body, value_of(action))
        services.background.spawn(answer(services, "page", work, functools.partial(respond, replace=True), respond))

    @app.action(ids.SHARE)
    async def share(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        respond = functools.partial(services.slack.respond, body["response_url"])
        work = shared(services, body, value_of(action), respond)
        services.background.spawn(answer(services, "share", work, respond, respond))

    @app.action(_of_kind(ids.DETAILS))
    async def details(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        services.background.spawn(in_view(services, "details", body, functools.partial(detailed, action=action)))

    @app.action(_of_kind(ids.RECORDING))
    async def recording(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        services.background.spawn(in_view(services, "recording", body, functools.partial(linked, action=action)))

    @app.action(_of_kind(ids.TRANSCRIPT))
    async def transcript(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        services.background.spawn(in_view(services, "transcript", body, functools.partial(promised, action=action)))


async def turned_page(services: Services, body: Body, value: str) -> Payload:
    viewer = await services.access.admit(body["user"]["id"], _channel(body), Wish.CONVERSATIONS)
    question, page = await _question(services, value)
    found = await services.questions.answer(question, page, viewer)
    return list_message(services.texts, question, found, link_template=services.link_template)


async def shared(services: Services, body: Body, value: str, tell: Respond) -> Payload | None:
    user, channel = body["user"]["id"], _channel(body)
    await services.access.admit(user, channel, Wish.SHARE)
    question, page = await _question(services, value)
    is_new = await services.sharing.share(ShareRequest(question.id, page, channel, user), tell)
    return None if is_new else already_shared_message(services.texts)


async def detailed(services: Services, body: Body, _tell: Respond, action: Body) -> Payload:
    viewer = await services.access.admit(body["user"]["id"], _channel(body), Wish.CONVERSATIONS)
    conversation = await services.conversations.open(viewer, _kind(action), value_of(action))
    return details_view(
        services.texts,
        conversation,
        with_transcript=services.access.may(viewer, Wish.TRANSCRIPT, conversation),
        link_template=services.link_template,
    )


async def linked(services: Services, body: Body, _tell: Respond, action: Body) -> Payload:
    viewer = await services.access.admit(body["user"]["id"], _channel(body), Wish.RECORDING)
    conversation = await services.conversations.open(viewer, _kind(action), value_of(action), Wish.RECORDING)
    view = recording_view(services.texts, conversation, asked_at=services.clock.now())
    # After all that may refuse, and before the link is out: no kill leaves it with somebody and nobody knows.
    await services.access.used(viewer, Wish.RECORDING, conversation)
    return view


async def promised(services: Services, body: Body, tell: Respond, action: Body) -> Payload:
    user, channel = body["user"]["id"], _channel(body)
    await services.access.admit(user, channel, Wish.TRANSCRIPT)
    where = (body.get("view") or {}).get("id") or (body.get("container") or {}).get("message_ts", "")
    await services.transcripts.send(TranscriptRequest(_kind(action), value_of(action), user, channel), where, tell)
    return transcript_promised_view(services.texts)


async def in_view(
    services: Services, name: str, body: Body, work: Callable[[Services, Body, Respond], Awaitable[Payload]]
) -> None:
    """Open a modal within the trigger's three seconds, then fill it. On top of another one where there is one.

    Where it can't be opened, that is said below the message that was clicked; a click in a modal has no such place.
    """
    show = services.slack.push_view if body.get("view") else services.slack.open_view
    # What is pressed in it comes from no channel: it says where it was opened.
    channel = _channel(body)
    try:
        view = await show(body["trigger_id"], within(loading_view(services.texts), channel))
    except SlackError as exc:
        services.metrics.command(name, type(exc).__name__, 0.0)
        failure = told(services, name, exc)
        if url := body.get("response_url"):
            await say(functools.partial(services.slack.respond, url), failure, name)
        return

    is_answered = asyncio.Event()

    async def update(payload: Payload) -> None:
        await services.slack.update_view(view, within(payload, channel))

    async def notify(payload: Payload) -> None:
        await update(as_view(services.texts, payload))

    async def tell(payload: Payload) -> None:
        # What is told later must not be there first: the answer, sent again after a refusal, would write over it.
        await is_answered.wait()
        if not await services.slack.update_view(view, within(as_view(services.texts, payload), channel)):
            raise SlackError("view_closed")

    try:
        await answer(services, name, work(services, body, tell), update, notify)
    finally:
        is_answered.set()


async def _question(services: Services, value: str) -> tuple[Question, int]:
    id_, _, page = value.partition(":")
    if not re.fullmatch("[0-9]{1,4}", page):
        raise GoneError("question", id_)
    return await services.questions.get(id_), int(page)


def value_of(action: Body) -> str:
    """What the button carries; nothing where that is no text, which leads to nothing that is there."""
    value = action.get("value")
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _of_kind(action: str) -> re.Pattern[str]:
    return re.compile(f"^{action}({'|'.join(Kind)})$")


def _kind(action: Body) -> Kind:
    return Kind(action["action_id"].rpartition("_")[2])


def require_here(body: Body, channel: str, what: str) -> None:
    """Raises GoneError(what) unless the click was in this channel: nowhere else is there such a button."""
    if _channel(body) != channel:
        raise GoneError(what)


def _channel(body: Body) -> str:
    """Where the click was; in a modal, where that was opened."""
    return str((body.get("channel") or {}).get("id", "")) or opened_in(body.get("view") or {})
