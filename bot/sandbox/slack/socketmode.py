"""Slack's side of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode"""

import asyncio
import itertools
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack.state import State

CONNECTIONS = 10
"""https://docs.slack.dev/apis/events-api/using-socket-mode#connections"""
_HOST = "applink-sandbox"
_LIFETIME = 3600


class NoConnection(Exception):
    """The app isn't connected."""


@dataclass(eq=False, slots=True)
class Connection:
    socket: web.WebSocketResponse
    is_leaving: bool = False
    """It was told to disconnect, and gets nothing more."""
    envelopes: list[str] = field(default_factory=list)
    """The ids of what was sent over it."""


class Sockets:
    def __init__(self, state: State) -> None:
        self._state = state
        self._connections: list[Connection] = []
        self._turns = itertools.count()
        self._pending: dict[str, asyncio.Future[Any]] = {}
        self.late: list[str] = []
        """Envelopes that were acknowledged too late."""

    @property
    def connections(self) -> tuple[Connection, ...]:
        return tuple(connection for connection in self._connections if not connection.is_leaving)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection, from its hello to its end. A ticket is valid for one."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._state.tickets:
            return web.Response(status=401, text="invalid ticket")
        self._state.tickets.remove(ticket)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        if len(self.connections) >= CONNECTIONS:
            # One of the reasons that python-slack-sdk and node-slack-sdk know.
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": _debug()})
            await socket.close()
            return socket
        connection = Connection(socket)
        self._connections.append(connection)
        try:
            await socket.send_json(
                {
                    "type": "hello",
                    "num_connections": len(self.connections),
                    "connection_info": {"app_id": self._state.app_id},
                    "debug_info": {**_debug(), "build_number": 1, "approximate_connection_time": _LIFETIME},
                }
            )
            self._state.changed()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            self._connections.remove(connection)
            self._state.changed()
        return socket

    def _acknowledge(self, data: str) -> None:
        try:
            document = json.loads(data)
        except ValueError:
            return
        envelope_id = document.get("envelope_id") if isinstance(document, dict) else None
        waiting = self._pending.pop(envelope_id, None) if isinstance(envelope_id, str) else None
        if waiting is None:
            self.late.append(str(envelope_id))
            self._state.changed()
        elif not waiting.done():
            waiting.set_result(document.get("payload"))

    async def deliver(
        self, kind: str, payload: Mapping[str, Any], seconds: float, attempt: int = 0, reason: str = ""
    ) -> Any:
        """Send an envelope over the connections in turn, and return the payload of its acknowledgement.

        Raises NoConnection, or TimeoutError if there is none within `seconds`.
        """
        connections = self.connections
        if not connections:
            raise NoConnection
        connection = connections[next(self._turns) % len(connections)]
        envelope: dict[str, Any] = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        waiting = asyncio.get_running_loop().create_future()
        self._pending[envelope["envelope_id"]] = waiting
        connection.envelopes.append(envelope["envelope_id"])
        try:
            await connection.socket.send_json(envelope)
            async with asyncio.timeout(seconds):
                return await waiting
        except ConnectionError as exc:
            raise TimeoutError from exc
        finally:
            self._pending.pop(envelope["envelope_id"], None)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Announce to every connection that it will end, and end it unless it is just a `warning`."""
        for connection in self.connections:
            await connection.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": _debug()})
            if reason != "warning":
                connection.is_leaving = True
                await connection.socket.close()
        self._state.changed()

    async def stop(self) -> None:
        for connection in list(self._connections):
            connection.is_leaving = True
            await connection.socket.close()


def _debug() -> dict[str, str]:
    return {"host": _HOST}
