"""How fast a recording gets from Slack to Kickscale, and at what cost: `uv run python -m tests.benchmarks.transfer`.

It measures two things. First the whole bot (`kickscale-bot run`) between the sandbox's Slack and Kickscale, from the
submitted form until the message says that the recording is there. Then only its transfer (download, count, hash and
form) between two servers that do nothing with the bytes. A plain copy between the same two servers (aiohttp's client,
without counting or hashing) takes turns with it, so that a busy machine slows both. Everything runs in a process of its
own. This only works on Linux: memory is read from /proc.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from bot import ids
from bot.clock import SystemClock
from bot.kickscale.binding.operations import Field, Upload
from bot.kickscale.protocol import ApiAccess
from bot.kickscale.uploading.sender import Recording, Sender
from bot.model.uploads import SlackFile
from bot.operations.manifest import EVENTS, SCOPES
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack, Message, View, default_world
from bot.slack.downloads import Downloads
from bot.tools.allocator import keep_freed
from bot.uploads.recordings.counting import Counted
from tests.benchmarks.processes import BOT, OTHERS, pinned
from tests.world import missing_dates

SIZE = 1_000_000_000
ROUNDS = 5
MIB = 2**20
_CHUNK = bytes(range(256)) * 1024
_FIELDS = {"name": "Call", "date": "2026-11-20T13:30:00Z", "userEmail": "robin.rep@example.com"}


# ---- servers that do nothing with the bytes ------------------------------------------------------------------------


async def give(request: web.Request) -> web.StreamResponse:
    """Send SIZE bytes, as fast as they are read."""
    response = web.StreamResponse(headers={"Content-Length": str(SIZE), "Content-Type": "audio/wav"})
    await response.prepare(request)
    for start in range(0, SIZE, len(_CHUNK)):
        await response.write(_CHUNK[: SIZE - start])
    return response


async def take(request: web.Request) -> web.Response:
    """Read a body, and throw it away."""
    taken = 0
    async for chunk in request.content.iter_any():
        taken += len(chunk)
    return web.json_response({"id": "c1", "taken": taken})


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


async def kickscale() -> None:
    """Print the address and the credentials of the sandbox's Kickscale, and serve until killed."""
    async with EmbeddedKickscale(SystemClock(), populated=False) as service:
        print(json.dumps([service.base_url, service.api_key, service.client_id]), flush=True)
        await asyncio.Event().wait()


# ---- copies --------------------------------------------------------------------------------------------------------


async def plain(slack: str, calls: str) -> None:
    """Make the simplest copy: write what is read."""
    headers = {"Content-Length": str(SIZE)}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{slack}/file") as file,
        session.post(f"{calls}/calls", data=file.content, headers=headers) as answer,
    ):
        assert (await answer.json())["taken"] == SIZE


