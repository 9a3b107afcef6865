"""Views and how they are stacked: https://docs.slack.dev/surfaces/modals"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.sandbox.slack import blockkit, shapes
from bot.sandbox.slack.state import State, Trigger, View

TRIGGER_LIFETIME = timedelta(seconds=3)
"""https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses"""
STACK = 3
"""`push_limit_reached`: https://docs.slack.dev/reference/methods/views.push"""


class ViewError(Exception):
    """Slack would refuse it: its `error`, and details."""

    def __init__(self, error: str, problems: list[str] | None = None) -> None:
        super().__init__(error, problems)
        self.error = error
        self.problems = problems or []


def check(payload: Any, surfaces: tuple[str, ...]) -> None:
    """Raise ViewError if Slack would not show it."""
    if blockkit.is_too_large(payload):
        raise ViewError("view_too_large")
    if problems := blockkit.view(payload, surfaces):
        raise ViewError("invalid_arguments", problems)


def exchange(state: State, trigger_id: str) -> Trigger:
    """Use up a trigger. Raises ViewError: https://docs.slack.dev/reference/methods/views.open#errors"""
    trigger = state.triggers.get(trigger_id)
    if trigger is None:
        raise ViewError("invalid_trigger_id")
    if trigger.is_used:
        raise ViewError("exchanged_trigger_id")
    if state.clock.now() - trigger.created_at > TRIGGER_LIFETIME:
        raise ViewError("expired_trigger_id")
    trigger.is_used = True
    return trigger


def _make(state: State, user: str, payload: Mapping[str, Any], root: str = "", previous: str = "") -> View:
    completed = {**payload, "blocks": blockkit.complete(payload["blocks"], state.new_id)}
    id_ = state.new_id("V")
    view = View(id_, completed["type"], user, completed, shapes.view_hash(state, completed), root or id_, previous)
    state.views[id_] = view
    return view


def open_(state: State, user: str, payload: Mapping[str, Any]) -> View:
    """Show a modal, in place of all that were open."""
    close_all(state, user)
    view = _make(state, user, payload)
    state.stacks[user].append(view.id)
    state.changed()
    return view


def push(state: State, user: str, payload: Mapping[str, Any]) -> View:
    """Put a modal on top. Raises ViewError if there are three already."""
    stack = state.stacks[user]
    if len(stack) >= STACK:
        raise ViewError("push_limit_reached")
    view = _make(state, user, payload, stack[0], stack[-1])
    stack.append(view.id)
    state.changed()
    return view


def update(state: State, view: View, payload: Mapping[str, Any]) -> View:
    """Show different content in the same view. What was entered stays if its block_id and action_id stay."""
    completed = {**payload, "blocks": blockkit.complete(payload["blocks"], state.new_id)}
    kept = {block["block_id"] for block in completed["blocks"]}
    changed = replace(
        view,
        payload=completed,
        hash=shapes.view_hash(state, completed),
        errors={},
        values={block: value for block, value in view.values.items() if block in kept},
    )
    state.views[view.id] = changed
    state.changed()
    return changed


def publish(state: State, user: str, payload: Mapping[str, Any]) -> View:
    """Show a Home tab."""
    old = state.views.get(state.homes.get(user, ""))
    if old is not None:
        return update(state, old, payload)
    view = _make(state, user, payload)
    state.homes[user] = view.id
    state.changed()
    return view


def close(state: State, view: View) -> None:
    """Close a modal; the one below it is visible again."""
    if view.id in state.stacks[view.user]:
        state.stacks[view.user].remove(view.id)
    state.views.pop(view.id, None)
    state.changed()


def close_all(state: State, user: str) -> None:
    for id_ in state.stacks.pop(user, []):
        state.views.pop(id_, None)
    state.changed()
