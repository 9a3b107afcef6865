"""What Slack sends to the app, by Socket Mode or signed HTTP, and the result."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.socketmode import NoConnection, Sockets
from bot.sandbox.slack.state import State

Kind = Literal["slash_commands", "interactive", "events_api"]

EVENT_RETRIES = (0.0, 60.0, 300.0)
"""Seconds before each: "nearly immediately", 1 minute, 5 minutes (https://docs.slack.dev/apis/events-api#retries)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that was sent to the app, and how the app answered."""

    kind: Kind
    payload: Mapping[str, Any]
    way: Literal["socket", "http", "none"]
    at: datetime
    seconds: float
    """Real seconds until it was acknowledged or given up."""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """The acknowledgement's content."""
    error: str = ""
    """Empty if there is none, or `operation_timeout`, `dispatch_failed`, `http_service_error`, …"""
    problems: tuple[str, ...] = ()
    attempt: int = 0
    no_retry: bool = False

    @property
    def shown(self) -> str:
        """What the person sees of a failure."""
        if not self.error:
            return ""
        if self.kind == "slash_commands":
            return f'{self.payload["command"]} failed with the error "{self.error}"'
        return "We had some trouble connecting. Try again?" if self.kind == "interactive" else ""


class Outbound:
    """`request_url` is used if there is no Socket Mode connection."""

    def __init__(self, state: State, sockets: Sockets, ack_seconds: float) -> None:
        self._state = state
        self._sockets = sockets
        self.ack_seconds = ack_seconds
        self.request_url = ""
        self.deliveries: list[Delivery] = []
        self._session: aiohttp.ClientSession | None = None
        self._retries: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        for task in self._retries:
            task.cancel()
        await asyncio.gather(*self._retries, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def send(self, kind: Kind, payload: Mapping[str, Any], attempt: int = 0, reason: str = "") -> Delivery:
        """Deliver once, and wait for the acknowledgement (https://docs.slack.dev/interactivity: within 3 seconds)."""
        at, began = self._state.clock.now(), time.monotonic()
        way: Literal["socket", "http", "none"] = "none"
        answer: Mapping[str, Any] = {}
        error, no_retry = "", False
        try:
            if self._sockets.connections:
                way = "socket"
                answer_payload = await self._sockets.deliver(kind, payload, self.ack_seconds, attempt, reason)
                answer = answer_payload if isinstance(answer_payload, dict) else {}
            elif self.request_url:
                way = "http"
                answer, error, no_retry = await self._post(kind, payload, attempt, reason)
            else:
                error = "dispatch_failed"
        except TimeoutError:
            error = "operation_timeout"
        except (NoConnection, aiohttp.ClientError):
            error = "dispatch_failed"
        return Delivery(
            kind,
            payload,
            way,
            at,
            time.monotonic() - began,
            answer,
            error,
            attempt=attempt,
            no_retry=no_retry,
        )

    def note(self, delivery: Delivery) -> Delivery:
        self.deliveries.append(delivery)
        self._state.changed()
        return delivery

    async def send_event(self, payload: Mapping[str, Any], attempt: int = 0) -> Delivery:
        """Deliver an event. If it isn't acknowledged, it is delivered again in the background.

        With `attempt` it is marked as a repeated delivery, even though the app acknowledged the first one.
        """
        reason = ("timeout" if self._sockets.connections else "http_timeout") if attempt else ""
        delivery = self.note(await self.send("events_api", payload, attempt, reason))
        if delivery.error and not delivery.no_retry and not attempt:
            task = asyncio.create_task(self._retry(payload, delivery))
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)
        return delivery

    async def _retry(self, payload: Mapping[str, Any], delivery: Delivery) -> None:
        for attempt, pause in enumerate(EVENT_RETRIES, start=1):
            await self._state.clock.sleep(pause)
            # https://docs.slack.dev/apis/events-api#retries : the reasons.
            reason = "http_timeout" if delivery.error == "operation_timeout" else "http_error"
            if delivery.way == "socket":
                reason = "timeout"
            delivery = self.note(await self.send("events_api", payload, attempt, reason))
            if not delivery.error or delivery.no_retry:
                return

    async def _post(
        self, kind: Kind, payload: Mapping[str, Any], attempt: int, reason: str
    ) -> tuple[Mapping[str, Any], str, bool]:
        if self._session is None:
            raise RuntimeError("the sandbox is not started")
        match kind:
            case "slash_commands":
                body, content_type = urlencode(payload), "application/x-www-form-urlencoded"
            case "interactive":
                body, content_type = urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
            case "events_api":
                body, content_type = json.dumps(payload), "application/json"
        headers = self.signed(body) | {"Content-Type": content_type, "User-Agent": "Slackbot 1.0"}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        async with self._session.post(
            self.request_url,
            data=body.encode(),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=self.ack_seconds),
            allow_redirects=False,
        ) as response:
            text = await response.text()
            no_retry = response.headers.get("X-Slack-No-Retry") == "1"
            if response.status >= 300:
                return {}, "http_service_error" if response.status >= 500 else "http_client_error", no_retry
            if not text.strip():
                return {}, "", no_retry
            if response.content_type != "application/json":
                return {"text": text}, "", no_retry
            try:
                document = json.loads(text)
            except ValueError:
                return {}, "invalid_json", no_retry
            return document if isinstance(document, dict) else {}, "", no_retry

    def signed(self, body: str, timestamp: int | None = None) -> dict[str, str]:
        """https://docs.slack.dev/authentication/verifying-requests-from-slack

        The time is the real one, regardless of the sandbox's clock, since the receiver compares it with its own.
        """
        stamp = str(int(time.time()) if timestamp is None else timestamp)
        base = f"v0:{stamp}:{body}".encode()
        digest = hmac.new(self._state.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
