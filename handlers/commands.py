"""`/kickscale …`: one function for each command that works; `help` lists these."""

import functools
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.access.policy import Wish
from bot.app.services import Services
from bot.commands.registry import command_name, parse
from bot.conversations.lookup import new_question_id
from bot.model.commands import (
    Command,
    DigestAddCommand,
    DigestCommand,
    HelpCommand,
    ListCommand,
    ShowCommand,
    StatusCommand,
    UploadsCommand,
    WhyCommand,
)
from bot.model.people import Viewer
from bot.model.questions import Question
from bot.model.uploads import UploadMode
from bot.render.commands.help import help_message, not_yet_message
from bot.render.conversations.details import details_message
from bot.render.conversations.lists import list_message
from bot.render.digests.why import why_message
from bot.render.kit.limits import Payload
from bot.render.operations.status import status_message
from bot.render.uploads.form import auto_form_view
from bot.render.uploads.offers import channel_message
from bot.render.uploads.progress import uploads_status_message, without_api_words
from handlers import digests
from handlers.answering import answer


@dataclass(frozen=True, slots=True)
class Asker:
    viewer: Viewer
    trigger: str
    """Good for opening a modal, three seconds long."""


def register(app: AsyncApp, services: Services) -> None:
    # Whatever its name: a second app in one workspace, for staging, needs a name of its own.
    @app.command(re.compile("^/"))
    async def kickscale(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack()
        respond = functools.partial(services.slack.respond, command["response_url"])
        work = run(
            services,
            command.get("text", ""),
            command["user_id"],
            command["channel_id"],
            command.get("trigger_id", ""),
        )
        services.background.spawn(answer(services, "command", work, respond, respond))


async def run(services: Services, text: str, user: str, channel: str, trigger: str) -> Payload | None:
    viewer = await services.access.admit(user, channel, Wish.CONVERSATIONS)
    today = services.clock.now().astimezone(services.zone(viewer.person)).date()
    command = parse(text, today=today)
    run_it = WORKING.get(type(command))
    if run_it is None:
        return not_yet_message(services.texts, command_name(command))
    return await run_it(services, Asker(viewer, trigger), command)


async def keep_question(services: Services, asker: Asker, command: ListCommand | ShowCommand) -> Question:
    question = Question(
        id=new_question_id(),
        command=command,
        timezone=services.zone(asker.viewer.person).key,
        user=asker.viewer.person.id,
        channel=asker.viewer.channel,
        asked_at=services.clock.now(),
    )
    await services.database.questions.add(question)
    return question


async def list_conversations(services: Services, asker: Asker, command: ListCommand) -> Payload:
    command = replace(command, domains=await services.access.narrow(asker.viewer, command.domains))
    question = await keep_question(services, asker, command)
    found = await services.conversations.answer(question, 0, asker.viewer)
    return list_message(services.texts, question, found, link_template=services.link_template)


async def show_conversation(services: Services, asker: Asker, command: ShowCommand) -> Payload:
    conversation = await services.conversations.open(asker.viewer, command.kind, command.id)
    question = await keep_question(services, asker, command)
    return details_message(
        services.texts,
        conversation,
        question_id=question.id,
        with_transcript=services.access.may(asker.viewer, Wish.TRANSCRIPT, conversation),
        link_template=services.link_template,
    )


async def set_uploads(services: Services, asker: Asker, command: UploadsCommand) -> Payload | None:
    """None where a modal asks on."""
    channels, channel = services.uploads.channels, asker.viewer.channel
    if command.action == "status":
        setting = await channels.get(channel)
        latest, places = await services.uploads.places.latest(channel)
        if not await services.audience.hears_everything(channel):
            latest = [without_api_words(upload) for upload in latest]
        return uploads_status_message(services.texts, setting, latest, places)
    await services.access.admit(asker.viewer.person.id, channel, Wish.UPLOAD)
    if command.action != "off":
        await services.slack.require_member(channel, asker.viewer.person.id)
    if command.action == "auto":
        await services.slack.open_view(asker.trigger, auto_form_view(services.texts, channel))
        return None
    setting = await channels.set(channel, UploadMode(command.action), asker.viewer.person.id)
    return channel_message(services.texts, setting, changed=True)


async def add_digest(services: Services, asker: Asker, command: DigestAddCommand) -> Payload:
    return await digests.add(services, asker.viewer, command)


async def run_digest(services: Services, asker: Asker, command: DigestCommand) -> Payload:
    return await digests.run(services, asker.viewer, command)


async def explain(services: Services, asker: Asker, command: WhyCommand) -> Payload:
    return why_message(services.texts, await services.why.explain(command.id, asker.viewer))


async def show_status(services: Services, _asker: Asker, _command: StatusCommand) -> Payload:
    return status_message(services.texts, await services.status.read())


async def show_help(services: Services, _asker: Asker, command: HelpCommand) -> Payload:
    return help_message(services.texts, command.topic, WORKING)


WORKING: Mapping[type[Command], Callable[[Services, Asker, Any], Awaitable[Payload | None]]] = {
    ListCommand: list_conversations,
    ShowCommand: show_conversation,
    DigestAddCommand: add_digest,
    DigestCommand: run_digest,
    StatusCommand: show_status,
    WhyCommand: explain,
    UploadsCommand: set_uploads,
    HelpCommand: show_help,
}
