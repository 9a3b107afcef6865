"""The pages for operators: `/healthz`, `/readyz` and `/metrics`."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.app.http.refusals import Refusals
from bot.observe.metrics import Metrics

log = logging.getLogger(__name__)

Checks = Mapping[str, bool | str]
"""By what is checked: True, or False or the reason if it fails."""

METRICS_KEPT = 1.0
"""Seconds for which everybody gets the same rendering of /metrics: each takes milliseconds of the loop."""
READY_TIMEOUT = 5.0
READY_KEPT = 3.0
"""Seconds for which everybody gets the same answer to /readyz: anyone may ask, and each check calls Slack."""
FULL_KEPT = 15.0
"""The same for /readyz?full, which calls Kickscale too."""
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
"""Headers of a proxy, through which anybody may reach an address of this machine."""


class _KeptCheck:
    """A check whose result everybody gets who asks within so many seconds."""

    def __init__(self, check: Callable[[], Awaitable[Checks]], kept: float) -> None:
        self._check = check
        self._kept = kept
        self._task: asyncio.Task[tuple[bool, Checks]] | None = None
        self._until = 0.0

    async def result(self) -> tuple[bool, Checks]:
        """Return whether all is well, and the parts."""
        now = asyncio.get_running_loop().time()
        if self._task is None or (self._task.done() and now >= self._until):
            self._until = now + self._kept
            self._task = asyncio.create_task(self._run())
        # Shielded: a client that leaves must not take the answer from the others that wait for it.
        return await asyncio.shield(self._task)

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> tuple[bool, Checks]:
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                checks = await self._check()
        except TimeoutError:
            return False, {"answer": f"none within {READY_TIMEOUT:.0f} s"}
        except Exception:
            log.exception("the readiness check failed")
            return False, {"answer": "the check itself failed; see the log"}
        return all(result is True for result in checks.values()), checks


class OperatorPages:
    def __init__(
        self,
        metrics: Metrics,
        metrics_token: str,
        check: Callable[[], Awaitable[Checks]],
        check_full: Callable[[], Awaitable[Checks]],
        refusals: Refusals,
    ) -> None:
        """Without a token, only this machine gets the metrics.

        `check` says whether the bot is ready, and `check_full` whether Kickscale is, too.
        """
        self._metrics = metrics
        self._metrics_token = metrics_token
        self._ready = _KeptCheck(check, READY_KEPT)
        self._full = _KeptCheck(check_full, FULL_KEPT)
        self._refusals = refusals
        self._rendered = b""
        self._rendered_until = 0.0

    def add_to(self, server: web.Application) -> None:
        server.router.add_get("/healthz", self._healthz)
        server.router.add_get("/readyz", self._readyz)
        server.router.add_get("/metrics", self._render_metrics)
        server.on_cleanup.append(self._stop)

    async def _stop(self, _server: web.Application) -> None:
        self._ready.stop()
        self._full.stop()

    async def _healthz(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(text="ok")

    async def _readyz(self, request: web.Request) -> web.StreamResponse:
        is_ready, checks = await (self._full if "full" in request.query else self._ready).result()
        return web.json_response({"ready": is_ready, "checks": dict(checks)}, status=200 if is_ready else 503)

    async def _render_metrics(self, request: web.Request) -> web.StreamResponse:
        if self._metrics_token:
            given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, f"Bearer {self._metrics_token}".encode()):
                self._refusals.note("metrics", "a request for /metrics without the METRICS_TOKEN")
                return web.json_response({"error": "the bearer token METRICS_TOKEN is required"}, status=401)
        elif not _is_local(request):
            self._refusals.note(
                "metrics", "a request for /metrics from another machine, because METRICS_TOKEN isn't set"
            )
            return web.json_response({"error": "set METRICS_TOKEN to allow access from other machines"}, status=403)
        now = asyncio.get_running_loop().time()
        if now >= self._rendered_until:
            self._rendered, self._rendered_until = self._metrics.render(), now + METRICS_KEPT
        return web.Response(body=self._rendered, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _is_local(request: web.Request) -> bool:
    """Return whether a request comes from this machine itself, and through no proxy."""
    try:
        address = ip_address(request.remote or "")
    except ValueError:
        return False
    return address.is_loopback and not any(name in request.headers for name in _FORWARDED)
