"""views.*: https://docs.slack.dev/reference/methods?family=views"""

from typing import Any

from bot.sandbox.slack import modals, shapes
from bot.sandbox.slack.methods.base import Method, Refused, Request
from bot.sandbox.slack.state import Trigger, View


def _view(request: Request, *surfaces: str) -> dict[str, Any]:
    request.args.required("view")
    payload = request.args.document("view", "invalid_arguments")
    try:
        modals.check(payload, surfaces)
    except modals.ViewError as exc:
        raise (Refused.because(exc.error, exc.problems) if exc.problems else Refused(exc.error)) from exc
    return dict(payload)


def _trigger(request: Request) -> Trigger:
    """Use up the trigger. If the view is refused, the trigger stays valid. Raises Refused."""
    try:
        return modals.exchange(request.state, request.args.text("trigger_id"))
    except modals.ViewError as exc:
        raise Refused(exc.error) from exc


def _answer(request: Request, view: View) -> dict[str, Any]:
    return {"view": shapes.view(request.state, view)}


async def open_(request: Request) -> dict[str, Any]:
    request.args.required("trigger_id")
    payload = _view(request, "modal")
    _check_external_id(request, payload)
    return _answer(request, modals.open_(request.state, _trigger(request).user, payload))


async def push(request: Request) -> dict[str, Any]:
    """Only from within a modal, and at most three on top of each other."""
    request.args.required("trigger_id")
    payload = _view(request, "modal")
    _check_external_id(request, payload)
    trigger = _trigger(request)
    if not trigger.view or trigger.view not in request.state.stacks[trigger.user]:
        raise Refused("not_found")
    try:
        return _answer(request, modals.push(request.state, trigger.user, payload))
    except modals.ViewError as exc:
        raise Refused(exc.error) from exc


async def update(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.update : by `view_id` or `external_id`, with or without `hash`."""
    state = request.state
    view_id, external_id = request.args.text("view_id"), request.args.text("external_id")
    if not view_id and not external_id:
        raise Refused.because("invalid_arguments", ["missing required field: view_id"])
    view = state.views.get(view_id) or next(
        (view for view in state.views.values() if external_id and view.external_id == external_id), None
    )
    payload = _view(request, view.type if view else "modal")
    if view is None:
        raise Refused("not_found")
    if request.args.text("hash") not in {"", view.hash}:
        raise Refused("hash_conflict")
    if payload.get("external_id") != view.external_id:
        _check_external_id(request, payload)
    return _answer(request, modals.update(state, view, payload))


async def publish(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.publish"""
    request.args.required("user_id")
    payload = _view(request, "home")
    user = request.state.users.get(request.args.text("user_id"))
    if user is None:
        raise Refused.because("invalid_arguments", ["invalid `user_id` [json-pointer:/user_id]"])
    old = request.state.views.get(request.state.homes.get(user.id, ""))
    if old is not None and request.args.text("hash") not in {"", old.hash}:
        raise Refused("hash_conflict")
    return _answer(request, modals.publish(request.state, user.id, payload))


def _check_external_id(request: Request, payload: dict[str, Any]) -> None:
    external_id = payload.get("external_id")
    if external_id and any(view.external_id == external_id for view in request.state.views.values()):
        raise Refused("duplicate_external_id")


METHODS = (
    Method("views.open", open_, tier=4),
    Method("views.push", push, tier=4),
    Method("views.update", update, tier=4),
    Method("views.publish", publish, tier=4),
)
