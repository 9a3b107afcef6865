"""response_url: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.sandbox.slack import content
from bot.sandbox.slack.api import WebApi
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.state import Hook, Message, State

USES = 5
LIFETIME = timedelta(minutes=30)
"""Both: "up to 5 times within 30 minutes of receiving the payload"."""


class Hooks:
    def __init__(self, state: State, api: WebApi, faults: Faults) -> None:
        self._state = state
        self._api = api
        self._faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        fault = self._faults.take("response_url")
        if fault is not None and not fault.is_late:
            return await self._api.fail(request, "response_url", fault)
        body: dict[str, Any] = {}
        try:
            hook = self._use(request.path)
            body = await _body(request)
            self.answer(hook, body)
        except content.ContentError as exc:
            answer: dict[str, Any] = {"ok": False, "error": exc.error}
            if exc.problems:
                answer["response_metadata"] = {"messages": [f"[ERROR] {problem}" for problem in exc.problems]}
            # Reported as `404 {"ok":false,"error":"used_url"}`, and `expired_url` afterwards.
            status = 404 if exc.error.endswith("_url") else 400
            self._api.note("response_url", body, answer, status)
            return web.json_response(answer, status=status)
        self._api.note("response_url", body, {"ok": True})
        if fault is not None:
            return await self._api.fail(request, "response_url", fault)
        return web.Response(text="ok")

    def _use(self, path: str) -> Hook:
        hook = self._state.hooks.get(path)
        if hook is None:
            raise content.ContentError("invalid_url")
        if self._state.clock.now() - hook.created_at > LIFETIME:
            raise content.ContentError("expired_url")
        if hook.uses >= USES:
            raise content.ContentError("used_url")
        hook.uses += 1
        return hook

    def answer(self, hook: Hook, body: dict[str, Any]) -> None:
        """Do what the body says. Raises content.ContentError.

        A slash command's response_url has no original message: `replace_original` posts a new one, and
        `delete_original` does nothing (slackapi/bolt-python#1268, slackapi/bolt-js#2287).
        """
        original = self._original(hook)
        if _flag(body, "delete_original"):
            if original is not None:
                self._state.replace(original, None)
            return
        message_content = content.read(body, self._state.new_id)
        if _flag(body, "replace_original") and original is not None:
            changed = replace(
                original,
                text=message_content.text,
                blocks=message_content.blocks,
                attachments=message_content.attachments,
                edited="" if original.ephemeral_for or message_content.blocks else self._state.new_ts(),
            )
            self._state.replace(original, changed)
            return
        # "in_channel" is for everybody; anything else is only for this person.
        is_ephemeral = body.get("response_type", "ephemeral") != "in_channel"
        self._state.post(
            Message(
                hook.channel,
                self._state.new_ts(),
                message_content.text,
                self._state.bot_user,
                self._state.bot_id,
                message_content.blocks,
                message_content.attachments,
                thread_ts=str(body.get("thread_ts") or ""),
                ephemeral_for=hook.user if is_ephemeral else "",
            )
        )

    def _original(self, hook: Hook) -> Message | None:
        if hook.message is None:
            return None
        original_ts = hook.message.ts
        return next((message for message in self._state.everything(hook.channel) if message.ts == original_ts), None)


def _flag(body: dict[str, Any], key: str) -> bool:
    return str(body.get(key, "")).lower() in {"true", "1"}


async def _body(request: web.Request) -> dict[str, Any]:
    text = await request.text()
    if request.content_type == "application/x-www-form-urlencoded":
        text = str((await request.post()).get("payload", ""))
    try:
        document = json.loads(text)
    except ValueError as exc:
        raise content.ContentError("invalid_payload") from exc
    if not isinstance(document, dict):
        raise content.ContentError("invalid_payload")
    return document
