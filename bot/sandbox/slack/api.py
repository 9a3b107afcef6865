"""The Web API's entry: reads a request, checks its token, and passes it to its method.

https://docs.slack.dev/apis/web-api/using-the-slack-web-api : GET or POST, arguments in the query, as a form or (methods
that write) as JSON; the token as a bearer or a form field, but never inside JSON.
"""

import asyncio
import json
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from bot.sandbox.slack.faults import Fault, Faults
from bot.sandbox.slack.limits import RateLimiter
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.methods.base import Args, Method, Refused, Request
from bot.sandbox.slack.state import Call, State, Token


class WebApi:
    def __init__(self, state: State, faults: Faults, limiter: RateLimiter, stopping: asyncio.Event) -> None:
        self._state = state
        self._faults = faults
        self._limiter = limiter
        self._stopping = stopping
        self.base_url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        fault = self._faults.take(name)
        if fault is not None and fault.latency:
            await self._state.clock.sleep(fault.latency)
            fault = None
        if fault is not None and not fault.is_late:
            return await self.fail(request, name, fault)
        args: Args = Args({})
        status, body = 200, {}
        headers = {"Date": format_datetime(self._state.clock.now(), usegmt=True)}
        token: Token | None = None
        method = METHODS.get(name)
        try:
            args, bearer, warning = await _read(request, method)
            known = _known(method, name)
            token = self._authorise(bearer, known)
            self._count(known)
            run = Request(self._state, args, token, self.base_url, self._take_turn)
            body = {"ok": True, **await known.run(run)}
            if warning:
                body |= {"warning": warning, "response_metadata": {"warnings": [warning]}}
        except RateLimited as limited:
            status, body = 429, {"ok": False, "error": "ratelimited"}
            headers["Retry-After"] = str(limited.seconds)
        except Refused as refused:
            body = {"ok": False, "error": refused.error, **refused.more}
        if token is not None:
            # Every answer has both: https://docs.slack.dev/authentication/installing-with-oauth#scopes
            headers["X-OAuth-Scopes"] = ",".join(sorted(token.scopes))
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes) if method else ""
        self.note(name, args.values, body, status)
        if fault is not None:
            return await self.fail(request, name, fault)
        return web.json_response(body, status=status, headers=headers)

    def _count(self, method: Method) -> None:
        if seconds := self._limiter.wait_for_call(method.name, method.tier):
            raise RateLimited(seconds)

    def _take_turn(self, channel: str) -> None:
        if seconds := self._limiter.wait_for_post(channel):
            raise RateLimited(seconds)

    def _authorise(self, bearer: str, method: Method) -> Token:
        """https://docs.slack.dev/reference/methods/auth.test#errors"""
        if not bearer:
            raise Refused("not_authed")
        token = self._state.tokens.get(bearer)
        if token is None:
            raise Refused("invalid_auth")
        if token.is_revoked:
            raise Refused("token_revoked")
        if token.kind != method.token and method.name != "auth.test":
            raise Refused("not_allowed_token_type")
        if method.scopes and not token.scopes.intersection(method.scopes):
            raise Refused.for_scope(method.scopes[0], token)
        return token

    async def fail(self, request: web.Request, name: str, fault: Fault) -> web.StreamResponse:
        """Answer, or don't, as the fault says."""
        if not fault.is_late:
            self.note(name, {}, {"ok": False, "error": "fault"}, fault.status)
        if fault.is_hang:
            await self._stopping.wait()
        if (fault.is_hang or fault.is_broken) and request.transport is not None:
            request.transport.abort()
        headers = {"Retry-After": str(fault.retry_after)} if fault.status == 429 else {}
        if 300 <= fault.status < 400:
            headers["Location"] = f"{self.base_url}/?redir={request.path}"
        if fault.status >= 500:
            return web.Response(status=fault.status, text="upstream connect error")
        error = fault.error or ("ratelimited" if fault.status == 429 else "internal_error")
        return web.json_response({"ok": False, "error": error}, status=fault.status, headers=headers)

    def note(self, name: str, args: Mapping[str, Any], body: Mapping[str, Any], status: int = 200) -> None:
        """Record a call, and wake those who wait for a change."""
        self._state.calls.append(
            Call(
                name,
                args,
                self._state.clock.now(),
                ok=bool(body.get("ok")),
                error=str(body.get("error", "")),
                status=status,
                response=body,
            )
        )
        self._state.changed()


class RateLimited(Exception):
    """429: "a `Retry-After` header with the number of seconds until you can retry"."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def _known(method: Method | None, name: str) -> Method:
    if method is None:
        raise Refused("unknown_method", req_method=name)
    return method


async def _read(request: web.Request, method: Method | None) -> tuple[Args, str, str]:
    """Return the arguments, the token, and a warning."""
    values: dict[str, Any] = dict(request.query)
    warning = ""
    if request.method == "POST" and request.can_read_body:
        match request.content_type:
            case "application/json":
                body = await _json(request)
                # A token in a JSON body is ignored, and so is the whole body by methods that only accept forms:
                # https://docs.slack.dev/apis/web-api/using-the-slack-web-api#post_bodies
                body.pop("token", None)
                if method is None or method.takes_json:
                    values |= body
                if request.charset is None:
                    warning = "missing_charset"
            case "application/x-www-form-urlencoded" | "multipart/form-data":
                values |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
            case _:
                raise Refused("invalid_post_type")
    bearer = str(values.pop("token", ""))
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        bearer = credentials.strip()
    return Args(values), bearer, warning


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        document = json.loads(await request.text())
    except ValueError as exc:
        raise Refused("invalid_json") from exc
    if not isinstance(document, dict):
        raise Refused("json_not_object")
    return document
