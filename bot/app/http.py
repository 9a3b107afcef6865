"""The bot's HTTP side: Slack's requests, Kickscale's, and what operators ask."""

import asyncio
import errno
import logging
import mimetypes
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.app.bodies import Bodies, BodyRefused
from bot.app.connections import Connections
from bot.app.operator_pages import Checks, OperatorPages
from bot.app.slack_requests import MALFORMED, could_be_genuine, is_genuine, read_body
from bot.clock import Clock, SystemClock
from bot.errors import BotError, ConfigError
from bot.kickscale import webhook
from bot.model.conversation import Conversation
from bot.observe.metrics import Metrics
from bot.uploads.sources import Source

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
"""Bytes. Slack's largest requests are submitted views, whose own limit is 250 KB."""
LARGEST_WEBHOOK = 4 * 1024 * 1024
"""Bytes. Kickscale documents no limit. A meeting of hours takes a few hundred KB with its transcript."""
LOG_INTERVAL = 60.0
"""Seconds between two lines about refusals of one kind, so that nobody can fill the log from outside."""
MOST_HEADERS = 64
"""Each may have 8 KB. Slack and the proxies in between send about twenty."""
STOP_PATIENCE = 3.0
"""Seconds that running requests get at a stop: Slack itself gives up after three."""
_ADDRESS = re.compile(r"[A-Za-z0-9_-]{43}")
"""What `secrets.token_urlsafe(32)` makes."""
_PASSED_ON = ("Content-Type", "X-Slack-Retry-Num", "X-Slack-Retry-Reason")


class _ServerLog:
    """The log of aiohttp's server. If something isn't HTTP, it would log its bytes, with a traceback each time."""

    def __init__(self, refused: Callable[[str, str], None]) -> None:
        self._refused = refused

    def debug(self, *_: object, exc_info: BaseException | None = None) -> None:
        """Log nothing."""
        if exc_info is not None:
            exc_info.__traceback__ = None  # as in `exception`

    def exception(self, message: str, *values: object, exc_info: BaseException | None = None) -> None:
        if isinstance(exc_info, HttpProcessingError):
            exc_info.__traceback__ = None  # its frames hold the bytes that were read, and the exception itself
            self._refused("http", "what is hardly HTTP")
        else:
            log.error(message, *values, exc_info=exc_info)