async def plain_form(url: str, token: str, calls: str, api_key: str, client_id: str) -> None:
    """Do the same in a form that the sandbox's Kickscale accepts."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Authorization": f"Bearer {token}"}) as file,
    ):
        form = aiohttp.FormData(_FIELDS)
        form.add_field("file", file.content, filename="call.wav", content_type="audio/wav")
        headers = {"api-key": api_key, "client-id": client_id}
        async with session.post(f"{calls}/calls/upload", data=form, headers=headers) as answer:
            assert answer.status == 201, await answer.text()


async def transfer(slack: str, calls: str) -> None:
    """Send a recording as the bot does."""
    files = Downloads("xoxb-token", slack)
    sender = Sender(ApiAccess(calls, "key", "client"))
    file = SlackFile("F1", "call.wav", SIZE, url=f"{slack}/file")
    counted = Counted(files.chunks(file), file.size)
    operation = Upload("/calls", fields=(Field("name", required=True),))
    recording = Recording(file.name, "audio/wav", file.size, lambda: aiter(counted))
    assert await sender.send(operation, {"name": "Call"}, recording) == "c1"
    assert counted.sent == SIZE
    assert counted.sha256
    await sender.aclose()
    await files.aclose()


async def timed(copy: Callable[..., Awaitable[None]], *arguments: str) -> None:
    """Print the seconds that a copy takes."""
    began = time.perf_counter()
    await copy(*arguments)
    print(time.perf_counter() - began, flush=True)


# ---- the two measurements ------------------------------------------------------------------------------------------


async def measure_transfer() -> list[float]:
    """Return, for every round, the speed of the transfer divided by that of the plain copy."""
    ratios = []
    async with started("serve") as first, started("serve") as second:
        slack, calls = await line_of(first), await line_of(second)
        await seconds_of("plain", slack, calls)
        for _ in range(ROUNDS):
            copy, ours = [await seconds_of(way, slack, calls) for way in ("plain", "transfer")]
            ratios.append(copy / ours)
            print(f"  plain copy {SIZE / 1e6 / copy:.0f} MB/s, transfer {SIZE / 1e6 / ours:.0f} MB/s", flush=True)
    return ratios


async def measure_bot(rounds: int = ROUNDS) -> tuple[list[float], list[float]]:
    """Return, for every round, the speed of the bot divided by that of the plain copy; and by how many bytes its memory
    has risen since its start, at most.
    """
    ratios: list[float] = []
    rises: list[float] = []
    state = default_world(scopes=frozenset(SCOPES))
    state.subscriptions = frozenset(EVENTS)
    async with EmbeddedSlack(limits=NO_LIMITS, state=state) as slack, started("kickscale") as service:
        calls, api_key, client_id = json.loads(await line_of(service))
        with tempfile.TemporaryDirectory() as home:
            settings = {
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "KICKSCALE_API_KEY": api_key,
                "KICKSCALE_CLIENT_ID": client_id,
                "KICKSCALE_BASE_URL": calls,
                "DATABASE_PATH": f"{home}/bot.db",
                "LOG_LEVEL": "WARNING",
            }
            async with started("run", module="bot", cwd=home, **settings) as bot:
                assert (await line_of(bot)).startswith("ready")
                await asyncio.sleep(2)
                idle = memory_of(bot.pid, "VmRSS")
                for number in range(rounds):
                    url, copied = await upload(slack, number)
                    rises.append(memory_of(bot.pid, "VmHWM") - idle)
                    copy = await seconds_of("plain_form", url, slack.bot_token, calls, api_key, client_id)
                    ratios.append(copy / copied)
                    print(
                        f"  plain copy {SIZE / 1e6 / copy:.0f} MB/s, bot {SIZE / 1e6 / copied:.0f} MB/s, "
                        f"memory {rises[-1] / MIB:+.1f} MiB",
                        flush=True,
                    )
    return ratios, rises


async def upload(slack: EmbeddedSlack, number: int) -> tuple[str, float]:
    """Have the bot upload a recording. Return its address, and the seconds from the form to the last message."""

    def form() -> View | None:
        view = slack.open_view("robin.rep")
        return view if view is not None and view.callback_id == ids.UPLOAD_FORM else None

    # The sizes differ: a recording of the same size as another would first be compared with it.
    shared = await slack.share("robin.rep", "sales-acme", f"call {number}.wav", size=SIZE - 2 * number)
    await slack.message_shortcut("robin.rep", "sales-acme", shared, ids.UPLOAD_SHORTCUT)
    view = await slack.wait_for(form, 30)
    assert view is not None
    began = time.perf_counter()
    await slack.submit("robin.rep", view, {"attestation": ["yes"], **missing_dates(view, datetime.now(UTC))})
    await slack.wait_for(lambda: "analysing it now" in thread_text(slack, shared), 300)
    return f"{slack.base_url}/files-pri/T0-{shared.files[0]}/call.wav", time.perf_counter() - began


def thread_text(slack: EmbeddedSlack, shared: Message) -> str:
    """Return what the bot says in a message's thread."""
    thread = [message for message in slack.posts("sales-acme") if message.thread_ts == shared.ts]
    return "\n".join(slack.text(message, "robin.rep") for message in thread)


def memory_of(pid: int, name: str) -> int:
    """Bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


# ---- processes -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def started(
    *arguments: str, module: str = "tests.benchmarks.transfer", cwd: str = "", **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a module as a process, by default this one."""
    environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": os.getcwd(), **settings}
    with pinned(OTHERS if arguments[0] in ("serve", "kickscale") else BOT):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE, env=environment, cwd=cwd or None
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


async def seconds_of(way: str, *arguments: str) -> float:
    async with started(way, *arguments) as process:
        return float(await line_of(process))


async def main() -> None:
    print(f"The bot between the sandbox's Slack and Kickscale, {SIZE / 1e6:.0f} MB:")
    ratios, rises = await measure_bot()
    print(
        f"median of {ROUNDS} rounds: {statistics.median(ratios):.2f} of a plain copy; "
        f"memory is at most {max(rises) / MIB:.1f} MiB above that of the bot just started"
    )
    print(f"Only its transfer, between two servers that do nothing with the bytes, {SIZE / 1e6:.0f} MB:")
    ratios = await measure_transfer()
    print(f"median of {ROUNDS} rounds: {statistics.median(ratios):.2f} of a plain copy")


COPIES: Mapping[str, Callable[..., Awaitable[None]]] = {
    "plain": plain,
    "plain_form": plain_form,
    "transfer": transfer,
}

if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            asyncio.run(main())
        case ["serve"]:
            asyncio.run(serve())
        case ["kickscale"]:
            asyncio.run(kickscale())
        case [way, *arguments]:
            if way == "transfer":
                keep_freed()  # as the bot does at its start
            asyncio.run(timed(COPIES[way], *arguments))
