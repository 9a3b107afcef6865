"""Meetings and calls: `/kickscale calls`, `meetings`, `call` and `meeting`, and the buttons of their answers."""

import functools
import re
from dataclasses import replace

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.app.services import Services
from bot.conversations.sharing import ShareRequest
from bot.conversations.transcripts import TranscriptRequest
from bot.model.access import Capability
from bot.model.commands import ListCommand, ShowCommand
from bot.model.conversation import Kind
from bot.model.people import Viewer
from bot.model.questions import Question
from bot.render.conversations.details import details_message, details_view
from bot.render.conversations.lists import list_message
from bot.render.conversations.recording import recording_view
from bot.render.conversations.share import already_shared_message, share_promised_view
from bot.render.conversations.transcript import transcript_promised_view
from bot.render.kit.limits import Payload
from bot.texts import texts_for
from handlers.answering import Respond, respond_to
from handlers.clicks import Body, channel_of, question_of, value_of
from handlers.modals import in_view
from handlers.taking_clicks import answer_click, take


def register(app: AsyncApp, services: Services) -> None:
    @app.action(re.compile(f"^({ids.NEWER}|{ids.OLDER})$"))
    async def turn(ack: AsyncAck, body: Body, action: Body) -> None:
        work = functools.partial(answer_click, services, "page", body, action, show_page, replace=True)
        await take(services, ack, body, work)

    @app.action(ids.SHARE)
    async def share(ack: AsyncAck, body: Body, action: Body) -> None:
        if body.get("view"):
            work = functools.partial(share_from_view, action=action)
            await take(services, ack, body, functools.partial(in_view, services, "share", body, work))
        else:
            await take(services, ack, body, functools.partial(share_from_message, services, body, action))

    @app.action(_of_either_kind(ids.DETAILS))
    async def details(ack: AsyncAck, body: Body, action: Body) -> None:
        work = functools.partial(show_details, action=action)
        await take(services, ack, body, functools.partial(in_view, services, "details", body, work))

    @app.action(_of_either_kind(ids.RECORDING))
    async def recording(ack: AsyncAck, body: Body, action: Body) -> None:
        work = functools.partial(show_recording_link, action=action)
        await take(services, ack, body, functools.partial(in_view, services, "recording", body, work))

    @app.action(_of_either_kind(ids.TRANSCRIPT))
    async def transcript(ack: AsyncAck, body: Body, action: Body) -> None:
        work = functools.partial(promise_transcript, action=action)
        await take(services, ack, body, functools.partial(in_view, services, "transcript", body, work))


# ---- commands --------------------------------------------------------------------------------------------------------


async def list_conversations(services: Services, viewer: Viewer, command: ListCommand) -> Payload:
    command = replace(command, domains=await services.access.narrow(viewer, command.domains))
    question = await services.questions.keep(viewer, command, services.zone(viewer.person).key)
    return await _page(services, viewer, question, 0)


async def show_conversation(services: Services, viewer: Viewer, command: ShowCommand) -> Payload:
    conversation = await services.conversations.open(viewer, command.kind, command.id)
    question = await services.questions.keep(viewer, command, services.zone(viewer.person).key)
    return details_message(
        texts_for(viewer.person),
        await services.conversations.with_moments(conversation),
        question_id="" if await is_with_bot(services, viewer) else question.id,
        with_transcript=services.access.may(viewer, Capability.TRANSCRIPT, conversation),
        link_template=services.link_template,
    )


# ---- clicks ----------------------------------------------------------------------------------------------------------


async def show_page(services: Services, body: Body, action: Body) -> Payload:
    """*Newer* and *Older*: another page in place of this one."""
    viewer = await services.access.admit(body["user"]["id"], channel_of(body), Capability.CONVERSATIONS)
    id_, page = question_of(action)
    question = await services.questions.get(id_)
    return await _page(services, viewer, question, page)


