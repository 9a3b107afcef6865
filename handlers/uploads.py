"""Recordings: offered where they are shared, asked about in a form, and what is pressed while they are on their way."""

import functools
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.access.policy import Wish
from bot.app.services import Services
from bot.errors import BotError, GoneError, RecordingRefused
from bot.forms.upload import attestation_errors, entered_of, read, read_key
from bot.model.uploads import SharedMessage, UploadMode
from bot.render.kit.limits import Payload
from bot.render.kit.views import as_view
from bot.render.uploads.form import form_errors, form_view
from bot.render.uploads.offers import channel_message, nothing_message, refused_message
from bot.render.uploads.progress import pressed_message
from bot.slack.payloads import read_message
from handlers.answering import Respond, TooSlow, answer, before_ack, told, too_slow
from handlers.conversations import in_view, require_here, value_of

Body = dict[str, Any]
Next = Callable[[], Awaitable[Any]]


def register(app: AsyncApp, services: Services) -> None:
    register_events(app, services)
    register_clicks(app, services)


def register_events(app: AsyncApp, services: Services) -> None:
    # Bolt acknowledges an event before its listener runs, and Slack sends no second one then. So what is shared is
    # written down by listener middleware, which comes before that.
    async def shared(event: Body, next_: Next) -> None:
        await services.offers.shared(read_message(event, str(event["channel"])))
        await next_()

    async def file_shared(event: Body, next_: Next) -> None:
        await services.offers.file_shared(str(event["file_id"]), str(event["channel_id"]))
        await next_()

    async def mentioned(event: Body, next_: Next) -> None:
        message = read_message(event, str(event["channel"]))
        await services.offers.shared(message, asked_by=message.user)
        await next_()

    @app.event({"type": "message", "subtype": "file_share"}, middleware=[shared])
    @app.event("file_shared", middleware=[file_shared])
    @app.event("app_mention", middleware=[mentioned])
    async def written_down() -> None:
        """The offer is a job by now."""


