"""The bot's HTTP side: Slack's requests, Kickscale's, and what operators ask."""

import asyncio
import errno
import hashlib
import hmac
import json
import logging
import mimetypes
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.clock import Clock, SystemClock
from bot.errors import BotError, ConfigError
from bot.kickscale import webhook
from bot.model.conversation import Conversation
from bot.observe.metrics import Metrics
from bot.uploads.sources import Source

log = logging.getLogger(__name__)

Checks = Mapping[str, bool | str]
"""A check's name, and True, or False or the reason why it fails."""

LARGEST_BODY = 1024 * 1024
"""Bytes. Slack's largest requests are submitted views, whose own limit is 250 KB."""
LARGEST_WEBHOOK = 4 * 1024 * 1024
"""Bytes. Kickscale's names no limit. A meeting of hours is some hundred KB, its transcript included."""
READ_TIMEOUT = 10.0
"""Seconds for a body to arrive: Slack itself gives up after three."""
MOST_BODIES = 32
"""How many are read at a time, and so how much memory they take. One from Slack or Kickscale is there in no time."""
MOST_CONNECTIONS = 256
"""Far from what a process may have open, which its own connections need too."""
TELL_AGAIN = 60.0
"""Seconds between two lines about refusals of one kind, so that nobody fills the log from outside."""
WINDOW = 300
"""Seconds (https://docs.slack.dev/authentication/verifying-requests-from-slack/)."""
READY_TIMEOUT = 5.0
READY_KEPT = 3.0
"""Seconds for which one answer to /readyz serves everybody: anyone may ask, and each check calls Slack."""

MISSHAPEN = (LookupError, TypeError, AttributeError, ValueError)
"""What reading a payload raises that is not as Slack makes them."""
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_ADDRESS = re.compile(r"[A-Za-z0-9_-]{43}")
"""What `secrets.token_urlsafe(32)` makes."""
_PASSED_ON = ("Content-Type", "X-Slack-Retry-Num", "X-Slack-Retry-Reason")


def could_be_genuine(timestamp: str, signature: str, now: float) -> bool:
    """Whether the headers alone leave it open that a request is Slack's: the rest asks for its body."""
    is_recent = bool(re.fullmatch(r"[0-9]{1,15}", timestamp)) and abs(now - int(timestamp)) <= WINDOW
    return is_recent and bool(_SIGNATURE.fullmatch(signature))


def is_genuine(secret: str, body: bytes, timestamp: str, signature: str, now: float) -> bool:
    """Whether Slack signed this request within five minutes of `now`, in seconds since 1970. Never raises.

    Not the SDK's `SignatureVerifier`: it raises on a timestamp that is no number, on a body that is not UTF-8 and on
    a signature that is not ASCII (slack_sdk 3.47, `signature/__init__.py`), which makes of a bad request a 500.
    """
    if not could_be_genuine(timestamp, signature, now):
        return False
    expected = "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)


def read_body(body: bytes) -> dict[str, Any] | None:
    """What Slack sent: the JSON of an event or an interaction, or the fields of a command; None where it is neither."""
    try:
        text = body.decode()
        if not text.startswith("{"):
            fields = dict(parse_qsl(text, keep_blank_values=True))
            if "payload" not in fields:
                return fields or None
            text = fields["payload"]
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


class _ServerLog:
    """What aiohttp's server has to say. Of what is hardly HTTP it would write the bytes, and a traceback each time."""

    def __init__(self, refused: Callable[[str, str], None]) -> None:
        self._refused = refused

    def debug(self, *_: object, **__: object) -> None:
        """Nothing of it is wanted."""

    def exception(self, message: str, *values: object, exc_info: BaseException | None = None) -> None:
        if isinstance(exc_info, HttpProcessingError):
            self._refused("http", "what is hardly HTTP")
        else:
            log.error(message, *values, exc_info=exc_info)


