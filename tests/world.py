"""The real bot between an embedded Slack and an embedded Kickscale, over real sockets, with a clock set by hand."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from bot import ids
from bot.announcements.announcements import EVENT_TYPE
from bot.app.lifecycle import Bot
from bot.config.settings import Settings
from bot.digests.job_kinds import CARD, DIGEST
from bot.model.audit import AuditKind, AuditRow
from bot.model.digests import Subscription
from bot.operations.manifest import EVENTS, SCOPES
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack, Message, View, default_world
from bot.slack.messages import POST_INTERVAL
from bot.texts.languages import ENGLISH
from handlers import register_handlers
from tests.clock import MONDAY_MORNING, ManualClock
from tests.databases import database_settings

T = TypeVar("T")

ROBIN, LEA, GUS = "robin.rep", "lea.lead", "gus.guest"
SALES = "sales-acme"
GUESTS = "acme-project"
"""A channel with a guest in it."""
ACK = 30.0
"""Real seconds for an acknowledgement. Slack's three may be too few on a machine that stalls."""


def call(number: int, at: datetime, **fields: Any) -> dict[str, Any]:
    """A call with acme.com, owned by Robin."""
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
    """Return a free port that the system doesn't use for outgoing connections, which get 32768 and above."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def audit_row(what: str) -> AuditRow:
    """Return the audit row of a change that a test makes in the database, without the bot."""
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
        await self.run_to_end(self.bot.stop())
        self.bot = await start_bot(self.settings, self.clock)

    async def settle(self) -> None:
        """Wait until the bot has nothing to do now. While messages wait for their turn in a channel, time passes.

        If time passed meanwhile, more may have become due, so this waits again.
        """
        before = None
        while before != self.clock.now():
            before = self.clock.now()
            await self.run_to_end(self.bot.idle())
            if await self._has_turn_to_come():
                await self.clock.advance(1)

    async def _has_turn_to_come(self) -> bool:
        due = await self.bot.database.jobs.next_due((DIGEST.name, CARD.name), ())
        return due is not None and timedelta(0) < due - self.clock.now() <= POST_INTERVAL

    async def run_to_end(self, awaited: Coroutine[Any, Any, T]) -> T:
        """Wait for something, and let time pass while it sleeps: see `ManualClock.run_to_end`."""
        return await self.clock.run_to_end(awaited)

    async def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass, and wait until the bot has done what is due then."""
        await self.clock.advance(seconds)
        await self.settle()

    async def subscribe(
        self, channel: str = SALES, *, by: str = ROBIN, live: bool = False, **changes: Any
    ) -> Subscription:
        """Write a subscription to acme.com to the database, daily at 8:30 UTC and since yesterday, or `live`."""
        now = self.clock.now()
        subscription = Subscription(
            id="",
            channel=self.slack.state.channel(channel).id,
            domains=("acme.com",),
            timezone="UTC",
            created_by=self.slack.user(by).id,
            created_at=now,
            since=now - timedelta(days=1),
            due_after=now,
            live=live,
        )
        subscriptions = self.bot.database.subscriptions
        return await subscriptions.add(replace(subscription, **changes), audit_row("digest add"))

    async def run_digests_at(self, moment: datetime) -> None:
        """Let time pass until this moment, and wait until the bot has posted the digests that are due then."""
        await self.clock.advance((moment - self.clock.now()).total_seconds())
        await self.bot.services.digests.run_due()
        await self.settle()

    async def look_for_news(self, after: timedelta = timedelta(0)) -> None:
        """Let time pass, and have the bot look for conversations whose live card is missing or out of date."""
        await self.clock.advance(after.total_seconds())
        await self.bot.services.live.poll()
        await self.settle()

    async def type(self, line: str, user: str = ROBIN, channel: str = SALES) -> None:
        """Type a command, and wait until the bot has answered it."""
        delivery = await self.slack.command(user, channel, line)
        assert not delivery.error, delivery
        await self.settle()

    async def ask(self, line: str, user: str = ROBIN, channel: str = SALES) -> Message:
        """Type a command, and return the last message that only the asker sees."""
        await self.type(line, user, channel)
        return self.slack.ephemerals(channel, user)[-1]

    async def click(self, where: Message | View, button: str, user: str = ROBIN, index: int = 0) -> None:
        """Press a button, and wait until the bot has answered it."""
        delivery = await self.slack.click(user, where, button, index=index)
        assert not delivery.error, delivery
        await self.settle()

    async def share(
        self, name: str, content: bytes | int, user: str = ROBIN, channel: str = SALES, **how: Any
    ) -> Message:
        """Share a file, and wait until the bot has noticed it. `content` is the bytes, or only their number."""
        file = {"size": content} if isinstance(content, int) else {"content": content}
        message = await self.slack.share(user, channel, name, **file, **how)
        await self.settle()
        return message

    async def mention(self, text: str = "", user: str = ROBIN, channel: str = SALES, **how: Any) -> Message:
        """Mention the bot in a channel, and wait until it has answered."""
        message = await self.slack.mention(user, channel, text, **how)
        await self.settle()
        return message

    async def write(self, text: str, user: str = ROBIN, **how: Any) -> Message:
        """Write to the bot in its messages tab, and wait until it has answered."""
        message = await self.slack.write(user, text, **how)
        await self.settle()
        return message

    async def catch_up(self) -> None:
        """Let the bot copy what the mirror is to have, and read which customers there are."""
        await self.run_to_end(self.bot.services.reading.catch_up())

    async def learn_customers(self) -> None:
        """Let the bot read which customers there are."""
        await self.run_to_end(self.bot.services.customers.catch_up())

    async def choose_upload(self, message: Message, user: str = ROBIN) -> None:
        """Choose *Upload to Kickscale* in a message's menu, and wait until the bot has answered."""
        delivery = await self.slack.message_shortcut(user, message.channel, message, ids.UPLOAD_SHORTCUT)
        assert not delivery.error, delivery
        await self.settle()

    async def read_audit(self, kind: AuditKind) -> list[dict[str, Any]]:
        """Return the audit's rows of this kind, oldest first."""
        rows: list[dict[str, Any]] = []
        await self.bot.database.audit.export(rows.append, kind=kind)
        return rows

    def posts(self, channel: str) -> list[Message]:
        """Return what the bot posted in a channel, oldest first, without the lines about who changed its settings."""
        return [message for message in self.slack.posts(channel) if not is_announcement(message)]

    def announcements(self, channel: str) -> list[str]:
        """Return the lines about who changed the channel's settings, oldest first."""
        return [
            self.text(message).replace("`", "") for message in self.slack.posts(channel) if is_announcement(message)
        ]

    def thread(self, of: Message) -> list[Message]:
        """Return the bot's messages in a message's thread, oldest first."""
        return [message for message in self.slack.posts(of.channel) if message.thread_ts == of.ts]

    async def submit_upload_form(self, user: str = ROBIN, **values: Any) -> None:
        """Tick the attestation, fill in `values`, submit the form, and wait until the bot has done what follows.

        Where the form doesn't know when a recording began, that was an hour ago.
        """
        view = self.slack.open_view(user)
        assert view is not None, "no form is open"
        entered = {"attestation": ["yes"], **missing_dates(view, self.clock.now() - timedelta(hours=1)), **values}
        delivery = await self.slack.submit(user, view, entered)
        assert not delivery.error, delivery
        await self.settle()

    async def submit_form_while_slack_is_busy(self, wait: int, user: str = ROBIN, **values: Any) -> View:
        """Submit the open form while Slack answers `users.info` with 429, and return the form as it is then.

        Slack asks the bot to `wait` for so many seconds, of which two pass. The person isn't cached any more.
        """
        await self.clock.advance(400)
        self.slack.faults.add("users.info", status=429, retry_after=wait)
        view = self.slack.open_view(user)
        assert view is not None, "no form is open"
        submitted = asyncio.ensure_future(self.slack.submit(user, view, values))
        await self.slack.wait_for(
            lambda: [request for request in self.slack.calls if (request.method, request.status) == ("users.info", 429)]
        )
        until = self.clock.now() + timedelta(seconds=2)
        while not submitted.done() and self.clock.now() < until:
            await self.clock.advance(0.5)
        delivery = await submitted
        assert not delivery.error, delivery
        await self.settle()
        form = self.slack.open_view(user)
        assert form is not None, "the form was closed"
        return form

    def text(self, what: Message | View | None, reader: str = ROBIN) -> str:
        assert what is not None, "there is nothing to read"
        return self.slack.text(what, reader)

    def add_calls(self, count: int, *, every: timedelta = timedelta(hours=1), **fields: Any) -> None:
        """Add the calls c0, c1, …: the newest began an hour ago, and the others at intervals of `every` before it."""
        for number in range(count):
            self.kickscale.add_call(call(number, self.clock.now() - timedelta(hours=1) - number * every, **fields))