def register_clicks(app: AsyncApp, services: Services) -> None:
    @app.shortcut({"type": "message_action", "callback_id": ids.UPLOAD_SHORTCUT})
    async def shortcut(ack: AsyncAck, body: Body) -> None:
        await ack()
        services.background.spawn(chosen(services, body))

    @app.action(ids.UPLOAD)
    async def upload(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        form = functools.partial(form_of_offer, offer=value_of(action))
        services.background.spawn(in_view(services, "form", body, form))

    @app.action(ids.DECLINE)
    async def decline(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        respond = functools.partial(services.slack.respond, body["response_url"])
        services.background.spawn(answer(services, "decline", declined(services, body, action), respond, respond))

    @app.action(ids.UPLOAD_CANCEL)
    @app.action(ids.UPLOAD_THERE)
    @app.action(ids.UPLOAD_AGAIN)
    async def press(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        respond = functools.partial(services.slack.respond, body["response_url"])
        services.background.spawn(answer(services, "upload", pressed(services, body, action), respond, respond))

    @app.view(ids.UPLOAD_FORM)
    async def submitted(ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await accepted(services, body["user"]["id"], view))

    @app.view(ids.UPLOAD_AUTO)
    async def attested(ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await attested_channel(services, body["user"]["id"], view))


async def chosen(services: Services, body: Body) -> None:
    """The message shortcut: straight to the form, or the reason why there is none."""
    user, channel = body["user"]["id"], body["channel"]["id"]
    message = read_message(body["message"], channel)
    respond = functools.partial(services.slack.respond, body["response_url"])

    async def begin() -> Payload | None:
        await services.access.admit(user, channel, Wish.UPLOAD)
        if not message.files:
            return nothing_message(services.texts)
        await services.slack.require_member(channel, user)
        # Beside this, not within: the view says by itself that it is slow.
        services.background.spawn(in_view(services, "form", body, functools.partial(form_of_message, message=message)))
        return None

    await answer(services, "shortcut", begin(), respond, respond)


async def form_of_message(services: Services, body: Body, _tell: Respond, message: SharedMessage) -> Payload:
    offer, refused = await services.offers.of_message(message)
    if offer is None:
        return as_view(services.texts, refused_message(services.texts, *refused))
    return await form_or_reason(services, body["user"]["id"], offer.id, refused)


async def form_of_offer(services: Services, body: Body, _tell: Respond, offer: str) -> Payload:
    await services.access.admit(body["user"]["id"], body["channel"]["id"], Wish.UPLOAD)
    require_here(body, await services.offers.channel(offer), "offer")
    return await form_or_reason(services, body["user"]["id"], offer)


async def form_or_reason(
    services: Services, user: str, offer: str, refused: tuple[RecordingRefused, ...] = ()
) -> Payload:
    known = await services.offers.known(offer, user)
    if known is not None:
        return as_view(services.texts, known)
    form = await services.offers.form(offer)
    form = replace(form, refused=(*refused, *form.refused))
    if not form.recordings:
        return as_view(services.texts, refused_message(services.texts, *form.refused))
    return form_view(services.texts, form)


async def accepted(services: Services, user: str, view: Body) -> Payload:
    """What the submitted form is acknowledged with: within three seconds, so nothing is asked but who people are."""
    offer, files = read_key(str(view["private_metadata"]))
    entered = entered_of(view["state"]["values"])

    try:
        operation, emails = await before_ack(services, services.offers.read_by(offer, user, entered))
        values, errors = read(operation, len(files), entered, emails)
        if not errors.keys() <= entered.keys():
            raise GoneError("offer", offer)  # what the API wants is not what it was when the form was made
        if errors:
            return {"response_action": "errors", "errors": form_errors(services.texts, errors)}
        known = await services.offers.accept(offer, files, values, user)
    except TooSlow:
        return too_slow(services, ids.ATTESTATION)
    except BotError as exc:
        return {"response_action": "update", "view": as_view(services.texts, told(services, "form", exc))}
    if known is not None:
        return {"response_action": "update", "view": as_view(services.texts, known)}
    return {"response_action": "clear"}


async def attested_channel(services: Services, user: str, view: Body) -> Payload:
    channel = str(view["private_metadata"])
    errors = attestation_errors(entered_of(view["state"]["values"]))
    if errors:
        return {"response_action": "errors", "errors": form_errors(services.texts, errors)}
    try:
        await before_ack(services, services.access.admit(user, channel, Wish.UPLOAD))
        setting = await services.offers.set_channel(channel, UploadMode.AUTO, user)
    except TooSlow:
        return too_slow(services, ids.ATTESTATION)
    except BotError as exc:
        return {"response_action": "update", "view": as_view(services.texts, told(services, "form", exc))}
    said = channel_message(services.texts, setting, changed=True)
    services.background.spawn(services.slack.ephemeral(channel, user, said))
    return {"response_action": "clear"}


async def declined(services: Services, body: Body, action: Body) -> None:
    await services.access.admit(body["user"]["id"], body["channel"]["id"], Wish.UPLOAD)
    require_here(body, await services.offers.channel(value_of(action)), "offer")
    await services.offers.decline(value_of(action), body["user"]["id"])


async def pressed(services: Services, body: Body, action: Body) -> Payload | None:
    """*Cancel*, *It is there*, *Send it again*. The message itself tells what came of it; None says no more."""
    user, which = body["user"]["id"], action["action_id"]
    await services.access.admit(user, body["channel"]["id"], Wish.UPLOAD)
    if not re.fullmatch("[0-9]{1,15}", value_of(action)):
        raise GoneError("offer")
    id_ = int(value_of(action))
    known = await services.transfers.get(id_)
    # Whoever uploaded it has the buttons in a direct message, where its thread can't be written to.
    is_alone = known is not None and user == known.attestation.by and body["channel"]["id"].startswith("D")
    if not is_alone:
        require_here(body, known.channel if known else "", "offer")
    match which:
        case ids.UPLOAD_CANCEL:
            upload = await services.transfers.cancel(id_, user)
        case ids.UPLOAD_THERE:
            upload = await services.transfers.is_there(id_)
        case _:
            upload = await services.transfers.send_again(id_)
    if upload is None:
        raise GoneError("offer")
    return pressed_message(services.texts, upload, which)
