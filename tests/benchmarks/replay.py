"""A process that loads the servers as the bot does, for the bare app's figures: `started("tests.benchmarks.replay")`.

It runs beside the bare app, on the bot's core, and gives way to it.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

import aiohttp

from tests.benchmarks.processes import answer_questions

AT_ONCE = 16
"""The requests that the bot sends at the same time."""


class Replay:
    def __init__(self, session: aiohttp.ClientSession, settings: Mapping[str, str]) -> None:
        self._session = session
        self._kickscale = settings["KICKSCALE_BASE_URL"]
        self._slack = settings["SLACK_API_URL"]
        self._credentials = {
            "api-key": settings["KICKSCALE_API_KEY"],
            "client-id": settings["KICKSCALE_CLIENT_ID"],
        }
        self._token = {"Authorization": f"Bearer {settings['SLACK_BOT_TOKEN']}"}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def run(self, seconds: int, pages: int, lists: int, posts: int) -> None:
        """For so many seconds, read `pages` and `lists` short ones, and post `posts` messages, in each of them."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        work: list[asyncio.Task[None]] = []
        for second in range(seconds):
            await asyncio.sleep(max(0.0, began + second - loop.time()))
            work += [asyncio.create_task(self._read(page, 100)) for page in range(pages)]
            work += [asyncio.create_task(self._read(number, 10)) for number in range(lists)]
            work += [asyncio.create_task(self._post(second * posts + number)) for number in range(posts)]
        await asyncio.gather(*work)

    async def _read(self, page: int, size: int) -> None:
        query = {"page": str(page), "pageSize": str(size)}
        async with (
            self._slots,
            self._session.get(f"{self._kickscale}/calls", params=query, headers=self._credentials) as answer,
        ):
            async for _ in answer.content.iter_any():
                pass

    async def _post(self, number: int) -> None:
        message = {"channel": f"CMANY{number}", "text": "A digest. " * 50}
        async with self._session.post(f"{self._slack}chat.postMessage", json=message, headers=self._token) as answer:
            await answer.read()

    async def copy(self, url: str, size: int) -> None:
        """Copy a recording from Slack to Kickscale."""
        form = aiohttp.FormData({"name": "Call", "date": "2026-11-20T13:30:00Z", "userEmail": "robin.rep@example.com"})
        async with self._session.get(url, headers=self._token) as file:
            form.add_field("file", file.content, filename="call.wav", content_type="audio/wav")
            upload = self._session.post(f"{self._kickscale}/calls/upload", data=form, headers=self._credentials)
            async with upload as answer:
                assert answer.status == 201, (size, await answer.text())


async def main() -> None:
    os.nice(19)
    async with aiohttp.ClientSession() as session:

        async def run(settings: Mapping[str, str], **load: int) -> None:
            await Replay(session, settings).run(**load)

        async def copy(settings: Mapping[str, str], url: str, size: int) -> None:
            await Replay(session, settings).copy(url, size)

        answers: dict[str, Any] = {"run": run, "copy": copy}
        await answer_questions(answers)


if __name__ == "__main__":
    asyncio.run(main())
