"""The HTTP server: it listens, limits what anybody may send, and leaves the answers to its doors."""

import errno
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.app.http.bodies import Bodies, BodyRefused
from bot.app.http.connections import Connections
from bot.app.http.refusals import Refusals
from bot.app.http.slack_events import LARGEST_BODY
from bot.errors import ConfigError

log = logging.getLogger(__name__)

MOST_HEADERS = 64
"""Each may have 8 KB. Slack and the proxies in between send about twenty."""
STOP_PATIENCE = 3.0
"""Seconds that running requests get at a stop: Slack itself gives up after three."""


class Door(Protocol):
    """The requests of one kind of client."""

    def add_to(self, server: web.Application) -> None:
        """Add its routes."""
        ...


class _ServerLog:
    """The log of aiohttp's server. If something isn't HTTP, aiohttp would log its bytes, with a traceback each time."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    def debug(self, *_: object, exc_info: BaseException | None = None) -> None:
        """Log nothing."""
        if exc_info is not None:
            exc_info.__traceback__ = None  # as in `exception`

    def exception(self, message: str, *values: object, exc_info: BaseException | None = None) -> None:
        if isinstance(exc_info, HttpProcessingError):
            exc_info.__traceback__ = None  # its frames hold the bytes that were read, and the exception itself
            self._refusals.note("http", "a request that isn't valid HTTP")
        else:
            log.error(message, *values, exc_info=exc_info)


class HttpServer:
    def __init__(self, host: str, port: int, doors: Sequence[Door], bodies: Bodies, refusals: Refusals) -> None:
        """`bodies` and `refusals` are those of the doors."""
        self._host = host
        self._port = port
        self._doors = doors
        self._bodies = bodies
        self._refusals = refusals
        self._runner: web.AppRunner | None = None
        self._connections = Connections(self._answer, lambda why: self._refusals.note("http", why))

    @property
    def url(self) -> str:
        """The address at which it listens. If a free port was asked for, the port is known after the start."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def start(self) -> int:
        """Listen, and return the port. Raises ConfigError for HOST or PORT if that fails."""
        server = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._hold])
        for door in self._doors:
            door.add_to(server)
        self._runner = web.AppRunner(
            server,
            access_log=None,  # it would repeat every address and query that anybody sends
            auto_decompress=False,  # Slack compresses nothing, and signs the bytes as they are sent
            logger=_ServerLog(self._refusals),
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

    def _refusal(self, error: OSError) -> ConfigError:
        if error.errno == errno.EADDRINUSE:
            return ConfigError("PORT", f"{self._port} is already in use. Choose another port, or 0 for any free one.")
        if error.errno in (errno.EACCES, errno.EPERM):
            return ConfigError("PORT", f"{self._port} needs more rights than the bot has. Choose a port above 1023.")
        return ConfigError("HOST", f"{self._host} isn't an address of this machine. Use 127.0.0.1 or 0.0.0.0.")

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
            self._refusals.note("http", f"a request body: {exc.error}")
            return exc.response()
        except web.HTTPException as exc:
            # aiohttp answers with the exception itself, whose traceback keeps the request and everything that was read
            # in memory until a full garbage collection.
            return web.Response(status=exc.status, reason=exc.reason, text=exc.text, headers=_allow(exc))


def _allow(exc: web.HTTPException) -> dict[str, str]:
    return {name: exc.headers[name] for name in ("Allow", "Content-Type") if name in exc.headers}
