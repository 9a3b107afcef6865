"""`/kickscale …`: parses what was typed, and hands the command to the module that answers it. `help` is here."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.app.services import Services
from bot.commands.registry import command_name, parse
from bot.model.access import Capability
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
from bot.render.commands.help import help_message, not_yet_message
from bot.render.kit.limits import Payload
from bot.texts import texts_for
from handlers import conversations, digests, operations, uploads
from handlers.answering import answer, respond_to


def register(app: AsyncApp, services: Services) -> None:
    # It may have any name: a second app in the same workspace, e.g. for staging, can't have the same one.
    @app.command(re.compile("^/"))
    async def kickscale(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack()
        respond = respond_to(services, command)
        work = run(
            services,
            command.get("text", ""),
            command["user_id"],
            command["channel_id"],
            command.get("trigger_id", ""),
        )
        services.background.spawn(answer(services, "command", command["user_id"], work, respond, respond))


async def run(services: Services, text: str, user: str, channel: str, trigger: str) -> Payload | None:
    """Return the answer to a command; None if a modal is opened instead, with `trigger`."""
    viewer = await services.access.admit(user, channel, Capability.CONVERSATIONS)
    today = services.clock.now().astimezone(services.zone(viewer.person)).date()
    command = parse(text, today=today)
    if isinstance(command, UploadsCommand):
        return await uploads.run(services, viewer, command, trigger)
    if type(command) not in WORKING:
        return not_yet_message(texts_for(viewer.person), command_name(command))
    return await WORKING[type(command)](services, viewer, command)


async def show_help(_services: Services, viewer: Viewer, command: HelpCommand) -> Payload:
    return help_message(texts_for(viewer.person), command.topic, {*WORKING, UploadsCommand})


WORKING: Mapping[type[Command], Callable[[Services, Viewer, Any], Awaitable[Payload]]] = {
    ListCommand: conversations.list_conversations,
    ShowCommand: conversations.show_conversation,
    DigestAddCommand: digests.add,
    DigestCommand: digests.run,
    WhyCommand: digests.explain,
    StatusCommand: operations.show_status,
    HelpCommand: show_help,
}
"""The commands that do something, besides `uploads`, which may open a modal."""
