"""A process that types commands over HTTP and measures the acknowledgements: `started("tests.benchmarks.client")`.

Apart from the servers', so that they can't delay its clock.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.benchmarks.processes import answer_questions


async def send(url: str, secret: str, commands: Sequence[str], rate: float) -> dict[str, Any]:
    """Send commands at this rate, whether or not the earlier ones are acknowledged; return the seconds that acks took.

    With a rate of zero, twenty are under way at any time.
    """
    loop = asyncio.get_running_loop()
    slots = asyncio.Semaphore(20 if not rate else len(commands))
    acks: list[float] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def type_(command: str) -> None:
            body = urlencode(json.loads(command)).encode()
            stamp = str(int(time.time()))
            digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": f"v0={digest}",
            }
            sent = loop.time()
            try:
                async with session.post(url, data=body, headers=headers) as response:
                    assert response.status == 200, response.status
                    await response.read()
            finally:
                slots.release()
            acks.append(loop.time() - sent)

        began = loop.time()
        sending = []
        for number, command in enumerate(commands):
            await slots.acquire()
            if rate:
                await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            sending.append(asyncio.create_task(type_(command)))
        await asyncio.gather(*sending)
        return {"acks": sorted(acks), "seconds": loop.time() - began}


async def main() -> None:
    async def send_all(**arguments: Any) -> dict[str, Any]:
        return await send(**arguments)

    await answer_questions({"send": send_all})


if __name__ == "__main__":
    asyncio.run(main())
