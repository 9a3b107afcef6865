"""The real bot between an embedded Slack and an embedded Kickscale, over real sockets, on a clock turned by hand."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from bot import ids
from bot.app.lifecycle import Bot
from bot.config.settings import Settings
from bot.digests.job_kinds import CARD, DIGEST
from bot.model.audit import AuditKind, AuditRow
from bot.operations.manifest import EVENTS, SCOPES
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack, Message, View, default_world
from bot.slack.messages import POST_INTERVAL
from handlers import register_handlers
from tests.clock import MONDAY_MORNING, ManualClock

T = TypeVar("T")

ROBIN, LEA, GUS = "robin.rep", "lea.lead", "gus.guest"
SALES = "sales-acme"
GUESTS = "acme-project"
"""A channel with a guest in it."""
ACK = 30.0
"""Real seconds for an acknowledgement: Slack's three may be over on a machine that stalls, and never are for who waits
for what does not come."""


def call(number: int, at: datetime, **fields: Any) -> dict[str, Any]:
    """A call of acme.com's, owned by Robin."""
    return {
        "id": f"c{number}",
        "name": f"Call {number}",
        "date": at.isoformat().replace("+00:00", "Z"),
        "duration": 600,
        "summary": f"Summary {number}",
        "customerDomains": ["acme.com"],
        "user": {"id": "u1", "firstName": "Robin", "lastName": "Rep", "email": "robin.rep@example.com"},
        "direction": "outbound",
        **fields,
    }


def free_port() -> int:
    """One that nobody has now, and that no connection is given by chance: those are from 32768 on."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def noted(what: str) -> AuditRow:
    """What is remembered of something that a test does past the bot."""
    return AuditRow(AuditKind.CHANGED, 0, MONDAY_MORNING, "", "", what, (), 0)


@dataclass
class World:
    slack: EmbeddedSlack
    kickscale: EmbeddedKickscale
    clock: ManualClock
    bot: Bot
    settings: Settings

    async def restart(self) -> None:
        """Stop the bot and start another one on the same database."""
        await self.napping(self.bot.stop())
        self.bot = await start_bot(self.settings, self.clock)

    async def settle(self) -> None:
        """Wait until the bot is done, also with what waits for its turn in a channel: for that time passes.

        Where time passed while it was waited for, something may have become due that was not waited for.
        """
        before = None
        while before != self.clock.now():
            before = self.clock.now()
            await self.napping(self.bot.idle())
            if await self._has_turn_to_come():
                await self.clock.advance(1)

    async def _has_turn_to_come(self) -> bool:
        due = await self.bot.services.database.jobs.next_due((DIGEST.name, CARD.name), ())
        return due is not None and timedelta(0) < due - self.clock.now() <= POST_INTERVAL

    async def napping(self, awaited: Coroutine[Any, Any, T]) -> T:
        """Wait for something, for which time may pass as `ManualClock.napping` says."""
        return await self.clock.napping(awaited)

    async def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass, and wait until the bot is done with what is due by then."""
        await self.clock.advance(seconds)
        await self.settle()

    async def type(self, line: str, user: str = ROBIN, channel: str = SALES) -> None:
        """Type a command, and wait until the bot is done with it."""
        delivery = await self.slack.command(user, channel, line)
        assert not delivery.error, delivery
        await self.settle()

    async def ask(self, line: str, user: str = ROBIN, channel: str = SALES) -> Message:
        """What the asker alone sees last after typing a command."""
        await self.type(line, user, channel)
        return self.slack.ephemerals(channel, user)[-1]

    async def click(self, where: Message | View, button: str, user: str = ROBIN, index: int = 0) -> None:
        """Press a button, and wait until the bot is done with it."""
        delivery = await self.slack.click(user, where, button, index=index)
        assert not delivery.error, delivery
        await self.settle()

    async def share(
        self, name: str, content: bytes | int, user: str = ROBIN, channel: str = SALES, **how: Any
    ) -> Message:
        """Share a file, and wait until the bot is done with it."""
        given = {"size": content} if isinstance(content, int) else {"content": content}
        message = await self.slack.share(user, channel, name, **given, **how)
        await self.settle()
        return message

    async def mention(self, text: str = "", user: str = ROBIN, channel: str = SALES, **how: Any) -> Message:
        """Write to the bot in a channel, and wait until it is done with that."""
        message = await self.slack.mention(user, channel, text, **how)
        await self.settle()
        return message

    async def choose(self, message: Message, user: str = ROBIN) -> None:
        """Choose *Upload to Kickscale* in a message's menu, and wait until the bot is done with that."""
        delivery = await self.slack.message_shortcut(user, message.channel, message, ids.UPLOAD_SHORTCUT)
        assert not delivery.error, delivery
        await self.settle()

    def thread(self, of: Message) -> list[Message]:
        """The bot's messages below one, oldest first."""
        return [each for each in self.slack.posts(of.channel) if each.thread_ts == of.ts]

    async def fill_in(self, user: str = ROBIN, **values: Any) -> None:
        """Tick the attestation, fill in the rest, submit the form, and wait until the bot is done."""
        view = self.slack.open_view(user)
        assert view is not None, "no form is open"
        delivery = await self.slack.submit(user, view, {"attestation": ["yes"], **values})
        assert not delivery.error, delivery
        await self.settle()

    async def fill_in_while_slack_is_busy(self, wait: int, user: str = ROBIN, **values: Any) -> View:
        """Submit the open form while Slack answers who somebody is with 429, for so many seconds; the form then.

        Two seconds pass, and who the person is was last asked for long ago.
        """
        await self.clock.advance(400)
        self.slack.faults.add("users.info", status=429, retry_after=wait)
        view = self.slack.open_view(user)
        assert view is not None, "no form is open"
        submitted = asyncio.ensure_future(self.slack.submit(user, view, values))
        busy = lambda: [each for each in self.slack.calls if (each.method, each.status) == ("users.info", 429)]  # noqa: E731
        await self.slack.wait_for(busy)
        until = self.clock.now() + timedelta(seconds=2)
        while not submitted.done() and self.clock.now() < until:
            await self.clock.advance(0.5)
        delivery = await submitted
        assert not delivery.error, delivery
        await self.settle()
        left = self.slack.open_view(user)
        assert left is not None, "the form was closed"
        return left

    def text(self, what: Message | View | None, reader: str = ROBIN) -> str:
        assert what is not None, "there is nothing to read"
        return self.slack.text(what, reader)

    def calls(self, count: int, *, every: timedelta = timedelta(hours=1), **fields: Any) -> None:
        """Calls c0, c1, …: each `every` before the one before, the newest an hour ago."""
        for number in range(count):
            self.kickscale.add_call(call(number, self.clock.now() - timedelta(hours=1) - number * every, **fields))


