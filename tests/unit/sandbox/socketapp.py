"""An app at the other end of a Socket Mode connection, without any SDK."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Self

import aiohttp

from bot.sandbox.slack import EmbeddedSlack

Json = dict[str, Any]


class SocketApp:
    """Acknowledges everything with what `answer` makes of the envelope; with None, not at all."""

    def __init__(self, slack: EmbeddedSlack, answer: Callable[[Json], Json | None] | None = None) -> None:
        self._slack = slack
        self.answer: Callable[[Json], Json | None] = answer or (lambda _envelope: {})
        self.session = aiohttp.ClientSession()
        self.received: list[Json] = []

    async def open(self) -> str:
        """The address for one more connection."""
        bearer = {"Authorization": f"Bearer {self._slack.app_token}"}
        async with self.session.post(f"{self._slack.api_url}apps.connections.open", headers=bearer) as response:
            return str((await response.json())["url"])

    async def __aenter__(self) -> Self:
        self.socket = await self.session.ws_connect(await self.open())
        self.hello = await self.socket.receive_json()
        self.listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.listening
        await self.socket.close()
        await self.session.close()

    async def _listen(self) -> None:
        async for message in self.socket:
            envelope = message.json()
            self.received.append(envelope)
            if "envelope_id" in envelope and (answer := self.answer(envelope)) is not None:
                payload = {"payload": answer} if answer else {}
                await self.socket.send_json({"envelope_id": envelope["envelope_id"], **payload})

    async def respond(self, url: str, **body: Any) -> tuple[int, str]:
        """Post to a response_url; the status, and the body or Slack's error in it."""
        async with self.session.post(url, json=body) as response:
            text = await response.text()
            return response.status, (await response.json())["error"] if text.startswith("{") else text
