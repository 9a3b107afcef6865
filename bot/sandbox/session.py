"""The real bot between an embedded Slack and an embedded Kickscale, on a clock that can be moved forward."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from bot.app.lifecycle import Bot
from bot.config.settings import Settings
from bot.operations.manifest import EVENTS, SCOPES
from bot.sandbox import cast
from bot.sandbox.clock import SandboxClock
from bot.sandbox.journal import Deed, Journal, Place, places
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import EmbeddedSlack, Message, default_world
from bot.sandbox.slack.state import Channel, User
from bot.texts.languages import ENGLISH
from handlers import register_handlers

T = TypeVar("T")


class Session:
    """What one can do, apart from what one does in Slack."""

    def __init__(
        self,
        *,
        slack: EmbeddedSlack,
        kickscale: EmbeddedKickscale,
        clock: SandboxClock,
        journal: Journal,
        company: str,
        folder: Path,
    ) -> None:
        self.slack = slack
        self.kickscale = kickscale
        self.clock = clock
        self.journal = journal
        self.company = company
        self._settings = Settings.explicit(
            slack_bot_token=slack.bot_token,
            slack_app_token=slack.app_token,
            slack_api_url=slack.api_url,
            kickscale_base_url=kickscale.base_url,
            kickscale_api_key=kickscale.api_key,
            kickscale_client_id=kickscale.client_id,
            admins=cast.ADMIN.id,
            database_path=str(folder / "sandbox.db"),
        )
        self._bot: Bot | None = None
        self._runs = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reading: asyncio.Task[None] | None = None

    @property
    def bot(self) -> Bot:
        if self._bot is None:
            raise RuntimeError("the bot is not started")
        return self._bot

    @property
    def people(self) -> dict[cast.Role, User]:
        """Who one can be."""
        return cast.cast(self.slack.state, self.company)

    async def start(self) -> None:
        self._bot = await Bot.start(self._settings, self.clock, register=register_handlers)
        self._runs.set()

    async def stop(self) -> None:
        self._runs.clear()
        await self._stop_reading()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.bot.stop()

    def begin_reading(self) -> asyncio.Task[None]:
        """Let the bot read all conversations, so that it knows the customers' names and can search."""
        self._reading = asyncio.create_task(self._read())
        return self._reading

    async def _read(self) -> None:
        with self.clock.without_pauses():  # they spare a real API
            await self.bot.services.reading.catch_up()

    async def _stop_reading(self) -> bool:
        """Return whether it was under way."""
        if self._reading is None or self._reading.done():
            return False
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        return True

    # ---- what people do ----------------------------------------------------------------------------------------------

    async def perform(self, user: User, channel: Channel, action: Awaitable[T], typed: str = "") -> T:
        """Wait for what somebody does in Slack, and write down what the bot does for it, then and afterwards."""
        await self._runs.wait()
        state = self.slack.state
        before = places(state)
        deed = self.journal.begin(user.id, channel.id, state.new_ts(), typed)
        state.changed()
        try:
            result = await action
        except (LookupError, ValueError):
            self.journal.deeds.remove(deed)
            raise
        deed.acknowledged = time.monotonic() - deed.began
        self.spawn(self._settle(deed, before))
        return result

    async def _settle(self, deed: Deed, before: dict[Place, Message]) -> None:
        await self.bot.idle()
        self.journal.end(deed, before, self.slack.state)
        self.slack.state.changed()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background, until the end of the session."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- what nobody can do in Slack ---------------------------------------------------------------------------------

    async def speak(self, language: str) -> None:
        """Set everybody's Slack to a language. The bot is restarted, since it remembers people for a few minutes."""
        self._runs.clear()
        was_reading = await self._stop_reading()
        await self.bot.idle()
        await self.bot.stop()
        cast.speak(self.slack.state, language)
        await self.start()
        if was_reading:
            self.begin_reading()
        self.slack.state.changed()

    async def move_clock(self, moment: datetime) -> None:
        """Let the time until `moment` pass, and do what is due then. Raises ValueError for a moment in the past.

        The bot's own timers wait for real time.
        """
        await self._runs.wait()
        await self.bot.idle()
        self.clock.move_to(moment)
        self.slack.state.changed()
        services = self.bot.services
        await services.digests.run_due()
        await services.live.poll()
        await services.reading.wake()


@asynccontextmanager
async def session(clock: SandboxClock, company: str = ENGLISH) -> AsyncIterator[Session]:
    """Start everything. `company` is the language of the company whose conversations there are."""
    journal = Journal()
    state = default_world(clock, scopes=frozenset(SCOPES))
    state.subscriptions = frozenset(EVENTS)
    cast.add_admin(state, company)
    with tempfile.TemporaryDirectory(prefix="kickscale-sandbox-") as folder:
        async with (
            EmbeddedKickscale(clock, language=company, middlewares=[journal.watch("Kickscale")]) as kickscale,
            EmbeddedSlack(state=state, middlewares=[journal.watch("Slack")]) as slack,
        ):
            running = Session(
                slack=slack, kickscale=kickscale, clock=clock, journal=journal, company=company, folder=Path(folder)
            )
            await running.start()
            try:
                yield running
            finally:
                await running.stop()