async def start_bot(settings: Settings, clock: ManualClock) -> Bot:
    """The whole bot with its listeners, to be stopped by the caller."""
    return await Bot.start(settings, clock, register=register_handlers)


@asynccontextmanager
async def world(
    folder: Path,
    *,
    over: Literal["socket", "http"] = "socket",
    now: datetime = MONDAY_MORNING,
    populated: bool = False,
    **settings: Any,
) -> AsyncIterator[World]:
    """The bot has the scopes and the events of its manifest. Kickscale is empty unless `populated`.

    `settings` go over those that the bot needs.
    """
    clock = ManualClock(now)
    right = clock.right
    state = default_world(right, scopes=frozenset(SCOPES))
    state.subscriptions = frozenset(EVENTS)
    async with (
        EmbeddedKickscale(right, populated=populated) as kickscale,
        EmbeddedSlack(clock=right, limits=NO_LIMITS, state=state, ack_seconds=ACK) as slack,
    ):
        chosen = Settings.explicit(
            **{
                "slack_bot_token": slack.bot_token,
                "slack_app_token": slack.app_token if over == "socket" else "",
                "slack_signing_secret": slack.signing_secret,
                "slack_api_url": slack.api_url,
                "kickscale_base_url": kickscale.base_url,
                "kickscale_api_key": kickscale.api_key,
                "kickscale_client_id": kickscale.client_id,
                "database_path": str(folder / "bot.db"),
                "port": 0 if over == "http" else "",
                **settings,
            }
        )
        here = World(slack, kickscale, clock, await start_bot(chosen, clock), chosen)
        if over == "http":
            slack.request_url = f"{here.bot.address}/slack/events"
        try:
            yield here
        finally:
            await here.napping(here.bot.stop())