def missing_dates(view: View, at: datetime) -> dict[str, Any]:
    """Return `at` for each input of a form that asks for a moment and is empty, by its block_id."""
    inputs = [block for block in view.payload["blocks"] if block["type"] == "input"]
    return {
        block["block_id"]: at
        for block in inputs
        if block["element"]["type"] == "datetimepicker" and "initial_date_time" not in block["element"]
    }


def is_error(answer: Message | View) -> bool:
    """Return whether the bot says that something went wrong."""
    blocks = answer.blocks if isinstance(answer, Message) else answer.payload["blocks"]
    return str(blocks[0]["block_id"]).startswith(ids.ERROR)


def is_announcement(message: Message) -> bool:
    return message.metadata is not None and message.metadata["event_type"] == EVENT_TYPE


def kickscale_settings(kickscale: EmbeddedKickscale) -> dict[str, str]:
    """Return the settings with which a bot reads Kickscale."""
    return {
        "kickscale_base_url": kickscale.base_url,
        "kickscale_api_key": kickscale.api_key,
        "kickscale_client_id": kickscale.client_id,
    }


def service_settings(slack: EmbeddedSlack, kickscale: EmbeddedKickscale) -> dict[str, str]:
    """Return the settings with which a bot in Socket Mode stands between the two."""
    return {
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_api_url": slack.api_url,
        **kickscale_settings(kickscale),
    }


