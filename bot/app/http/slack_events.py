"""Slack's requests: checked, and passed on to Bolt."""

import logging
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.app.http.bodies import Bodies
from bot.app.http.refusals import Refusals
from bot.app.http.slack_requests import MALFORMED, could_be_genuine, is_genuine, read_body
from bot.clock import Clock

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
"""Bytes. Slack's largest requests are submitted views, whose own limit is 250 KB."""
_PASSED_ON = ("Content-Type", "X-Slack-Retry-Num", "X-Slack-Retry-Reason")


class SlackEvents:
    """Accepts requests only with a signing secret: without one, nobody could tell who sent them."""

    def __init__(self, app: AsyncApp, signing_secret: str, bodies: Bodies, refusals: Refusals, clock: Clock) -> None:
        self._app = app
        self._signing_secret = signing_secret
        self._bodies = bodies
        self._refusals = refusals
        self._clock = clock

    def add_to(self, server: web.Application) -> None:
        if self._signing_secret:
            server.router.add_post("/slack/events", self._dispatch)

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # What the headers already rule out is refused before any of the body is read.
        body = b""
        is_signed = could_be_genuine(timestamp, signature, self._clock.now().timestamp())
        if is_signed:
            body = await self._bodies.read(request, LARGEST_BODY)
            is_signed = is_genuine(self._signing_secret, body, timestamp, signature, self._clock.now().timestamp())
        if not is_signed:
            self._refusals.note("slack", "a request without a valid Slack signature from the last five minutes")
            return web.json_response({"error": "invalid request"}, status=401)
        payload = read_body(body)
        if payload is None:
            self._refusals.note("slack", "a signed request that isn't JSON or a form")
            return web.json_response({"error": "not understood"}, status=400)
        # Passed on parsed, as in Socket Mode: Bolt's own parser takes a command whose text contains the word
        # "payload" for a broken interaction (slack_bolt 1.30, `request/internals.py`, `parse_body`), and
        # believes headers of its own that the signature does not cover.
        headers: dict[str, Any] = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        try:
            bolt_request = AsyncBoltRequest(mode="socket_mode", body=payload, headers=headers)
            return await to_aiohttp_response(await self._app.async_dispatch(bolt_request))
        except MALFORMED:  # raised by Bolt's own reading of the payload
            log.exception("a signed request doesn't have the format of Slack's requests")
            return web.json_response({"error": "not understood"}, status=400)
