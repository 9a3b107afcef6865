"""Digests: what a channel subscribes to, by commands and by the buttons of `digest list`."""

import functools
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.app.services import Services
from bot.digests.subscriptions import Change
from bot.errors import BotError, GoneError
from bot.forms.subscription import Problem, read
from bot.model.access import Capability
from bot.model.commands import DigestAddCommand, DigestCommand, WhyCommand
from bot.model.digests import Subscription
from bot.model.people import Viewer
from bot.render.digests.digest import preview_message
from bot.render.digests.subscriptions import (
    added_message,
    done,
    done_message,
    form_errors,
    form_view,
    subscriptions_message,
    without_digest,
)
from bot.render.digests.why import why_message
from bot.render.kit.limits import Payload
from bot.render.kit.views import as_view
from handlers.answering import Respond, answer, failure_message
from handlers.clicks import require_here, value_of
from handlers.modals import TooSlow, before_ack, in_view, too_slow

Body = dict[str, Any]

_ACTIONS = {ids.DIGEST_PAUSE: "pause", ids.DIGEST_RESUME: "resume", ids.DIGEST_REMOVE: "remove"}


def register(app: AsyncApp, services: Services) -> None:
    @app.action(ids.DIGEST_PAUSE)
    @app.action(ids.DIGEST_RESUME)
    @app.action(ids.DIGEST_REMOVE)
    async def press(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        respond = functools.partial(services.slack.respond, body["response_url"])
        work = pressed(services, body, action)
        services.background.spawn(answer(services, "digest", work, functools.partial(respond, replace=True), respond))

    @app.action(ids.DIGEST_EDIT)
    async def edit(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        form = functools.partial(form_of, id_=value_of(action))
        services.background.spawn(in_view(services, "digest", body, form))

    @app.view(ids.DIGEST_FORM)
    async def submitted(ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await saved(services, body["user"]["id"], view))


# ---- commands ------------------------------------------------------------------------------------------------------


async def add(services: Services, viewer: Viewer, command: DigestAddCommand) -> Payload:
    person, channel = viewer.person, viewer.channel
    await services.access.admit(person.id, channel, Capability.SUBSCRIBE)
    command = replace(command, domains=await services.access.narrow(viewer, command.domains))
    subscription, before = await services.subscriptions.add(command, person, channel)
    return added_message(
        services.texts,
        subscription,
        await services.subscriptions.upcoming(subscription),
        before=before,
        command=command,
        is_own_zone=person.timezone == subscription.timezone,
        held=await services.audience.why_held(channel),
    )


async def run(services: Services, viewer: Viewer, command: DigestCommand) -> Payload:
    user, channel = viewer.person.id, viewer.channel
    if command.action == "list":
        return await listed(services, channel)
    if command.action == "preview":
        return await preview(services, viewer, command.target)
    await services.access.admit(user, channel, Capability.SUBSCRIBE)
    changes = await change(services, command.action, channel, command.target, user)
    return done_message(services.texts, await all_said(services, command.action, changes))


async def preview(services: Services, viewer: Viewer, target: str) -> Payload:
    """What would be posted now, as far as the viewer may see it: by the one whose digest comes next, or where none
    does, by one that somebody would add.
    """
    channel = viewer.channel
    try:
        found = await services.subscriptions.find(channel, target)
    except GoneError:
        if "." not in target and target != "*":  # an id
            raise
        found = []
    coming = [(at, each) for each in found if (at := await services.subscriptions.upcoming(each)) is not None]
    if coming:
        _, subscription = min(coming, key=lambda each: each[0].due.at)
    else:
        domains = found[0].domains if found else await services.access.narrow(viewer, (target,))
        subscription = services.subscriptions.draft(DigestAddCommand(domains), viewer.person, channel)
    digest = await services.digests.preview(subscription)
    seen = [each for each in digest.conversations if services.access.sees(viewer, each)]
    digest = digest.cut(await services.access.show(viewer, seen, "preview"))
    above = without_digest(services.texts, found) if found and not coming else ""
    return preview_message(services.texts, digest, above=above, link_template=services.link_template)


async def explain(services: Services, viewer: Viewer, command: WhyCommand) -> Payload:
    return why_message(services.texts, await services.why.explain(command.id, viewer))


# ---- clicks --------------------------------------------------------------------------------------------------------


async def pressed(services: Services, body: Body, action: Body) -> Payload:
    """*Pause*, *Resume*, *Remove*: the list anew, below what was done."""
    user, channel = body["user"]["id"], body["channel"]["id"]
    await services.access.admit(user, channel, Capability.SUBSCRIBE)
    name = _ACTIONS[action["action_id"]]
    changes = await change(services, name, channel, value_of(action), user)
    return await listed(services, channel, "\n".join(await all_said(services, name, changes)))


async def form_of(services: Services, body: Body, _tell: Respond, id_: str) -> Payload:
    subscription = await services.subscriptions.get(id_)
    require_here(body, subscription.channel, "subscription")
    await services.access.admit(body["user"]["id"], subscription.channel, Capability.SUBSCRIBE)
    return form_view(services.texts, subscription)


async def saved(services: Services, user: str, view: Body) -> Payload:
    """What the submitted form is acknowledged with, within three seconds."""
    id_ = str(view["private_metadata"])
    fields, problems = read(view["state"]["values"])
    try:
        subscription = await services.subscriptions.get(id_)
        viewer = await before_ack(services, services.access.admit(user, subscription.channel, Capability.SUBSCRIBE))
        await services.access.narrow(viewer, fields.get("domains", ()))
        if not problems and (twin := await services.subscriptions.twin(id_, **fields)) is not None:
            problems = {next(iter(view["state"]["values"])): Problem("same", twin.id)}
        if problems:
            return {"response_action": "errors", "errors": form_errors(services.texts, problems)}
        changed = await services.subscriptions.edit(id_, user, **fields)
    except TooSlow:
        return too_slow(next(iter(view["state"]["values"])))
    except BotError as exc:
        return {"response_action": "update", "view": as_view(services.texts, failure_message("digest", exc))}
    said = done_message(services.texts, await all_said(services, "edit", [changed]))
    return {"response_action": "update", "view": as_view(services.texts, said)}


# ---- what both do --------------------------------------------------------------------------------------------------


async def change(services: Services, action: str, channel: str, target: str, user: str) -> list[Change]:
    match action:
        case "pause":
            return await services.subscriptions.pause(channel, target, user)
        case "resume":
            return await services.subscriptions.resume(channel, target, user)
        case _:
            return await services.subscriptions.remove(channel, target, user)


async def all_said(services: Services, action: str, changes: list[Change]) -> list[str]:
    async def upcoming(after: Subscription | None) -> Any:
        return await services.subscriptions.upcoming(after) if after is not None else None

    return [done(services.texts, action, each.before, each.after, await upcoming(each.after)) for each in changes]


async def listed(services: Services, channel: str, said: str = "") -> Payload:
    found = [
        (each, await services.subscriptions.upcoming(each)) for each in await services.subscriptions.of_channel(channel)
    ]
    return subscriptions_message(services.texts, found, said=said)
