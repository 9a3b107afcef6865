"""Recordings: the events that lead to offers, the form, and the buttons of uploads on their way."""

import functools
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.app.services import Services
from bot.errors import BotError, GoneError, RecordingRefused
from bot.forms.upload import attestation_errors, entered_of, read
from bot.model.access import Capability
from bot.model.commands import UploadsCommand
from bot.model.people import Viewer
from bot.model.upload_form import read_key
from bot.model.uploads import SharedMessage, Upload, UploadMode
from bot.render.kit.limits import Payload
from bot.render.kit.views import as_view
from bot.render.uploads.form import auto_form_view, form_errors, form_view
from bot.render.uploads.offers import channel_message, nothing_message, refused_message
from bot.render.uploads.progress import known_messages, pressed_message, uploads_status_message, without_api_words
from bot.slack.payloads import read_message
from bot.texts import texts_for
from handlers.answering import Respond, answer, failure_message, known_texts, respond_to
from handlers.clicks import require_here, value_of
from handlers.modals import TooSlow, before_ack, in_view, too_slow
from handlers.taking_clicks import answer_click, take

Body = dict[str, Any]
Next = Callable[[], Awaitable[Any]]


def register(app: AsyncApp, services: Services) -> None:
    register_events(app, services)
    register_clicks(app, services)


def register_events(app: AsyncApp, services: Services) -> None:
    # Bolt acknowledges an event before its listener runs, and Slack doesn't repeat it then. So whatever is shared is
    # written down by listener middleware, which runs before that.
    async def shared(event: Body, next_: Next) -> None:
        message = read_message(event, str(event["channel"]))
        is_asked = event.get("channel_type") == "im" and not message.is_by_bot  # the app's own messages
        await services.uploads.intake.take_message(message, asked_by=message.user if is_asked else "")
        await next_()

    async def file_shared(event: Body, next_: Next) -> None:
        await services.uploads.intake.take_file(str(event["file_id"]), str(event["channel_id"]))
        await next_()

    @app.event({"type": "message", "subtype": "file_share"}, middleware=[shared])
    @app.event("file_shared", middleware=[file_shared])
    async def written_down() -> None:
        """The offer is a job by now."""


def register_clicks(app: AsyncApp, services: Services) -> None:
    @app.shortcut({"type": "message_action", "callback_id": ids.UPLOAD_SHORTCUT})
    async def shortcut(ack: AsyncAck, body: Body) -> None:
        await take(services, ack, body, functools.partial(open_form_of_message, services, body))

    @app.action(ids.UPLOAD)
    async def upload(ack: AsyncAck, body: Body, action: Body) -> None:
        form = functools.partial(build_form_of_offer, offer=value_of(action))
        await take(services, ack, body, functools.partial(in_view, services, "form", body, form))

    @app.action(ids.UPLOAD_RETRY)
    async def retry(ack: AsyncAck, body: Body, action: Body) -> None:
        form = functools.partial(build_form_of_upload, action=action)
        await take(services, ack, body, functools.partial(in_view, services, "form", body, form))

    @app.action(ids.DECLINE)
    async def decline(ack: AsyncAck, body: Body, action: Body) -> None:
        work = functools.partial(answer_click, services, "decline", body, action, decline_offer)
        await take(services, ack, body, work)

    @app.action(ids.UPLOAD_CANCEL)
    @app.action(ids.UPLOAD_THERE)
    @app.action(ids.UPLOAD_AGAIN)
    async def change(ack: AsyncAck, body: Body, action: Body) -> None:
        work = functools.partial(answer_click, services, "upload", body, action, press_button)
        await take(services, ack, body, work)

    @app.view(ids.UPLOAD_FORM)
    async def submitted(ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await accept_form(services, body["user"]["id"], view))

    @app.view(ids.UPLOAD_AUTO)
    async def attested(ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await attest_channel(services, body["user"]["id"], view))


async def run(services: Services, viewer: Viewer, command: UploadsCommand, trigger: str) -> Payload | None:
    """`/kickscale uploads …`; None if a form is opened instead, with `trigger`."""
    texts, channels, channel = texts_for(viewer.person), services.uploads.channels, viewer.channel
    if command.action == "status":
        setting = await channels.get(channel)
        latest, places = await services.uploads.places.latest(channel)
        if not await services.audience.hears_everything(channel):
            latest = [without_api_words(upload) for upload in latest]
        return uploads_status_message(texts, setting, latest, places)
    await services.access.admit(viewer.person.id, channel, Capability.UPLOAD)
    if command.action != "off":
        await services.slack.channels.require_member(channel, viewer.person.id)
    if command.action == "auto":
        await services.slack.views.open(trigger, auto_form_view(texts, channel))
        return None
    setting = await channels.set(channel, UploadMode(command.action), viewer.person)
    return channel_message(texts, setting, changed=True)


async def open_form_of_message(services: Services, body: Body) -> None:
    """The message shortcut: straight to the form, or the reason why there is none."""
    user, channel = body["user"]["id"], body["channel"]["id"]
    message = read_message(body["message"], channel)
    respond = respond_to(services, body)
    admitted: list[Viewer] = []

    async def admit() -> Payload | None:
        viewer = await services.access.admit(user, channel, Capability.UPLOAD)
        if not message.files:
            return nothing_message(texts_for(viewer.person))
        await services.slack.channels.require_member(channel, user)
        admitted.append(viewer)
        return None

    await answer(services, "shortcut", user, admit(), respond, respond)
    for viewer in admitted:  # the view itself says that it is slow
        form = functools.partial(build_form_of_message, viewer=viewer, message=message)
        await in_view(services, "form", body, form)