def environment_of(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables for these settings."""
    return {name.upper(): value for name, value in settings.items()}


async def start_bot(settings: Settings, clock: ManualClock) -> Bot:
    """Start the whole bot with its listeners. The caller stops it."""
    return await Bot.start(settings, clock, register=register_handlers)


@asynccontextmanager
async def world(
    folder: Path,
    *,
    over: Literal["socket", "http"] = "socket",
    now: datetime = MONDAY_MORNING,
    populated: bool = False,
    language: str = ENGLISH,
    **settings: Any,
) -> AsyncIterator[World]:
    """Start everything. The bot has its manifest's scopes and events.

    Kickscale is empty unless `populated`: then it has the sample data of a company whose language is `language`.

    `settings` override the ones that the bot needs.
    """
    clock = ManualClock(now)
    right = clock.right
    state = default_world(right, scopes=frozenset(SCOPES))
    state.subscriptions = frozenset(EVENTS)
    async with (
        EmbeddedKickscale(right, populated=populated, language=language) as kickscale,
        EmbeddedSlack(clock=right, limits=NO_LIMITS, state=state, ack_seconds=ACK) as slack,
    ):
        chosen = Settings.explicit(
            **{
                **service_settings(slack, kickscale),
                **({"slack_app_token": "", "port": 0} if over == "http" else {"port": ""}),
                "slack_signing_secret": slack.signing_secret,
                **database_settings(folder),
                **settings,
            }
        )
        here = World(slack, kickscale, clock, await start_bot(chosen, clock), chosen)
        # The bot reads this in the background. After that, it asks Kickscale for nothing by itself.
        await kickscale.requests.until(lambda log: any(request.ended for request in log.on("/swagger-json")))
        if over == "http":
            slack.request_url = f"{here.bot.address}/slack/events"
        try:
            yield here
        finally:
            await here.run_to_end(here.bot.stop())