class HttpServer:
    """Accepts Slack's requests only with a signing secret: without one, nobody could tell who sent them."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        app: AsyncApp,
        signing_secret: str,
        metrics: Metrics,
        ready: Callable[[], Awaitable[Checks]],
        recording: Callable[[str], Awaitable[Source | None]],
        webhook_secret: str,
        heard: Callable[[Conversation], Awaitable[None]],
        metrics_token: str = "",
        clock: Clock | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._app = app
        self._signing_secret = signing_secret
        self._metrics = metrics
        self._source = recording
        self._webhook_secret = webhook_secret
        self._heard = heard
        self._clock = clock or SystemClock()
        self._runner: web.AppRunner | None = None
        self._connections = Connections(self._answer, lambda why: self._refused("http", why))
        self._bodies = Bodies()
        self._operator_pages = OperatorPages(metrics, metrics_token, ready, self._refused)
        self._quiet_until: dict[str, float] = {}

    @property
    def url(self) -> str:
        """The address it listens at, with the real port once it was started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def start(self) -> int:
        """Listen, and return the real port. Raises ConfigError for HOST or PORT if that fails."""
        server = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._hold])
        if self._signing_secret:
            server.router.add_post("/slack/events", self._slack)
        server.router.add_post("/kickscale/webhook", self._webhook)
        server.router.add_get("/recordings/{address}/{name}", self._recording)
        self._operator_pages.add_routes(server.router)
        self._runner = web.AppRunner(
            server,
            access_log=None,  # it would repeat every address and query that anybody sends
            auto_decompress=False,  # Slack compresses nothing, and signs the bytes as they are sent
            logger=_ServerLog(self._refused),
            lingering_time=1.0,
            # aiohttp waits this long twice: before it cancels running requests, and after.
            shutdown_timeout=STOP_PATIENCE / 2,
            max_headers=MOST_HEADERS,
        )
        await self._runner.setup()
        try:
            self._port = await self._connections.listen(self._host, self._port)
        except OSError as exc:
            await self.stop()
            raise self._refusal(exc) from exc
        return self._port

    async def stop(self) -> None:
        """Accept no more requests, and give running ones `STOP_PATIENCE` seconds."""
        await self._connections.close()
        self._bodies.give_up()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self._operator_pages.stop()

    def _refusal(self, error: OSError) -> ConfigError:
        if error.errno == errno.EADDRINUSE:
            return ConfigError("PORT", f"{self._port} is in use; choose another one, or 0 for a free one")
        if error.errno in (errno.EACCES, errno.EPERM):
            return ConfigError("PORT", f"{self._port} needs more rights than the bot has; choose one above 1023")
        return ConfigError("HOST", f"{self._host} is no address of this machine; use 127.0.0.1 or 0.0.0.0")

    # ---- connections and refusals ------------------------------------------------------------------------------------

    def _answer(self) -> web.RequestHandler:
        """Return the protocol that answers on a new connection."""
        if self._runner is None or self._runner.server is None:
            raise RuntimeError("not started")
        return self._runner.server()

    @web.middleware
    async def _hold(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            with self._connections.answering(request.protocol):
                return await handler(request)
        except BodyRefused as exc:
            self._refused("http", f"the body of a request: {exc.error}")
            return exc.response()
        except web.HTTPException as exc:
            # aiohttp answers with the exception itself, whose traceback keeps the request and everything that was read
            # in memory until a full garbage collection.
            return web.Response(status=exc.status, reason=exc.reason, text=exc.text, headers=_allow(exc))

    def _refused(self, door: str, why: str) -> None:
        """Count a refusal, and log it unless one of its kind was logged lately."""
        self._metrics.refused(door)
        now = asyncio.get_running_loop().time()
        if now >= self._quiet_until.get(why, 0.0):
            self._quiet_until[why] = now + LOG_INTERVAL
            log.warning("refused %s; more of the kind are only counted for %d seconds", why, LOG_INTERVAL)

    # ---- Slack -------------------------------------------------------------------------------------------------------

    async def _slack(self, request: web.Request) -> web.StreamResponse:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # Whatever the headers rule out is refused before any of the body is read.
        body = b""
        is_signed = could_be_genuine(timestamp, signature, self._clock.now().timestamp())
        if is_signed:
            body = await self._bodies.read(request, LARGEST_BODY)
            is_signed = is_genuine(self._signing_secret, body, timestamp, signature, self._clock.now().timestamp())
        if not is_signed:
            self._refused("slack", "a request that Slack did not sign within five minutes")
            return web.json_response({"error": "invalid request"}, status=401)
        payload = read_body(body)
        if payload is None:
            self._refused("slack", "a signed request that is neither JSON nor a form")
            return web.json_response({"error": "not understood"}, status=400)
        # Passed on parsed, as in Socket Mode: Bolt's own parser takes a command whose text contains the word
        # "payload" for a broken interaction (slack_bolt 1.30, `request/internals.py`, `parse_body`), and
        # believes headers of its own that the signature does not cover.
        headers: dict[str, Any] = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        try:
            bolt_request = AsyncBoltRequest(mode="socket_mode", body=payload, headers=headers)
            return await to_aiohttp_response(await self._app.async_dispatch(bolt_request))
        except MALFORMED:  # of what Bolt itself reads of it
            log.exception("a signed request is not as Slack makes them")
            return web.json_response({"error": "not understood"}, status=400)

    # ---- Kickscale ---------------------------------------------------------------------------------------------------

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        if not self._webhook_secret:
            return web.json_response({"error": "KICKSCALE_WEBHOOK_SECRET is not set"}, status=503)
        timestamp = request.headers.get(webhook.TIMESTAMP, "")
        signature = request.headers.get(webhook.SIGNATURE, "")
        body = b""  # as for Slack
        is_signed = webhook.could_be_genuine(timestamp, signature, self._clock.now())
        if is_signed:
            body = await self._bodies.read(request, LARGEST_WEBHOOK)
            is_signed = webhook.verify(self._webhook_secret, timestamp, signature, body, self._clock.now())
        if not is_signed:
            self._refused("kickscale", "a webhook that Kickscale did not sign within five minutes")
            return web.json_response({"error": "invalid request"}, status=401)
        meeting = webhook.read_event(body)
        if meeting is None:
            self._refused("kickscale", "a signed webhook that tells of no meeting")
            return web.json_response({"error": "not understood"}, status=400)
        await self._heard(meeting)
        return web.json_response({"ok": True})

    async def _recording(self, request: web.Request) -> web.StreamResponse:
        """Send a recording to whoever knows its secret address: the API, which fetches it from here."""
        address = request.match_info["address"]
        source = await self._source(address) if _ADDRESS.fullmatch(address) else None
        if source is None:
            return web.json_response({"error": "not found"}, status=404)
        kind = mimetypes.guess_type(source.name)[0] or ""
        is_media = kind.startswith(("audio/", "video/"))
        headers = {
            "Content-Type": kind if is_media else "application/octet-stream",
            "X-Content-Type-Options": "nosniff",  # it is a user's file, at the bot's own address
            "Cache-Control": "no-store",
        }
        response = web.StreamResponse(headers=headers)
        response.content_length = source.size
        await response.prepare(request)
        if request.method == "GET":
            try:
                async for chunk in source.chunks():
                    await response.write(chunk)
            except BotError as exc:
                # The status was sent already: only a body that ends early shows that it is incomplete.
                log.warning("a recording broke off while it was fetched (%s)", type(exc).__name__)
                if request.transport is not None:
                    request.transport.close()
                return response
        await response.write_eof()
        return response


def _allow(exc: web.HTTPException) -> dict[str, str]:
    return {name: exc.headers[name] for name in ("Allow", "Content-Type") if name in exc.headers}
