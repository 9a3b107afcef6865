"""Subscriptions and digests: the commands, the buttons of `digest list`, and the form."""

import functools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import domains, ids
from bot.app.services import Services
from bot.errors import BotError, CommandError, GoneError, Suggestion
from bot.forms.subscription import read_form
from bot.model.access import Capability
from bot.model.commands import DigestAddCommand, DigestCommand, WhyCommand
from bot.model.digests import FormProblem, Subscription, SubscriptionChange
from bot.model.people import Viewer
from bot.render.digests.digest import preview_message
from bot.render.digests.form import form_errors, form_view
from bot.render.digests.subscriptions import (
    added_message,
    change_text,
    changes_message,
    choice_message,
    preview_note,
    retrial_message,
    subscriptions_message,
)
from bot.render.digests.why import why_message
from bot.render.kit.limits import Payload
from bot.render.kit.views import as_view
from bot.texts import Texts, texts_for
from handlers.answering import Respond, failure_message, known_texts
from handlers.clicks import require_here, value_of
from handlers.modals import TooSlow, before_ack, in_view, too_slow
from handlers.taking_clicks import answer_click, take

Body = dict[str, Any]

_ACTIONS = {
    ids.DIGEST_PAUSE: "pause",
    ids.DIGEST_RESUME: "resume",
    ids.DIGEST_REMOVE: "remove",
    ids.DIGEST_NARROW: "remove",
}


def register(app: AsyncApp, services: Services) -> None:
    @app.action(ids.DIGEST_PAUSE)
    @app.action(ids.DIGEST_RESUME)
    @app.action(ids.DIGEST_REMOVE)
    @app.action(ids.DIGEST_NARROW)
    async def press(ack: AsyncAck, body: Body, action: Body) -> None:
        await take(services, ack, body, functools.partial(press_button, services, body, action))

    @app.action(ids.DIGEST_AGAIN)
    async def again(ack: AsyncAck, body: Body, action: Body) -> None:
        await take(services, ack, body, functools.partial(answer_click, services, "digest", body, action, try_again))

    @app.action(ids.DIGEST_EDIT)
    async def edit(ack: AsyncAck, body: Body, action: Body) -> None:
        form = functools.partial(show_form, id_=value_of(action))
        await take(services, ack, body, functools.partial(in_view, services, "digest", body, form))

    @app.view(ids.DIGEST_FORM)
    async def submitted(ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await save_form(services, body["user"]["id"], view))


# ---- commands ------------------------------------------------------------------------------------------------------


async def add(services: Services, viewer: Viewer, command: DigestAddCommand) -> Payload:
    person, channel = viewer.person, viewer.channel
    await services.access.admit(person.id, channel, Capability.SUBSCRIBE)
    command = replace(command, domains=await services.access.narrow(viewer, command.domains))
    subscription, before = await services.subscriptions.add(command, person, channel)
    similar = [
        other
        for other in await services.subscriptions.of_channel(channel)
        if not other.live and set(other.domains) & set(subscription.domains)
    ]
    return added_message(
        texts_for(person),
        subscription,
        await services.digests.upcoming(subscription),
        before=before,
        command=command,
        is_own_zone=person.timezone == subscription.timezone,
        held=await services.audience.why_held(channel),
        similar=0 if subscription.live else len(similar),
    )


async def run(services: Services, viewer: Viewer, command: DigestCommand) -> Payload:
    user, channel, texts = viewer.person.id, viewer.channel, texts_for(viewer.person)
    if command.action == "list":
        return await list_message(services, texts, channel)
    if command.action == "preview":
        return await show_preview(services, viewer, command.targets[0])
    await services.access.admit(user, channel, Capability.SUBSCRIBE)
    if command.action in ("remove", "unfollow"):
        return await remove(services, viewer, command)
    for target in command.targets:  # nothing is changed if one of them isn't here
        await services.subscriptions.find(channel, target)
    changes: list[SubscriptionChange] = []
    for target in command.targets:
        changes += await change(services, command.action, channel, target, user)
    return changes_message(texts, await change_texts(services, texts, command.action, changes))


async def remove(services: Services, viewer: Viewer, command: DigestCommand) -> Payload:
    """Remove digests, or domains from them; if several digests have a domain, ask which. Live cards are `unfollow`ed.

    Nothing is removed unless all targets are clear.
    """
    channel, texts = viewer.channel, texts_for(viewer.person)
    chosen: list[tuple[Subscription, str]] = []
    for target in command.targets:
        found = await services.subscriptions.find(channel, target)
        if command.action == "unfollow":
            found = [subscription for subscription in found if subscription.live]
            if not found:
                raise GoneError("follow", target)
        elif len(found) > 1 and len(command.targets) == 1:
            return choice_message(texts, target, found)
        elif len(found) > 1:
            raise several_digests(command, target)
        chosen += [(subscription, target if target in subscription.domains else "") for subscription in found]
    changes: list[SubscriptionChange] = []
    for subscription, domain in chosen:
        try:
            changes.append(
                await services.subscriptions.remove(channel, subscription.id, viewer.person.id, domain=domain)
            )
        except GoneError:
            if not changes:  # otherwise it was removed together with the one before
                raise
    return changes_message(texts, await change_texts(services, texts, "remove", changes))


def several_digests(command: DigestCommand, target: str) -> CommandError:
    """Return the error of a domain among others that are to be removed, if several digests have it."""
    shown = domains.display(target)
    only_this = Suggestion(f"digest remove {target}", f"digest remove {shown}")
    typed = " ".join(("digest remove", *map(domains.display, command.targets)))
    return CommandError(typed, "digest_several", {"word": shown}, suggestions=(only_this,))


