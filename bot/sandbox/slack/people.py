"""What people do in Slack: type a command, click, fill in a form and close it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.slack import content, inputs, modals, mrkdwn, shapes
from bot.sandbox.slack.hooks import Hooks
from bot.sandbox.slack.outbound import Delivery, Outbound
from bot.sandbox.slack.refusals import Refused
from bot.sandbox.slack.state import Channel, Json, Message, State, User, View


class People:
    """`commands` has the app's slash commands, and whether Slack escapes what is typed after them."""

    def __init__(self, state: State, outbound: Outbound, hooks: Hooks, commands: Mapping[str, bool]) -> None:
        self._state = state
        self._outbound = outbound
        self._hooks = hooks
        self._commands = commands
        self.base_url = ""

    # ---- commands ----------------------------------------------------------------------------------------------------

    async def command(self, user: User, channel: Channel, line: str) -> Delivery:
        """Type a line that begins with a slash. Raises ValueError for what Slack's client wouldn't send.

        The fields: https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
        """
        self._must_be_in(user, channel)
        name, _, text = line.strip().partition(" ")
        if name not in self._commands:
            raise Refused("command", f"{name} isn't a command here. Try /kickscale help.", name=name)
        path = self._state.new_hook("commands", user.id, channel.id, None)
        payload = {
            "token": self._state.verification_token,
            "team_id": self._state.team_id,
            "team_domain": self._state.team_domain,
            "channel_id": channel.id,
            "channel_name": _channel_name(channel),
            "user_id": user.id,
            "user_name": user.name,
            "command": name,
            "text": self._typed(text.strip()) if self._commands[name] else mrkdwn.escape(text.strip()),
            "api_app_id": self._state.app_id,
            "is_enterprise_install": "false",
            "response_url": f"{self.base_url}{path}",
            "trigger_id": self._state.new_trigger(user.id),
        }
        delivery = await self._outbound.send("slash_commands", payload)
        if any(delivery.answer.get(key) for key in ("text", "blocks", "attachments")):
            hook = self._state.hooks[path]
            try:
                self._hooks.answer(hook, dict(delivery.answer))
            except content.ContentError as exc:
                delivery = replace(delivery, error=exc.error, problems=tuple(exc.problems))
        return self._outbound.note(delivery)

    def _typed(self, text: str) -> str:
        return mrkdwn.typed(text, self._user_id, self._channel_id)

    def _user_id(self, name: str) -> str | None:
        return next((user.id for user in self._state.users.values() if user.name == name), None)

    def _channel_id(self, name: str) -> str | None:
        return next(
            (channel.id for channel in self._state.channels.values() if channel.name and channel.name == name), None
        )

    def _must_be_in(self, user: User, channel: Channel) -> None:
        if user.id not in channel.members:
            where = channel.name or channel.id
            raise Refused("member", f"{user.name} isn't a member of {where}.", user=user.name, channel=where)

    # ---- clicks ------------------------------------------------------------------------------------------------------

    async def click(self, user: User, where: Message | View, action: str, value: Any, index: int) -> Delivery:
        """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
        if isinstance(where, View):
            view = self._open(user, where)
            return await self._use(user, view, *inputs.find(view.payload["blocks"], action, value, index), value)
        message = self._seen(user, where)
        channel = self._state.channels[message.channel]
        block, element = inputs.find(message.blocks, action, value, index)
        path = self._state.new_hook("actions", user.id, channel.id, message)
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.ephemeral_for),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = {
            **self._common("block_actions", user),
            "container": container,
            "trigger_id": self._state.new_trigger(user.id),
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            # Slack doesn't store ephemeral messages, so a click in one has no `message`:
            # https://docs.slack.dev/messaging/creating-interactive-messages
            **({} if message.ephemeral_for else {"message": shapes.message(self._state, message)}),
            "state": {"values": {}},
            "response_url": f"{self.base_url}{path}",
            "actions": [self._action(block, element, value)],
        }
        return self._outbound.note(await self._outbound.send("interactive", payload))

    async def _use(self, user: User, view: View, block: Json, element: Json, value: Any) -> Delivery:
        """Click in a view. There is no response_url; its `view` has what was entered so far."""
        values = inputs.put_in(view.payload["blocks"], view.values, {})
        if element["type"] not in {"button", "overflow"}:
            values[block["block_id"]][element["action_id"]] = inputs.chosen(element, value, self._user)
            self._state.views[view.id] = replace(view, values=values)
        payload = {
            **self._common("block_actions", user),
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self._state.new_trigger(user.id, view.id if view.type == "modal" else ""),
            "view": shapes.view(self._state, replace(view, values=values)),
            "actions": [self._action(block, element, value)],
        }
        return self._outbound.note(await self._outbound.send("interactive", payload))

    def _action(self, block: Json, element: Json, value: Any) -> Json:
        action = {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "type": element["type"],
            "action_ts": self._state.new_ts(),
        }
        if element["type"] != "button":
            return action | inputs.chosen(element, value, self._user)
        return action | {key: element[key] for key in ("text", "value", "style", "url", "confirm") if key in element}

    def _seen(self, user: User, message: Message) -> Message:
        """Return the message as it is now. Raises LookupError if this person doesn't see it."""
        channel = self._state.channels[message.channel]
        visible = [*self._state.messages[channel.id], *self._state.ephemerals[channel.id, user.id]]
        seen = next((candidate for candidate in visible if candidate.ts == message.ts), None)
        if seen is None or user.id not in channel.members:
            raise LookupError(f"{user.name} can't see this message.")
        return seen

    def _open(self, user: User, view: View) -> View:
        """Return the view as it is now. Raises LookupError if this person doesn't have it open."""
        current = self._state.views.get(view.id)
        if current is None or current.user != user.id:
            raise LookupError(f"{user.name} doesn't have this view open.")
        return current

    def _user(self, which: str) -> str:
        return self._state.user(which).id

    def _common(self, kind: str, user: User) -> Json:
        return {
            "type": kind,
            "team": {"id": self._state.team_id, "domain": self._state.team_domain},
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
            "api_app_id": self._state.app_id,
            "token": self._state.verification_token,
            "enterprise": None,
            "is_enterprise_install": False,
        }

    # ---- shortcuts ---------------------------------------------------------------------------------------------------

    async def message_shortcut(self, user: User, message: Message, callback_id: str) -> Delivery:
        """https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload

        It works in all of the person's channels, even without the bot. Ephemeral messages have no menu.
        """
        seen = self._seen(user, message)
        if seen.ephemeral_for:
            raise LookupError("There are no shortcuts for messages that only one person sees.")
        channel = self._state.channels[seen.channel]
        path = self._state.new_hook("app", user.id, channel.id, None)
        payload = {
            **self._common("message_action", user),
            "callback_id": callback_id,
            "action_ts": self._state.new_ts(),
            "trigger_id": self._state.new_trigger(user.id),
            "response_url": f"{self.base_url}{path}",
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "message_ts": seen.ts,
            "message": shapes.message(self._state, seen),
        }
        return self._outbound.note(await self._outbound.send("interactive", payload))

    # ---- forms -------------------------------------------------------------------------------------------------------

    async def fill(self, user: User, where: View, values: Mapping[str, Any]) -> View:
        """Enter values by block_id or action_id, without submitting. The app is notified if it asked for that.

        `dispatch_action`: https://docs.slack.dev/reference/block-kit/blocks/input-block
        """
        view = self._open(user, where)
        blocks = view.payload["blocks"]
        view = replace(view, values=inputs.put_in(blocks, view.values, values, self._user))
        self._state.views[view.id] = view
        self._state.changed()
        for block in blocks:
            if block.get("dispatch_action"):
                element = block["element"]
                for key in values.keys() & {block["block_id"], element["action_id"]}:
                    await self._use(user, view, block, element, values[key])
        return self._state.views.get(view.id, view)

    async def submit(self, user: User, where: View, values: Mapping[str, Any]) -> Delivery:
        """Enter values like `fill`, and submit. Raises ValueError if Slack's client wouldn't submit them.

        https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
        """
        view = self._open(user, where)
        if view.type != "modal" or "submit" not in view.payload:
            raise Refused("nothing_to_submit", "This view has nothing to submit.")
        blocks = view.payload["blocks"]
        values = inputs.put_in(blocks, view.values, values, self._user)
        inputs.check_submittable(blocks, values)
        view = replace(view, values=values, errors={})
        self._state.views[view.id] = view
        payload = {
            **self._common("view_submission", user),
            "trigger_id": self._state.new_trigger(user.id, view.id),
            "view": shapes.view(self._state, view),
            "response_urls": [],
        }
        delivery = await self._outbound.send("interactive", payload)
        if not delivery.error:
            try:
                self._respond(view, delivery.answer)
            except modals.ViewError as exc:
                delivery = replace(delivery, error=exc.error, problems=tuple(exc.problems))
        return self._outbound.note(delivery)

    def _respond(self, view: View, answer: Mapping[str, Any]) -> None:
        """`response_action`: https://docs.slack.dev/surfaces/modals#response_actions . Raises modals.ViewError."""
        match answer.get("response_action"):
            case None:
                modals.close(self._state, view)
            case "clear":
                modals.close_all(self._state, view.user)
            case "errors":
                errors = answer.get("errors")
                blocks = {block["block_id"] for block in view.payload["blocks"] if block["type"] == "input"}
                if not isinstance(errors, dict) or not errors or not set(errors) <= blocks:
                    raise modals.ViewError("invalid_arguments", ["errors must be keyed by the block_id of an input"])
                self._state.views[view.id] = replace(view, errors=errors)
                self._state.changed()
            case "update":
                modals.check(answer.get("view"), ("modal",))
                modals.update(self._state, view, answer["view"])
            case "push":
                modals.check(answer.get("view"), ("modal",))
                modals.push(self._state, view.user, answer["view"])
            case _:
                raise modals.ViewError("invalid_arguments", ["unknown response_action"])

    async def close(self, user: User, where: View, *, everything: bool) -> Delivery | None:
        """Close a modal, or the whole stack. The app is only notified if it set `notify_on_close`.

        https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_closed
        """
        view = self._open(user, where)
        shape = shapes.view(self._state, view)
        if everything:
            modals.close_all(self._state, user.id)
        else:
            modals.close(self._state, view)
        if not view.payload.get("notify_on_close"):
            return None
        payload = {**self._common("view_closed", user), "view": shape, "is_cleared": everything}
        return self._outbound.note(await self._outbound.send("interactive", payload))


def _channel_name(channel: Channel) -> str:
    """https://docs.slack.dev/interactivity/implementing-slash-commands : no names of private places."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name
