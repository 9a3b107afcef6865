"""How fast a recording gets from Slack to Kickscale: `uv run python -m tests.benchmarks.transfer`.

Two servers, one that gives a file and one that takes an upload, and in between either a plain copy (aiohttp's client,
nothing hashed or counted) or the bot's way: its download, its count and hash, its form. Each is a process of its own;
plain copy and bot take turns, so that a busy machine slows both. Linux alone: memory is read from /proc.
"""

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.kickscale.operations import Field, Upload
from bot.kickscale.sending import Recording, Sender
from bot.models import SlackFile
from bot.recordings.counting import Counted
from bot.slack_files import SlackFiles

SIZE = 1_000_000_000
ROUNDS = 5
_CHUNK = bytes(range(256)) * 1024


async def give(request: web.Request) -> web.StreamResponse:
    """SIZE bytes, as fast as they are taken."""
    response = web.StreamResponse(headers={"Content-Length": str(SIZE), "Content-Type": "audio/wav"})
    await response.prepare(request)
    for start in range(0, SIZE, len(_CHUNK)):
        await response.write(_CHUNK[: SIZE - start])
    return response


async def take(request: web.Request) -> web.Response:
    """Take all bytes of a body, and keep none."""
    taken = 0
    async for chunk in request.content.iter_any():
        taken += len(chunk)
    return web.json_response({"id": "c1", "taken": taken})


async def plain(slack: str, kickscale: str) -> None:
    """The simplest copy: what is read is written."""
    headers = {"Content-Length": str(SIZE)}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{slack}/file") as file,
        session.post(f"{kickscale}/calls", data=file.content, headers=headers) as answer,
    ):
        assert (await answer.json())["taken"] == SIZE


async def bot(slack: str, kickscale: str) -> None:
    """As the bot sends a recording."""
    files = SlackFiles("xoxb-token", slack)
    sender = Sender(kickscale, "key", "client")
    file = SlackFile("F1", "call.wav", SIZE, url=f"{slack}/file")
    counted = Counted(files.chunks(file), file.size)
    operation = Upload("/calls", fields=(Field("name", required=True),))
    recording = Recording(file.name, "audio/wav", file.size, lambda: aiter(counted))
    assert await sender.send(operation, {"name": "Call"}, recording) == "c1"
    assert counted.sent == SIZE
    assert counted.sha256
    await sender.aclose()
    await files.aclose()


async def serve() -> None:
    """Print an address, and serve until killed."""
    app = web.Application()
    app.router.add_get("/file", give)
    app.router.add_post("/calls", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


async def measure(copy: Callable[[str, str], Awaitable[None]], slack: str, kickscale: str) -> None:
    """Print the seconds that a copy takes, and by how many bytes memory rises meanwhile."""
    gc.collect()
    idle = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark is now where memory is (proc(5))
    began = time.perf_counter()
    await copy(slack, kickscale)
    print(time.perf_counter() - began, _memory("VmHWM") - idle)


def _memory(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """This very file as a process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.transfer", *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def measured(way: str, slack: str, kickscale: str) -> tuple[float, int]:
    """Seconds, and bytes."""
    async with started(way, slack, kickscale) as process:
        seconds, rise = (await line_of(process)).split()
        return float(seconds), int(rise)


async def main() -> None:
    async with started("serve") as first, started("serve") as second:
        slack, kickscale = await line_of(first), await line_of(second)
        await measured("plain", slack, kickscale)
        pairs = []
        for _ in range(ROUNDS):
            pairs.append([await measured(way, slack, kickscale) for way in ("plain", "bot")])
            print("plain copy {:.0f} MB/s, bot {:.0f} MB/s".format(*(SIZE / 1e6 / each[0] for each in pairs[-1])))
    ratios = [copy[0] / bot[0] for copy, bot in pairs]
    rises = [max(each[1] for each in way) / 2**20 for way in zip(*pairs, strict=True)]
    print(f"{SIZE / 1e6:.0f} MB, median of {ROUNDS} pairs: the bot is {statistics.median(ratios):.2f} times as fast")
    print(f"memory rises by at most {rises[1]:.0f} MiB in the bot, {rises[0]:.0f} MiB in the plain copy")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            asyncio.run(serve())
        case ["plain" | "bot" as way, slack, kickscale]:
            asyncio.run(measure({"plain": plain, "bot": bot}[way], slack, kickscale))
        case _:
            asyncio.run(main())