class HttpServer:
    """Slack's requests are taken only with a signing secret: without one nobody could tell who sent them."""

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
        clock: Clock | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._app = app
        self._signing_secret = signing_secret
        self._metrics = metrics
        self._ready = ready
        self._source = recording
        self._webhook_secret = webhook_secret
        self._heard = heard
        self._ready_task: asyncio.Task[tuple[bool, Checks]] | None = None
        self._ready_until = 0.0
        self._clock = clock or SystemClock()
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None
        self._busy: set[asyncio.BaseProtocol] = set()
        """The connections whose requests are being answered."""
        self._bodies: list[asyncio.Timeout] = []
        """The time that each body which is being read still has, the oldest first."""
        self._quiet_until: dict[str, float] = {}

    @property
    def url(self) -> str:
        """Where it listens; the real port once it was started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def start(self) -> int:
        """Listen; the real port. Raises ConfigError for HOST or PORT where that can't be."""
        server = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._hold])
        if self._signing_secret:
            server.router.add_post("/slack/events", self._slack)
        server.router.add_post("/kickscale/webhook", self._webhook)
        server.router.add_get("/recordings/{address}/{name}", self._recording)
        server.router.add_get("/healthz", self._healthz)
        server.router.add_get("/readyz", self._readyz)
        server.router.add_get("/metrics", self._render_metrics)
        self._runner = web.AppRunner(
            server,
            access_log=None,  # it would repeat every address and query that anybody sends
            auto_decompress=False,  # Slack packs nothing, and its signature is of the bytes as they came
            logger=_ServerLog(self._refused),
            lingering_time=1.0,
            shutdown_timeout=5.0,
        )
        await self._runner.setup()
        try:
            self._listening = await asyncio.get_running_loop().create_server(self._connect, self._host, self._port)
        except OSError as exc:
            await self.stop()
            raise self._refusal(exc) from exc
        self._port = int(self._listening.sockets[0].getsockname()[1])
        return self._port

    async def stop(self) -> None:
        """Take no more, and give what is under way five seconds."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._ready_task is not None:
            self._ready_task.cancel()

    def _refusal(self, error: OSError) -> ConfigError:
        if error.errno == errno.EADDRINUSE:
            return ConfigError("PORT", f"{self._port} is in use; choose another one, or 0 for a free one")
        if error.errno in (errno.EACCES, errno.EPERM):
            return ConfigError("PORT", f"{self._port} needs more rights than the bot has; choose one above 1023")
        return ConfigError("HOST", f"{self._host} is no address of this machine; use 127.0.0.1 or 0.0.0.0")

    # ---- what nobody can use up --------------------------------------------------------------------------------------

    def _connect(self) -> asyncio.BaseProtocol:
        """For one more connection. Where there are too many, the one that asked for nothing for longest has to go.

        So who opens them to keep others out, or sends a request byte by byte, keeps nobody out: aiohttp has no limit to
        their number, nor to how long the first line of a request may take.
        """
        server = self._runner.server if self._runner is not None else None
        if server is None:
            raise RuntimeError("not started")
        connections = server.connections
        if len(connections) >= MOST_CONNECTIONS:
            idle = next((each for each in connections if each not in self._busy), None)
            if idle is not None:
                idle.force_close()
        return server()

    @web.middleware
    async def _hold(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self._busy.add(request.protocol)
        try:
            return await handler(request)
        finally:
            self._busy.discard(request.protocol)

    async def _body(self, request: web.BaseRequest, largest: int) -> bytes:
        """All of it. Raises what aiohttp answers with 408 where it takes too long, with 413 where it is too large, and
        with 400 where it breaks off.

        Where too many are being read, the one that takes longest makes room: 503.
        """
        if (request.content_length or 0) > largest:
            raise web.HTTPRequestEntityTooLarge(largest, request.content_length or 0)
        if len(self._bodies) >= MOST_BODIES:
            oldest = self._bodies.pop(0)
            if not oldest.expired():
                oldest.reschedule(0.0)
        try:
            async with asyncio.timeout(READ_TIMEOUT) as patience:
                self._bodies.append(patience)
                return await request.clone(client_max_size=largest).read()
        except TimeoutError:
            if patience not in self._bodies:
                raise web.HTTPServiceUnavailable(
                    text='{"error": "busy"}', content_type="application/json", headers={"Retry-After": "1"}
                ) from None
            raise web.HTTPRequestTimeout(text='{"error": "request timeout"}', content_type="application/json") from None
        except (web.RequestPayloadError, ConnectionError):
            raise web.HTTPBadRequest(text='{"error": "broken off"}', content_type="application/json") from None
        finally:
            if patience in self._bodies:
                self._bodies.remove(patience)

    def _refused(self, door: str, why: str) -> None:
        """Count a refusal, and say so where it was not said lately."""
        self._metrics.refused(door)
        now = asyncio.get_running_loop().time()
        if now >= self._quiet_until.get(why, 0.0):
            self._quiet_until[why] = now + TELL_AGAIN
            log.warning("refused %s; more of the kind are only counted for %d seconds", why, TELL_AGAIN)

    # ---- Slack -------------------------------------------------------------------------------------------------------

    async def _slack(self, request: web.Request) -> web.StreamResponse:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # What the headers give away is refused before a byte of the body is read.
        body = b""
        is_genuine_ = could_be_genuine(timestamp, signature, self._clock.now().timestamp())
        if is_genuine_:
            body = await self._body(request, LARGEST_BODY)
            is_genuine_ = is_genuine(self._signing_secret, body, timestamp, signature, self._clock.now().timestamp())
        if not is_genuine_:
            self._refused("slack", "a request that Slack did not sign within five minutes")
            return web.json_response({"error": "invalid request"}, status=401)
        payload = read_body(body)
        if payload is None:
            self._refused("slack", "a signed request that is neither JSON nor a form")
            return web.json_response({"error": "not understood"}, status=400)
        # Handed over read, as Socket Mode does it: Bolt's own reading of a form takes a command whose text has the
        # word "payload" in it for a broken interaction (slack_bolt 1.30, `request/internals.py`, `parse_body`), and
        # believes headers of its own that the signature does not cover.
        headers: dict[str, Any] = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        try:
            bolt_request = AsyncBoltRequest(mode="socket_mode", body=payload, headers=headers)
            return await to_aiohttp_response(await self._app.async_dispatch(bolt_request))
        except MISSHAPEN:  # of what Bolt itself reads of it
            log.exception("a signed request is not as Slack makes them")
            return web.json_response({"error": "not understood"}, status=400)

    # ---- Kickscale ---------------------------------------------------------------------------------------------------

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        if not self._webhook_secret:
            return web.json_response({"error": "KICKSCALE_WEBHOOK_SECRET is not set"}, status=503)
        timestamp = request.headers.get(webhook.TIMESTAMP, "")
        signature = request.headers.get(webhook.SIGNATURE, "")
        body = b""  # as above
        is_genuine_ = webhook.could_be_genuine(timestamp, signature, self._clock.now())
        if is_genuine_:
            body = await self._body(request, LARGEST_WEBHOOK)
            is_genuine_ = webhook.verify(self._webhook_secret, timestamp, signature, body, self._clock.now())
        if not is_genuine_:
            self._refused("kickscale", "a webhook that Kickscale did not sign within five minutes")
            return web.json_response({"error": "invalid request"}, status=401)
        meeting = webhook.read_event(body)
        if meeting is None:
            self._refused("kickscale", "a signed webhook that tells of no meeting")
            return web.json_response({"error": "not understood"}, status=400)
        await self._heard(meeting)
        return web.json_response({"ok": True})

    async def _recording(self, request: web.Request) -> web.StreamResponse:
        """A recording, to whoever knows its address: the API, which fetches it from here."""
        address = request.match_info["address"]
        source = await self._source(address) if _ADDRESS.fullmatch(address) else None
        if source is None:
            return web.json_response({"error": "not found"}, status=404)
        kind = mimetypes.guess_type(source.name)[0] or ""
        is_media = kind.startswith(("audio/", "video/"))
        headers = {
            "Content-Type": kind if is_media else "application/octet-stream",
            "X-Content-Type-Options": "nosniff",  # it is somebody's file, at the bot's own address
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
                # The status is out already: a body that ends early is what tells that it is not whole.
                log.warning("a recording broke off while it was fetched (%s)", type(exc).__name__)
                if request.transport is not None:
                    request.transport.close()
                return response
        await response.write_eof()
        return response

    # ---- operators ---------------------------------------------------------------------------------------------------

    async def _healthz(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(text="ok")

    async def _readyz(self, _request: web.Request) -> web.StreamResponse:
        now = asyncio.get_running_loop().time()
        if self._ready_task is None or (self._ready_task.done() and now >= self._ready_until):
            self._ready_until = now + READY_KEPT
            self._ready_task = asyncio.create_task(self._check())
        # Shielded: who goes away must not take the answer from the others that wait for it.
        is_ready, checks = await asyncio.shield(self._ready_task)
        return web.json_response({"ready": is_ready, "checks": dict(checks)}, status=200 if is_ready else 503)

    async def _check(self) -> tuple[bool, Checks]:
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                checks = await self._ready()
        except TimeoutError:
            return False, {"answer": f"none within {READY_TIMEOUT:.0f} s"}
        except Exception:
            log.exception("the readiness check failed")
            return False, {"answer": "the check itself failed; the log says why"}
        return all(each is True for each in checks.values()), checks

    async def _render_metrics(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})
