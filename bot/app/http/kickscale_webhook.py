"""Kickscale's webhook, which reports meetings once they are analysed."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from bot.app.http.bodies import Bodies
from bot.app.http.refusals import Refusals
from bot.clock import Clock
from bot.kickscale import webhook
from bot.model.conversation import Conversation

LARGEST_WEBHOOK = 4 * 1024 * 1024
"""Bytes. Kickscale documents no limit. A meeting of hours takes a few hundred KB with its transcript."""

TakeReport = Callable[[Conversation], Awaitable[None]]


class KickscaleWebhook:
    """Accepts reports only with a secret: without one, nobody could tell who sent them.

    There are two of them while somebody replaces one in Kickscale and then here.
    """

    def __init__(
        self, secrets: Sequence[str], take_report: TakeReport, bodies: Bodies, refusals: Refusals, clock: Clock
    ) -> None:
        self._secrets = secrets
        self._take_report = take_report
        self._bodies = bodies
        self._refusals = refusals
        self._clock = clock

    def add_to(self, server: web.Application) -> None:
        server.router.add_post("/kickscale/webhook", self._receive)

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if not self._secrets:
            return web.json_response({"error": "KICKSCALE_WEBHOOK_SECRET is not set"}, status=503)
        timestamp = request.headers.get(webhook.TIMESTAMP, "")
        signature = request.headers.get(webhook.SIGNATURE, "")
        # What the headers already rule out is refused before any of the body is read.
        body = b""
        is_signed = webhook.could_be_genuine(timestamp, signature, self._clock.now())
        if is_signed:
            body = await self._bodies.read(request, LARGEST_WEBHOOK)
            now = self._clock.now()
            is_signed = any(webhook.verify(secret, timestamp, signature, body, now) for secret in self._secrets)
        if not is_signed:
            self._refusals.note("kickscale", "a webhook without a valid Kickscale signature from the last five minutes")
            return web.json_response({"error": "invalid request"}, status=401)
        meeting = webhook.read_event(body)
        if meeting is None:
            self._refusals.note("kickscale", "a signed webhook without a meeting")
            return web.json_response({"error": "not understood"}, status=400)
        await self._take_report(meeting)
        return web.json_response({"ok": True})