async def build_form_of_message(
    services: Services, _body: Body, _tell: Respond, *, viewer: Viewer, message: SharedMessage
) -> Payload:
    offer, refused = await services.uploads.offering.offer_of(message)
    if offer is None:
        texts = texts_for(viewer.person)
        return as_view(texts, refused_message(texts, *refused))
    return await build_form(services, viewer, offer.id, refused)


async def build_form_of_offer(services: Services, body: Body, _tell: Respond, offer: str) -> Payload:
    viewer = await services.access.admit(body["user"]["id"], body["channel"]["id"], Capability.UPLOAD)
    require_here(body, await services.uploads.forms.channel(offer), "offer")
    return await build_form(services, viewer, offer)


async def build_form_of_upload(services: Services, body: Body, _tell: Respond, action: Body) -> Payload:
    """*Try again*: the form of an upload that failed or was cancelled, as it was offered first."""
    viewer = await services.access.admit(body["user"]["id"], body["channel"]["id"], Capability.UPLOAD)
    upload = await find_upload(services, body, action)
    return await build_form(services, viewer, await services.uploads.forms.offer_of(upload))


async def build_form(
    services: Services, viewer: Viewer, offer: str, refused: tuple[RecordingRefused, ...] = ()
) -> Payload:
    """Return the form of an offer's recordings, or why there is none."""
    texts = texts_for(viewer.person)
    known = await services.uploads.acceptance.known(offer, viewer.person.id)
    if known:
        return as_view(texts, known_messages(texts, known))
    form, others = await services.uploads.forms.form(offer)
    refused = (*refused, *others)
    if not form.recordings:
        return as_view(texts, refused_message(texts, *refused))
    return form_view(texts, form, refused)


async def accept_form(services: Services, user: str, view: Body) -> Payload:
    """Return the acknowledgement of the submitted form, within three seconds: Slack is only asked who people are."""
    offer, files = read_key(str(view["private_metadata"]))
    entered = entered_of(view["state"]["values"])

    try:
        viewer, operation, emails = await before_ack(services, services.uploads.forms.reading(offer, user, entered))
        texts = texts_for(viewer.person)
        values, errors = read(operation, len(files), entered, emails)
        if not errors.keys() <= entered.keys():
            raise GoneError("offer", offer)  # the API's fields have changed since the form was made
        if errors:
            return {"response_action": "errors", "errors": form_errors(texts, errors)}
        known = await services.uploads.acceptance.accept(offer, files, values, viewer.person)
    except TooSlow:
        return too_slow(known_texts(services, user), ids.ATTESTATION)
    except BotError as exc:
        texts = known_texts(services, user)
        return {"response_action": "update", "view": as_view(texts, failure_message(texts, "form", exc))}
    if known:
        return {"response_action": "update", "view": as_view(texts, known_messages(texts, known))}
    return {"response_action": "clear"}


async def attest_channel(services: Services, user: str, view: Body) -> Payload:
    channel = str(view["private_metadata"])
    errors = attestation_errors(entered_of(view["state"]["values"]))
    if errors:
        return {"response_action": "errors", "errors": form_errors(known_texts(services, user), errors)}
    try:
        viewer = await before_ack(services, services.access.admit(user, channel, Capability.UPLOAD))
        setting = await services.uploads.channels.set(channel, UploadMode.AUTO, viewer.person)
    except TooSlow:
        return too_slow(known_texts(services, user), ids.ATTESTATION)
    except BotError as exc:
        texts = known_texts(services, user)
        return {"response_action": "update", "view": as_view(texts, failure_message(texts, "form", exc))}
    said = channel_message(texts_for(viewer.person), setting, changed=True)
    services.background.spawn(services.slack.messages.post_ephemeral(channel, user, said))
    return {"response_action": "clear"}


async def decline_offer(services: Services, body: Body, action: Body) -> None:
    await services.access.admit(body["user"]["id"], body["channel"]["id"], Capability.UPLOAD)
    require_here(body, await services.uploads.forms.channel(value_of(action)), "offer")
    await services.uploads.acceptance.decline(value_of(action), body["user"]["id"])


async def press_button(services: Services, body: Body, action: Body) -> Payload | None:
    """*Cancel*, *It's there*, *Upload again*. The upload's message shows the result; None if that is enough."""
    user, button = body["user"]["id"], action["action_id"]
    viewer = await services.access.admit(user, body["channel"]["id"], Capability.UPLOAD)
    known, queue = await find_upload(services, body, action), services.uploads.queue
    match button:
        case ids.UPLOAD_CANCEL:
            upload = await queue.cancel(known.id, user)
        case ids.UPLOAD_THERE:
            upload = await queue.confirm_arrival(known.id)
        case _:
            upload = await queue.send_again(known.id)
    if upload is None:
        raise GoneError("offer")
    return pressed_message(texts_for(viewer.person), upload, button)


async def find_upload(services: Services, body: Body, action: Body) -> Upload:
    """Return the upload whose button was pressed. Raises GoneError unless that was where the upload's message is."""
    if not re.fullmatch("[0-9]{1,15}", value_of(action)):
        raise GoneError("offer")
    upload = await services.uploads.queue.get(int(value_of(action)))
    if upload is None:
        raise GoneError("offer")
    # The person who uploaded it has the buttons in a direct message, if its thread can't be written to.
    if body["user"]["id"] != upload.attestation.by or not body["channel"]["id"].startswith("D"):
        require_here(body, upload.channel, "offer")
    return upload
