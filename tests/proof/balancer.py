"""A balancer: passes each request to the next bot that is ready."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Self

import aiohttp
from aiohttp import web

INTERVAL = 1.0
"""Seconds between two health checks of a bot."""
PATIENCE = 5.0
"""Seconds for the answer to one."""
PASSED_ON = ("Content-Type", "X-Slack-No-Retry")


class Balancer:
    """Only a request that reached no bot is passed to another one: any other may have taken effect.

    While no bot is ready, as when the database is away, all of them get requests.
    """

    def __init__(self) -> None:
        self._ready: dict[str, bool] = {}
        self._checks: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Condition()
        self._turn = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        # Each request has its own connection: a bot that stops closes those that are open and unused, and a request on
        # its way there would be lost.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0))
        application = web.Application()
        application.router.add_post("/{path:.+}", self._pass_on)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for url in list(self._checks):
            self.remove(url)
        await self._runner.cleanup()
        await self._session.close()

    def add(self, url: str) -> None:
        """Begin to check a bot, which gets requests once it is ready."""
        self._ready[url] = False
        self._checks[url] = asyncio.create_task(self._keep_checking(url))

    def remove(self, url: str) -> None:
        """Send no more requests there."""
        self._checks.pop(url).cancel()
        del self._ready[url]

    async def wait_for(self, url: str) -> None:
        """Return once a bot is ready."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._ready[url])

    async def _keep_checking(self, url: str) -> None:
        while True:
            await self._note(url, await self._is_ready(url))
            await asyncio.sleep(INTERVAL)

    async def _is_ready(self, url: str) -> bool:
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._session.get(f"{url}/readyz", timeout=timeout) as response:
                return response.status == 200
        return False

    async def _note(self, url: str, is_ready: bool) -> None:
        if url in self._ready:
            self._ready[url] = is_ready
            async with self._changed:
                self._changed.notify_all()

    def _candidates(self) -> Iterator[str]:
        """Yield the bots in the order in which they get this request."""
        urls = [url for url, is_ready in self._ready.items() if is_ready] or list(self._ready)
        self._turn += 1
        for place in range(len(urls)):
            yield urls[(self._turn + place) % len(urls)]

    async def _pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name not in {"Host", "Content-Length"}}
        for url in self._candidates():
            try:
                async with self._session.post(f"{url}{request.path_qs}", data=body, headers=headers) as response:
                    kept = {name: response.headers[name] for name in PASSED_ON if name in response.headers}
                    return web.Response(status=response.status, body=await response.read(), headers=kept)
            except aiohttp.ClientConnectorError:
                await self._note(url, False)
            except aiohttp.ClientError:
                return web.Response(status=502)
        return web.Response(status=503)