async def share_from_message(services: Services, body: Body, action: Body) -> None:
    work = functools.partial(share_page, reply=respond_to(services, body))
    await answer_click(services, "share", body, action, work)


async def share_page(services: Services, body: Body, action: Body, reply: Respond) -> Payload | None:
    """*Share in channel*: promise to post the page, or say that it was shared before."""
    viewer, is_new = await _share(services, body, action, reply)
    return None if is_new else already_shared_message(texts_for(viewer.person))


async def share_from_view(services: Services, body: Body, reply: Respond, action: Body) -> Payload:
    """*Share in channel* in *Details*: promise to post the conversation in the channel that these were opened in."""
    viewer, is_new = await _share(services, body, action, reply)
    return share_promised_view(texts_for(viewer.person), viewer.channel, is_new=is_new)


async def _share(services: Services, body: Body, action: Body, reply: Respond) -> tuple[Viewer, bool]:
    user, channel = body["user"]["id"], channel_of(body)
    viewer = await services.access.admit(user, channel, Capability.SHARE)
    id_, page = question_of(action)
    question = await services.questions.get(id_)
    return viewer, await services.sharing.share(ShareRequest(question.id, page, channel, user), reply)


async def show_details(services: Services, body: Body, _reply: Respond, action: Body) -> Payload:
    kind, id_ = _kind_of(action), value_of(action)
    viewer, conversation = await services.conversations.open_as(body["user"]["id"], channel_of(body), kind, id_)
    question_id = ""
    is_in_channel = bool(viewer.channel) and not viewer.channel.startswith("D")
    if is_in_channel and services.access.may(viewer, Capability.SHARE, conversation):
        command = ShowCommand(kind, id_)
        question_id = (await services.questions.keep(viewer, command, services.zone(viewer.person).key)).id
    return details_view(
        texts_for(viewer.person),
        await services.conversations.with_moments(conversation),
        question_id=question_id,
        with_transcript=services.access.may(viewer, Capability.TRANSCRIPT, conversation),
        link_template=services.link_template,
    )


async def show_recording_link(services: Services, body: Body, _reply: Respond, action: Body) -> Payload:
    viewer, conversation = await services.conversations.open_as(
        body["user"]["id"], channel_of(body), _kind_of(action), value_of(action), Capability.RECORDING
    )
    view = recording_view(texts_for(viewer.person), conversation, asked_at=services.clock.now())
    # Noted once nothing can refuse it any more, but before the link is out: so a crash can't hide who has it.
    await services.access.note_use(viewer, Capability.RECORDING, conversation)
    return view


async def promise_transcript(services: Services, body: Body, reply: Respond, action: Body) -> Payload:
    user, channel = body["user"]["id"], channel_of(body)
    viewer = await services.access.admit(user, channel, Capability.TRANSCRIPT)
    place = (body.get("view") or {}).get("id") or (body.get("container") or {}).get("message_ts", "")
    request = TranscriptRequest(_kind_of(action), value_of(action), user, channel)
    await services.transcripts.send(request, place, reply)
    return transcript_promised_view(texts_for(viewer.person))


async def _page(services: Services, viewer: Viewer, question: Question, page: int) -> Payload:
    listed = await services.questions.answer(question, page, viewer)
    return list_message(
        texts_for(viewer.person),
        question,
        listed,
        link_template=services.link_template,
        can_share=not await is_with_bot(services, viewer),
    )


async def is_with_bot(services: Services, viewer: Viewer) -> bool:
    """Return whether this is in the person's messages with the bot, where there is no channel to share anything in."""
    return viewer.channel.startswith("D") and viewer.channel == await services.slack.channels.open_dm(viewer.person.id)


def _of_either_kind(action: str) -> re.Pattern[str]:
    return re.compile(f"^{action}({'|'.join(Kind)})$")


def _kind_of(action: Body) -> Kind:
    return Kind(action["action_id"].rpartition("_")[2])