async def show_preview(services: Services, viewer: Viewer, target: str) -> Payload:
    preview = await services.previews.preview(viewer, target)
    texts = texts_for(viewer.person)
    return preview_message(
        texts, preview.digest, above=preview_note(texts, preview), link_template=services.link_template
    )


async def explain(services: Services, viewer: Viewer, command: WhyCommand) -> Payload:
    return why_message(texts_for(viewer.person), await services.why.explain(command.id, viewer))


# ---- clicks --------------------------------------------------------------------------------------------------------


def is_answer(body: Body) -> bool:
    """Return whether the button is in an answer, rather than in a digest, which everybody sees and keeps.

    In direct messages answers are ordinary messages. Only they have buttons to remove a subscription.
    """
    blocks = (body.get("message") or {}).get("blocks") or ()
    found = {button.get("action_id") for block in blocks for button in _buttons(block)}
    return bool(body["container"].get("is_ephemeral")) or not found.isdisjoint((ids.DIGEST_REMOVE, ids.DIGEST_NARROW))


def _buttons(block: Body) -> Sequence[Body]:
    return [*block.get("elements", ()), *filter(None, [block.get("accessory")])]


async def press_button(services: Services, body: Body, action: Body) -> None:
    is_list = is_answer(body)
    work = functools.partial(run_button, with_list=is_list)
    await answer_click(services, "digest", body, action, work, replace=is_list)


async def run_button(services: Services, body: Body, action: Body, *, with_list: bool) -> Payload:
    """*Pause*, *Resume*, *Remove*: do it, and say what was done, `with_list` above the new list."""
    user, channel = body["user"]["id"], body["channel"]["id"]
    viewer = await services.access.admit(user, channel, Capability.SUBSCRIBE)
    texts = texts_for(viewer.person)
    name = _ACTIONS[action["action_id"]]
    changes = await change(services, name, channel, value_of(action), user)
    done = await change_texts(services, texts, name, changes)
    return await list_message(services, texts, channel, done) if with_list else changes_message(texts, done)


async def try_again(services: Services, body: Body, action: Body) -> Payload:
    """*Try again* on the message that there is no digest, in its channel or in its creator's direct messages."""
    id_, _, day = value_of(action).partition(":")
    subscription, user = await services.subscriptions.get(id_), body["user"]["id"]
    if user != subscription.created_by:
        require_here(body, subscription.channel, "subscription")
    viewer = await services.access.admit(user, subscription.channel, Capability.SUBSCRIBE)
    try:
        retrial = await services.digests.try_again(id_, date.fromisoformat(day))
    except ValueError:
        raise GoneError("subscription", id_) from None
    return retrial_message(texts_for(viewer.person), retrial, subscription)


async def show_form(services: Services, body: Body, _reply: Respond, id_: str) -> Payload:
    subscription = await services.subscriptions.get(id_)
    require_here(body, subscription.channel, "subscription")
    viewer = await services.access.admit(body["user"]["id"], subscription.channel, Capability.SUBSCRIBE)
    return form_view(texts_for(viewer.person), subscription)


async def save_form(services: Services, user: str, view: Body) -> Payload:
    """Save the submitted form within three seconds, and return the acknowledgement."""
    id_ = str(view["private_metadata"])
    fields, problems = read_form(view["state"]["values"])
    try:
        subscription = await services.subscriptions.get(id_)
        viewer = await before_ack(services, services.access.admit(user, subscription.channel, Capability.SUBSCRIBE))
        texts = texts_for(viewer.person)
        await services.access.narrow(viewer, fields.get("domains", ()))
        if not problems and (twin := await services.subscriptions.find_twin(id_, **fields)) is not None:
            problems = {next(iter(view["state"]["values"])): FormProblem("same", twin.id)}
        if problems:
            return {"response_action": "errors", "errors": form_errors(texts, problems)}
        saved = await services.subscriptions.edit(id_, user, **fields)
    except TooSlow:
        return too_slow(known_texts(services, user), next(iter(view["state"]["values"])))
    except BotError as exc:
        texts = known_texts(services, user)
        return {"response_action": "update", "view": as_view(texts, failure_message(texts, "digest", exc))}
    done = changes_message(texts, await change_texts(services, texts, "edit", [saved]))
    return {"response_action": "update", "view": as_view(texts, done)}


# ---- shared --------------------------------------------------------------------------------------------------------


async def change(services: Services, action: str, channel: str, target: str, user: str) -> list[SubscriptionChange]:
    """`target` is an id; to pause or resume, it may be a domain, and to remove, it may be `id:domain`."""
    match action:
        case "pause":
            return await services.subscriptions.pause(channel, target, user)
        case "resume":
            return await services.subscriptions.resume(channel, target, user)
        case _:
            id_, _, domain = target.partition(":")
            return [await services.subscriptions.remove(channel, id_, user, domain=domain)]


async def change_texts(services: Services, texts: Texts, action: str, changes: list[SubscriptionChange]) -> list[str]:
    return [
        change_text(
            texts,
            action,
            change,
            await services.digests.upcoming(change.after) if change.after is not None else None,
        )
        for change in changes
    ]


async def list_message(services: Services, texts: Texts, channel: str, done: Sequence[str] = ()) -> Payload:
    listed = [
        (subscription, await services.digests.upcoming(subscription))
        for subscription in await services.subscriptions.of_channel(channel)
    ]
    return subscriptions_message(texts, listed, done=done)
