"""`/kickscale …`: parses what was typed, and hands the command to the module that answers it. `help` is here."""

import functools
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.app.services import Services
from bot.commands.customers import CustomerNames
from bot.commands.registry import Asker, read_command
from bot.conversations.attempts import Attempt
from bot.conversations.typed_commands import TypedCommand
from bot.errors import CommandError, GoneError, StorageFailed, Suggestion
from bot.model.access import Capability
from bot.model.commands import (
    Command,
    CustomersCommand,
    DigestAddCommand,
    DigestCommand,
    HelpCommand,
    ListCommand,
    SearchCommand,
    ShowCommand,
    StartCommand,
    StatsCommand,
    StatusCommand,
    UploadsCommand,
    WhyCommand,
)
from bot.model.people import Viewer
from bot.render.commands.help import help_message
from bot.render.commands.start import Start, start_message
from bot.render.errors import error_message
from bot.render.kit.limits import Payload
from bot.render.kit.suggestions import with_suggestions
from bot.texts import texts_for
from handlers import conversations, digests, operations, search, stats, uploads
from handlers.answering import answer, answer_once, failure_message, known_texts, respond_to, say
from handlers.clicks import Body, channel_of, value_of
from handlers.taking_clicks import take


def register(app: AsyncApp, services: Services) -> None:
    services.typed_commands.answer_with(
        functools.partial(answer_typed, services), functools.partial(explain_failure, services)
    )

    # It may have any name: a second app in the same workspace, e.g. for staging, can't have the same one.
    @app.command(re.compile("^/"))
    async def kickscale(ack: AsyncAck, command: dict[str, Any]) -> None:
        try:
            await services.typed_commands.promise(command)
        except StorageFailed as exc:
            typed = TypedCommand.of(command)
            await ack(**failure_message(known_texts(services, typed.user), "command", exc, typed.typed))
        else:
            await ack()

    @app.action(re.compile(f"^{ids.RUN}[0-9]+$"))
    async def press(ack: AsyncAck, body: Body, action: Body) -> None:
        await take(services, ack, body, functools.partial(run_suggestion, services, body, action))


async def run_suggestion(services: Services, body: Body, action: Body) -> None:
    """Run the command on a button, and put the answer in the place of the message."""
    replace, user, text = respond_to(services, body, replace=True), body["user"]["id"], value_of(action)
    # What is said in between doesn't take the place of suggestions, which are still useful then.
    notify = replace if action.get("block_id") == ids.AGAIN else respond_to(services, body)
    work = run(services, text, user, channel_of(body), trigger=body.get("trigger_id", ""))
    await answer(services, "suggestion", user, work, replace, notify, command=text)


async def answer_typed(services: Services, command: TypedCommand, attempt: Attempt, trigger: str) -> None:
    """Answer a command that was written down; `trigger` opens a modal."""
    begin = functools.partial(
        run,
        services,
        command.typed,
        command.user,
        command.channel,
        trigger=trigger,
        channel_name=command.channel_name,
        before_change=attempt.before_change,
    )
    respond = functools.partial(services.slack.responses.send, command.response_url)
    await answer_once(services, "command", command.user, begin, respond, attempt, command.typed)


async def explain_failure(services: Services, command: TypedCommand, exc: Exception) -> None:
    """Say why a command can't be answered, which nothing else could say."""
    message = failure_message(known_texts(services, command.user), "command", exc, command.typed)
    await say(functools.partial(services.slack.responses.send, command.response_url), message, "command")


async def run(
    services: Services,
    text: str,
    user: str,
    channel: str,
    *,
    trigger: str = "",
    channel_name: str = "",
    before_change: Callable[[str], Awaitable[None]] | None = None,
) -> Payload | None:
    """Return the answer to a command; None if a modal is opened instead, with `trigger`.

    `before_change` is awaited before a command that changes something, with the command that shows whether it did.
    Raises BotError.
    """
    viewer = await services.access.admit(user, channel, Capability.CONVERSATIONS)
    today = services.clock.now().astimezone(services.zone(viewer.person)).date()
    names = await services.customers.names(viewer)
    try:
        parsed = read_command(text, Asker(today, viewer.person.id, names))
    except CommandError as exc:
        exc.may_be_new_name = exc.reason in MAY_BE_NAMES and not await services.customers.is_filled()
        raise
    if isinstance(parsed.command, StartCommand):
        return await show_start(services, viewer, names, channel_name)
    if before_change is not None and (state := state_command(parsed.command)):
        await before_change(state)
    try:
        payload = await carry_out(services, viewer, parsed.command, trigger)
    except GoneError as exc:
        if not parsed.others:
            raise
        payload = error_message(texts_for(viewer.person), exc, "")
    if payload is None or not parsed.others:
        return payload
    return with_suggestions(texts_for(viewer.person), payload, parsed.others)


def state_command(command: Command) -> str:
    """Return the command that shows the state which this one changes; empty if it changes nothing."""
    if isinstance(command, UploadsCommand):
        return "uploads status" if command.action != "status" else ""
    is_change = isinstance(command, DigestCommand) and command.action not in ("list", "preview")
    return "digest list" if is_change or isinstance(command, DigestAddCommand) else ""


async def carry_out(services: Services, viewer: Viewer, command: Command, trigger: str) -> Payload | None:
    if isinstance(command, UploadsCommand):
        if command.action == "auto" and not trigger:  # only a command or a click that has just come can open a form
            raise CommandError("uploads auto", "press", suggestions=(Suggestion("uploads auto", "uploads auto"),))
        return await uploads.run(services, viewer, command, trigger)
    return await ANSWERING[type(command)](services, viewer, command)


async def show_start(services: Services, viewer: Viewer, names: CustomerNames, channel_name: str) -> Payload:
    """`/kickscale` alone, or a greeting: what is useful for this person in this channel."""
    subscribed = [
        domain
        for subscription in await services.subscriptions.of_channel(viewer.channel)
        for domain in subscription.domains
        if "*" not in domain and domain in names
    ]
    named = [domain for word in channel_name.split("-") for domain in names.matching(word)]
    found = subscribed[:1] or (named if len(named) == 1 else [])
    start = Start("".join(found), await services.own_latest.find(viewer))
    return start_message(texts_for(viewer.person), start, link_template=services.link_template)


async def show_help(_services: Services, viewer: Viewer, command: HelpCommand) -> Payload:
    return help_message(texts_for(viewer.person), command.topic)


MAY_BE_NAMES = frozenset({"word", "command", "digest_word"})
"""The reasons of a CommandError that an unknown customer's name has."""
ANSWERING: Mapping[type[Command], Callable[[Services, Viewer, Any], Awaitable[Payload]]] = {
    ListCommand: conversations.list_conversations,
    ShowCommand: conversations.show_conversation,
    DigestAddCommand: digests.add,
    DigestCommand: digests.run,
    SearchCommand: search.find,
    StatsCommand: stats.show_stats,
    CustomersCommand: stats.show_customers,
    WhyCommand: digests.explain,
    StatusCommand: operations.show_status,
    HelpCommand: show_help,
}
"""The functions that answer the commands, except for `uploads`, which may open a modal."""
