"""What the rows have in common: the servers, the bot between them, and a bare app in its place."""

import asyncio
import json
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.processes import BOT, OTHERS, Child, started

STOP_PATIENCE = 10.0
"""Seconds for a clean stop: platforms kill a process then."""
BUSY = 0.05
"""Seconds of work within a second from which a process isn't quiet."""
BARE = """
import asyncio, os
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

async def main():
    client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

    @app.command("/kickscale")
    async def acknowledge(ack):
        await ack()

    runner = web.AppRunner(app.web_app(path="/slack/events"), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"ready http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
"""A Bolt app that acknowledges every command and does nothing else."""

Prepare = Callable[[Path], Awaitable[None]]
"""Fills the bot's database before it starts."""


@dataclass
class Services:
    kickscale: Child
    slack: Child
    settings: Mapping[str, str]
    """How the bot reaches both."""


@dataclass
class Bot:
    """A process that answers Slack's requests: the bot, or the bare app."""

    child: Child
    url: str
    log: Path
    ends: dict[str, Any] = field(default_factory=dict)
    """What it reported at its end: see `tests.benchmarks.callbacks`."""

    @property
    def events_url(self) -> str:
        return f"{self.url}/slack/events"

    async def settle(self, quiet: int = 3) -> None:
        """Return once the process has hardly worked for so many seconds in a row."""
        calm, before = 0, self.child.worked()
        while calm < quiet:
            await asyncio.sleep(1)
            after = self.child.worked()
            calm = calm + 1 if after - before < BUSY else 0
            before = after


ends: list[Mapping[str, Any]] = []
"""The reports of all bots that have ended so far."""


@asynccontextmanager
async def services(
    *, calls: int = 0, meetings: int = 0, customers: int = 20, latency: float = 0, failing: float = 0, channels: int = 0
) -> AsyncIterator[Services]:
    """Start the embedded Kickscale and Slack: see `kickscale.main` and `slack.Crowd`."""
    held = {"calls": calls, "meetings": meetings, "customers": customers, "latency": latency, "failing": failing}
    async with (
        started("tests.benchmarks.kickscale", json.dumps(held), on=OTHERS) as kickscale,
        started("tests.benchmarks.slack", json.dumps({"channels": channels}), on=OTHERS) as slack,
    ):
        settings = {**json.loads(await kickscale.line()), **json.loads(await slack.line())}
        yield Services(kickscale, slack, settings)


@asynccontextmanager
async def bot(
    between: Services, *, is_socket: bool = False, prepare: Prepare | None = None, folder: str | None = None
) -> AsyncIterator[Bot]:
    """Run the bot, and stop it at the end. By default Slack reaches it over HTTP.

    Several bots share a database if they get the same `folder`.
    """
    with tempfile.TemporaryDirectory() as own:
        home = Path(folder or own)
        log, report = Path(own) / "log", Path(own) / "callbacks"
        chosen = {name: value for name, value in between.settings.items() if is_socket or name != "SLACK_APP_TOKEN"}
        if not is_socket:
            chosen["PORT"] = "0"
        if prepare is not None:
            await prepare(home / "bot.db")
        with log.open("w") as errors:
            running = started(
                "tests.benchmarks.callbacks",
                on=BOT,
                folder=own,
                errors=errors.fileno(),
                DATABASE_PATH=str(home / "bot.db"),
                CALLBACKS=str(report),
                HOST="127.0.0.1",
                **chosen,
            )
            async with running as child:
                try:
                    _, _, url = (await child.line()).rpartition(" ")
                except AssertionError:
                    raise RuntimeError(log.read_text()[-2_000:]) from None
                child.signal(signal.SIGUSR1)
                this = Bot(child, url, log)
                if not is_socket:
                    await between.slack.ask("reach", url=this.events_url)
                yield this
                await stop(this, report)


async def stop(bot: Bot, report: Path) -> None:
    """Stop a bot as a platform does, and read what it reports."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    status = await bot.child.stop(3 * STOP_PATIENCE)
    bot.ends |= {"status": status, "stopping": loop.time() - began, "log": bot.log.read_text()}
    if report.exists():
        bot.ends |= json.loads(report.read_text())
        ends.append(bot.ends)


@asynccontextmanager
async def bare_app(between: Services) -> AsyncIterator[Bot]:
    """Run the bare app in the bot's place."""
    async with started("", code=BARE, on=BOT, errors=asyncio.subprocess.DEVNULL, **between.settings) as child:
        _, _, url = (await child.line()).rpartition(" ")
        await between.slack.ask("reach", url=f"{url}/slack/events")
        yield Bot(child, url, Path())


def share(sorted_values: list[float], part: float) -> float:
    """Return the value that this part of the sorted values doesn't exceed."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * part))]
